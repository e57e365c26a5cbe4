#include "service/playback_directory.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/context.h"
#include "service/livestream_records.h"
#include "service/login_guard.h"
#include "service/rate_limiter.h"
#include "service/worker_pool.h"
#include "store/store.h"

namespace service {
namespace {

// base::random_id("") has 22; room for others that a later version may make.
constexpr std::size_t min_playback_id = 16;
constexpr std::size_t max_playback_id = 64;

bool is_playback_id(const std::string& text) {
    return text.size() >= min_playback_id && text.size() <= max_playback_id &&
           std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
           });
}

base::Error cannot_look() {
    return {base::ErrorCode::unavailable,
            "The server is busy or cannot reach its database: try again in a few seconds.", "unavailable"};
}

}  // namespace

base::Error playback_not_found() {
    return {base::ErrorCode::not_found, "There is nothing to play here.", "playback_not_found"};
}

class PlaybackDirectory::State : public std::enable_shared_from_this<PlaybackDirectory::State> {
  public:
    State(Context& context, WorkerPool& workers, base::LimitHits& hits, PlaybackDirectorySettings settings)
        : context_(context),
          workers_(workers),
          hits_(hits),
          settings_(settings),
          guesses_(context.clock, settings.guesses_per_minute, std::chrono::minutes(1)) {}

    void find(const std::string& playback_id, const std::string& client_address, Answer answer) {
        if (auto known = known_now(playback_id)) return answer(std::move(*known));
        const std::string network = client_network(client_address);
        if (const auto wait = guesses_.wait(network)) {
            hits_.add("playback_guesses_per_minute");
            return answer(base::fail(
                rate_limited(*wait, "Too many playback ids that are not there, from your network.")));
        }
        {
            const std::lock_guard lock(mutex_);
            const auto asked = lookups_.find(playback_id);
            if (asked != lookups_.end()) {
                asked->second.push_back(std::move(answer));
                return;
            }
            if (!stopped_ && lookups_.size() < settings_.max_lookups) {
                lookups_[playback_id].push_back(std::move(answer));
                answer = nullptr;
            }
        }
        if (answer) {
            hits_.add("playback_lookups");
            return answer(base::fail(cannot_look()));
        }
        if (!workers_.post([self = shared_from_this(), playback_id, network] {
                auto found = self->look(playback_id);
                if (!found && found.error().code == base::ErrorCode::not_found) self->guesses_.count(network);
                self->settle(playback_id, found);
            })) {
            hits_.add("playback_lookups");
            settle(playback_id, base::fail(cannot_look()));
        }
    }

    base::Result<PlaybackPlace> find_now(const std::string& playback_id) {
        if (auto known = known_now(playback_id)) return std::move(*known);
        return look(playback_id);
    }

    std::optional<base::Result<PlaybackPlace>> known_now(const std::string& playback_id) const {
        if (!is_playback_id(playback_id)) return base::fail(playback_not_found());
        return in_memory(playback_id);
    }

    std::size_t known() const {
        const std::lock_guard lock(mutex_);
        return known_.size();
    }

    void stop() {
        std::unordered_map<std::string, std::vector<Answer>> dropped;
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        dropped.swap(lookups_);
    }

  private:
    std::optional<base::Result<PlaybackPlace>> in_memory(const std::string& playback_id) const {
        PlaybackPlace place;
        {
            const std::lock_guard lock(mutex_);
            const auto found = known_.find(playback_id);
            if (found == known_.end()) {
                const auto unknown = unknown_.find(playback_id);
                if (unknown == unknown_.end() || unknown->second <= context_.clock.now()) return std::nullopt;
                return base::fail(playback_not_found());
            }
            place.id = found->second;
        }
        auto live = context_.board.place(place.id);
        if (!live) return std::nullopt;
        place.live = std::move(*live);
        return place;
    }

    // Reads what the board has to know of it.
    base::Result<PlaybackPlace> look(const std::string& playback_id) {
        const auto station = context_.store.stations().find_by_playback_id(playback_id);
        if (!station) return base::fail(cannot_look());
        PlaybackPlace place;
        if (*station) {
            place.id = (*station)->id;
            context_.board.learn_station(place.id, brief_of(**station));
            if (const auto session = context_.board.of_stream(place.id); session && session->livestream_id) {
                const auto show =
                    context_.store.livestreams().get(store::Scope::all(), *session->livestream_id);
                if (show) context_.board.learn(show->id, brief_of(*show));
            }
        } else {
            const auto livestream = context_.store.livestreams().find_by_playback_id(playback_id);
            if (!livestream) return base::fail(cannot_look());
            if (!*livestream) {
                remember_unknown(playback_id);
                return base::fail(playback_not_found());
            }
            place.id = (*livestream)->id;
            context_.board.learn(place.id, brief_of(**livestream));
        }
        {
            const std::lock_guard lock(mutex_);
            if (known_.size() >= settings_.max_known) known_.erase(known_.begin());
            known_.insert_or_assign(playback_id, place.id);
            unknown_.erase(playback_id);
        }
        auto live = context_.board.place(place.id);
        if (!live) return base::fail(cannot_look());
        place.live = std::move(*live);
        return place;
    }

    void remember_unknown(const std::string& playback_id) {
        const std::lock_guard lock(mutex_);
        known_.erase(playback_id);
        if (unknown_.size() >= settings_.max_unknown) unknown_.clear();
        unknown_.insert_or_assign(playback_id, context_.clock.now() + settings_.unknown_for);
    }

    void settle(const std::string& playback_id, const base::Result<PlaybackPlace>& found) {
        std::vector<Answer> waiting;
        {
            const std::lock_guard lock(mutex_);
            const auto lookup = lookups_.find(playback_id);
            if (lookup == lookups_.end()) return;
            waiting = std::move(lookup->second);
            lookups_.erase(lookup);
        }
        for (const Answer& answer : waiting) answer(found);
    }

    Context& context_;
    WorkerPool& workers_;
    base::LimitHits& hits_;
    const PlaybackDirectorySettings settings_;
    RateLimiter guesses_;
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::string> known_;
    // Until when.
    std::unordered_map<std::string, base::MonotonicTime> unknown_;
    std::unordered_map<std::string, std::vector<Answer>> lookups_;
    bool stopped_ = false;
};

PlaybackDirectory::PlaybackDirectory(Context& context, WorkerPool& workers, base::LimitHits& hits,
                                     PlaybackDirectorySettings settings)
    : state_(std::make_shared<State>(context, workers, hits, settings)) {}

PlaybackDirectory::~PlaybackDirectory() {
    stop();
}

void PlaybackDirectory::find(const std::string& playback_id, const std::string& client_address,
                             Answer answer) {
    state_->find(playback_id, client_address, std::move(answer));
}

std::optional<base::Result<PlaybackPlace>> PlaybackDirectory::known_now(
    const std::string& playback_id) const {
    return state_->known_now(playback_id);
}

base::Result<PlaybackPlace> PlaybackDirectory::find_now(const std::string& playback_id) {
    return state_->find_now(playback_id);
}

std::size_t PlaybackDirectory::known() const {
    return state_->known();
}

void PlaybackDirectory::stop() {
    state_->stop();
}

}  // namespace service
