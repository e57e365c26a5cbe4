#include "service/playback_desk.h"

#include <algorithm>
#include <cctype>
#include <mutex>
#include <utility>
#include <vector>

#include "output/live_flv.h"
#include "output/live_hls.h"
#include "service/context.h"
#include "service/playback_card.h"
#include "service/playback_seat.h"
#include "service/rate_limiter.h"
#include "service/replays.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::string_view multivariant_playlist = "index.m3u8";
constexpr std::string_view poster_file = "thumbnail.jpg";
constexpr std::size_t max_asset_id = 64;
// Seconds.
constexpr const char* retry_when_short = "5";

bool is_asset_id(const std::string& text) {
    return text.size() > 3 && text.size() <= max_asset_id && text.starts_with("as_") &&
           std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

std::string query_of(const std::string& token) {
    return token.empty() ? token : "?token=" + token;
}

}  // namespace

class PlaybackDesk::State : public std::enable_shared_from_this<PlaybackDesk::State> {
  public:
    State(Context& context, PlaybackMedia media, WorkerPool& workers, base::LimitHits& hits,
          const BroadcastSettings& broadcasts, const PlaybackSettings& settings)
        : context_(context),
          media_(media),
          settings_(settings),
          hits_(hits),
          directory_(context, workers, hits, settings.directory),
          rights_(context, media.replays, workers, hits, settings.rights),
          sessions_(context.store.keys().key(crypto::Purpose::playback_token), context.clock, hits,
                    settings.sessions),
          audience_(context, hits, settings.audience),
          cards_(context, broadcasts, rights_, sessions_,
                 [this](const std::string& stream_id) { return poster_of(stream_id).has_value(); }) {}

    // Whom a playback id may be played for, and the token that the next question has to show: empty where
    // nothing has to be.
    struct Admitted {
        PlaybackPlace place;
        std::string user_id;
        std::string token;
    };

    void admit(const std::string& playback_id, const Viewer& viewer,
               std::function<void(base::Result<Admitted>)> answer) {
        directory_.find(playback_id, viewer.client_address,
                        [self = shared_from_this(), playback_id, token = viewer.token,
                         answer = std::move(answer)](base::Result<PlaybackPlace> place) mutable {
                            if (!place) return answer(base::fail(std::move(place.error())));
                            self->admit_at(std::move(*place), playback_id, token, std::move(answer));
                        });
    }

    void live(LiveQuestion question, Viewer viewer, ContentAnswer answer) {
        // Nearly all questions are these, and need nothing made for a later time.
        if (auto known = directory_.known_now(question.playback_id)) {
            if (!*known) return answer(base::fail(std::move(known->error())));
            if (!(*known)->live.restricted())
                return ask_hls(std::move(question), viewer, Admitted{std::move(**known), {}, {}},
                               std::move(answer));
        }
        const std::string playback_id = question.playback_id;
        const Viewer shown = viewer;
        admit(playback_id, shown,
              [self = shared_from_this(), question = std::move(question), viewer = std::move(viewer),
               answer = std::move(answer)](base::Result<Admitted> admitted) mutable {
                  if (!admitted) return answer(base::fail(std::move(admitted.error())));
                  self->ask_hls(std::move(question), viewer, *admitted, std::move(answer));
              });
    }

    void seat(const std::string& playback_id, const Viewer& viewer,
              std::function<void(base::Result<Admission>)> answer) {
        if (auto room = room_for_one(); !room) return answer(base::fail(std::move(room.error())));
        admit(playback_id, viewer,
              [self = shared_from_this(), playback_id,
               answer = std::move(answer)](base::Result<Admitted> admitted) {
                  if (!admitted) return answer(base::fail(std::move(admitted.error())));
                  const std::string& stream_id = admitted->place.live.stream_id;
                  auto permit = std::make_shared<PlaybackSeat>(playback_id, admitted->user_id,
                                                               self->audience_.sit(stream_id),
                                                               self->context_.clock.now());
                  {
                      const std::lock_guard lock(self->mutex_);
                      self->seats_.push_back(permit);
                  }
                  answer(Admission{stream_id, std::move(permit)});
              });
    }

    void live_flv(const std::string& playback_id, const Viewer& viewer, StreamAnswer answer) {
        seat(playback_id, viewer,
             [self = shared_from_this(), answer = std::move(answer)](base::Result<Admission> admission) {
                 if (!admission) return answer(base::fail(std::move(admission.error())));
                 auto source = self->media_.flv.open(admission->stream_id);
                 if (!source) return answer(base::fail(std::move(source.error())));
                 answer(std::make_shared<PermittedSource>(std::move(*source), std::move(admission->permit)));
             });
    }

    void vod(const std::string& asset_id, const std::string& file, const Viewer& viewer,
             ContentAnswer answer) {
        if (!media_.replays || !is_asset_id(asset_id))
            return answer(base::fail(base::ErrorCode::not_found, "There is no such recording."));
        if (file == multivariant_playlist) {
            if (auto room = room_for_one(); !room) return answer(base::fail(std::move(room.error())));
        }
        const auto give = [self = shared_from_this(), asset_id, file, answer](const std::string& token) {
            self->media_.replays->ask(
                {asset_id, file, query_of(token)},
                [answer, restricted = !token.empty()](base::Result<media::Content> content) {
                    if (content && restricted) content->personal = true;
                    answer(std::move(content));
                });
        };
        // Most are open to everybody; only what is not asks who is there.
        rights_.ask("", asset_id,
                    [self = shared_from_this(), asset_id, give, token = viewer.token,
                     network = client_network(viewer.client_address), is_picture = file == poster_file,
                     answer = std::move(answer)](const base::Result<>& open) {
                        if (open) return give({});
                        if (open.error().code != base::ErrorCode::forbidden)
                            return answer(base::fail(open.error()));
                        // A list shows many pictures: they take no place of those who play.
                        if (is_picture) return self->with_right(asset_id, token, give, answer);
                        self->with_token(
                            asset_id, asset_id, token,
                            [give, answer](base::Result<Kept> kept) {
                                if (!kept) return answer(base::fail(std::move(kept.error())));
                                give(kept->token);
                            },
                            network);
                    });
    }

    base::Result<PlaybackCard> card(const Actor& actor, const std::string& playback_id,
                                    const Viewer& viewer) {
        const auto place = directory_.find_now(playback_id);
        if (!place) return base::fail(place.error());
        return cards_.make(actor, playback_id, *place, viewer);
    }

    void tick() {
        for (const auto& seat : taken_seats()) {
            seat->stayed();
            ask_again(seat);
        }
        audience_.tick();
        sessions_.sweep();
        rights_.sweep();
    }

    PlaybackFigures figures() {
        return {audience_.figures(), sessions_.count(), rights_.count(), directory_.known(),
                taken_seats().size()};
    }

    void stop() {
        directory_.stop();
        rights_.stop();
        audience_.write_all();
    }

  private:
    using SeatPtr = std::shared_ptr<PlaybackSeat>;

    struct Kept {
        std::string user_id;
        std::string token;
    };

    // Whoever begins to watch asks for it; those who watch already are not asked.
    base::Result<> room_for_one() const {
        if (!media_.memory || !media_.memory->refuses_viewers()) return {};
        hits_.add("memory_bytes");
        return base::fail({base::ErrorCode::unavailable,
                           "The server has no memory for more viewers just now. Try again in a moment.",
                           "",
                           {{"retryAfter", retry_when_short}}});
    }

    // The token is of this subject, and its user may watch `what` now.
    void with_token(const std::string& subject, const std::string& what, const std::string& token,
                    std::function<void(base::Result<Kept>)> answer, const std::string& network = {}) {
        auto claims = sessions_.read(subject, token, network);
        if (!claims) return answer(base::fail(std::move(claims.error())));
        const std::string user_id = claims->user_id;
        rights_.ask(user_id, what,
                    [self = shared_from_this(), subject, network, claims = std::move(*claims),
                     answer = std::move(answer)](const base::Result<>& may) {
                        if (!may) return answer(base::fail(may.error()));
                        auto next = self->sessions_.keep(subject, claims, network);
                        if (!next) return answer(base::fail(std::move(next.error())));
                        answer(Kept{claims.user_id, std::move(*next)});
                    });
    }

    // The same for one answer alone: no session begins.
    void with_right(const std::string& asset_id, const std::string& token,
                    std::function<void(const std::string& token)> give, ContentAnswer answer) {
        auto claims = sessions_.read(asset_id, token);
        if (!claims) return answer(base::fail(std::move(claims.error())));
        rights_.ask(claims->user_id, asset_id,
                    [token, give = std::move(give), answer = std::move(answer)](const base::Result<>& may) {
                        if (!may) return answer(base::fail(may.error()));
                        give(token);
                    });
    }

    void admit_at(PlaybackPlace place, const std::string& playback_id, const std::string& token,
                  std::function<void(base::Result<Admitted>)> answer) {
        if (!place.live.restricted()) return answer(Admitted{std::move(place), {}, {}});
        const std::string what = place.live.livestream_id;
        with_token(playback_id, what, token,
                   [place = std::move(place), answer = std::move(answer)](base::Result<Kept> kept) {
                       if (!kept) return answer(base::fail(std::move(kept.error())));
                       answer(Admitted{place, std::move(kept->user_id), std::move(kept->token)});
                   });
    }

    void ask_hls(LiveQuestion question, const Viewer& viewer, const Admitted& admitted,
                 ContentAnswer answer) {
        if (question.file == poster_file)
            return give_poster(admitted.place.live.stream_id, !admitted.token.empty(), answer);
        const bool begins = question.file == multivariant_playlist;
        if (begins) {
            if (auto room = room_for_one(); !room) return answer(base::fail(std::move(room.error())));
        }
        output::HlsQuestion wanted;
        wanted.stream_id = admitted.place.live.stream_id;
        wanted.file = std::move(question.file);
        wanted.msn = std::move(question.msn);
        wanted.part = std::move(question.part);
        wanted.skip = std::move(question.skip);
        wanted.plain = question.plain;
        wanted.uri_query = query_of(admitted.token);
        if (begins) wanted.playlist_query = "viewer=" + audience_.viewer_id(question.playback_id);
        const bool personal = begins || !admitted.token.empty();
        const std::string stream_id = wanted.stream_id;
        media_.hls.ask(std::move(wanted),
                       [self = shared_from_this(), playback_id = std::move(question.playback_id),
                        session = begins ? std::string() : viewer.session, stream_id, personal,
                        answer = std::move(answer)](base::Result<media::Content> content) {
                           if (content) {
                               content->personal = content->personal || personal;
                               // Whoever gets nothing does not watch.
                               if (!session.empty()) self->audience_.seen(playback_id, session, stream_id);
                           }
                           answer(std::move(content));
                       });
    }

    std::optional<media::Content> poster_of(const std::string& stream_id) const {
        return media_.poster ? media_.poster(stream_id) : std::nullopt;
    }

    void give_poster(const std::string& stream_id, bool restricted, const ContentAnswer& answer) {
        auto poster = poster_of(stream_id);
        if (!poster)
            return answer(base::fail(base::ErrorCode::not_found, "There is no picture of this stream yet."));
        poster->personal = poster->personal || restricted;
        answer(std::move(*poster));
    }

    std::vector<SeatPtr> taken_seats() {
        const std::lock_guard lock(mutex_);
        std::vector<SeatPtr> taken;
        taken.reserve(seats_.size());
        std::erase_if(seats_, [&](const std::weak_ptr<PlaybackSeat>& seat) {
            auto held = seat.lock();
            if (!held) return true;
            taken.push_back(std::move(held));
            return false;
        });
        return taken;
    }

    void ask_again(const SeatPtr& seat) {
        const auto place = directory_.find_now(seat->playback_id);
        if (!place) return judge(seat, base::fail(place.error()));
        if (!place->live.restricted()) return judge(seat, {});
        // What restricts it came after it had begun: nobody is known to sit there.
        if (seat->user_id.empty()) return judge(seat, base::fail(playback_refused()));
        rights_.ask(seat->user_id, place->live.livestream_id,
                    [self = shared_from_this(), seat](const base::Result<>& may) { self->judge(seat, may); });
    }

    void judge(const SeatPtr& seat, const base::Result<>& may) {
        const auto now = context_.clock.now();
        if (may) {
            seat->good_at = now;
        } else if (may.error().code != base::ErrorCode::unavailable) {
            seat->revoke();
        } else if (!seat->user_id.empty() && now - seat->good_at.load() > settings_.unasked) {
            seat->revoke();
        }
    }

    Context& context_;
    const PlaybackMedia media_;
    const PlaybackSettings settings_;
    base::LimitHits& hits_;
    PlaybackDirectory directory_;
    PlaybackRights rights_;
    PlaybackSessions sessions_;
    Audience audience_;
    PlaybackCards cards_;
    std::mutex mutex_;
    std::vector<std::weak_ptr<PlaybackSeat>> seats_;
};

PlaybackDesk::PlaybackDesk(Context& context, PlaybackMedia media, WorkerPool& workers, base::LimitHits& hits,
                           const BroadcastSettings& broadcasts, const PlaybackSettings& settings)
    : state_(std::make_shared<State>(context, media, workers, hits, broadcasts, settings)) {}

PlaybackDesk::~PlaybackDesk() {
    stop();
}

void PlaybackDesk::live(LiveQuestion question, Viewer viewer, ContentAnswer answer) {
    state_->live(std::move(question), std::move(viewer), std::move(answer));
}

void PlaybackDesk::live_flv(std::string playback_id, Viewer viewer, StreamAnswer answer) {
    state_->live_flv(playback_id, viewer, std::move(answer));
}

void PlaybackDesk::vod(std::string asset_id, std::string file, Viewer viewer, ContentAnswer answer) {
    state_->vod(asset_id, file, viewer, std::move(answer));
}

base::Result<PlaybackCard> PlaybackDesk::card(const Actor& actor, const std::string& playback_id,
                                              const Viewer& viewer) {
    return state_->card(actor, playback_id, viewer);
}

void PlaybackDesk::admit(std::string playback_id, Viewer viewer,
                         std::function<void(base::Result<Admission>)> answer) {
    state_->seat(playback_id, viewer, std::move(answer));
}

void PlaybackDesk::tick() {
    state_->tick();
}

PlaybackFigures PlaybackDesk::figures() const {
    return state_->figures();
}

void PlaybackDesk::stop() {
    state_->stop();
}

}  // namespace service
