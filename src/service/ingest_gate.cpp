#include "service/ingest_gate.h"

#include "base/limit_hits.h"
#include "service/convert.h"
#include "service/live_board.h"
#include "service/login_guard.h"
#include "service/playback_desk.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

// The same for a key that never existed, one that was replaced, and one that is no key at all.
base::Error unknown_key() {
    return {base::ErrorCode::refused,
            "This stream key is not valid. Copy it again from your station or livestream.",
            "stream_key_refused"};
}

base::Error refused(std::string why) {
    return {base::ErrorCode::refused, std::move(why), "stream_key_refused"};
}

base::Error busy() {
    return {base::ErrorCode::unavailable,
            "The server is busy or cannot reach its database: try again in a few seconds.", "unavailable"};
}

base::Error nothing_to_play() {
    return {base::ErrorCode::refused, "There is nothing to play here.", "playback_refused"};
}

// Players cannot do much with why, people can: a right that is missing is told, an id that is not there is
// not.
base::Error told(base::Error error) {
    if (error.code == base::ErrorCode::not_found) return nothing_to_play();
    if (error.code == base::ErrorCode::forbidden) {
        error.code = base::ErrorCode::refused;
        error.message += " Over RTMP its token stands behind the playback id: ?token=…";
    }
    return error;
}

bool counts_as_guess(const base::Error& error) {
    return error.code == base::ErrorCode::refused;
}

}  // namespace

IngestGate::IngestGate(store::Store& store, const LiveBoard& board, WorkerPool& pool,
                       const base::Clock& clock, GateSettings settings, PlaybackDesk* playback)
    : store_(store),
      board_(board),
      pool_(pool),
      settings_(std::move(settings)),
      playback_(playback),
      failures_(clock, settings_.failures_per_minute, std::chrono::minutes(1)) {}

IngestGate::~IngestGate() = default;

void IngestGate::authorise(ingest::PublishRequest request,
                           std::function<void(base::Result<ingest::PublishGrant>)> answer) {
    const std::string network = client_network(request.client_address);
    // Who has guessed too often waits before each further answer, right or wrong.
    const auto wait = failures_.wait(network);
    auto work = [this, key = std::move(request.stream_key), network, answer, late = wait.has_value()] {
        auto grant = may_publish(key);
        if (!grant && counts_as_guess(grant.error())) {
            failures_.count(network);
            if (late)
                grant =
                    base::fail(base::about_limit("stream_key_failures_per_minute", std::move(grant).error()));
        }
        answer(std::move(grant));
    };
    bool taken = false;
    if (!wait) {
        taken = pool_.post(std::move(work));
    } else if (delayed_.fetch_add(1) < max_delayed) {
        taken = pool_.post_after(settings_.failure_delay, [this, held = std::move(work)] {
            delayed_.fetch_sub(1);
            held();
        });
        if (!taken) delayed_.fetch_sub(1);
    } else {
        delayed_.fetch_sub(1);
        return answer(base::fail(
            base::about_limit("stream_key_answers_delayed",
                              rate_limited(*wait, "Too many wrong stream keys from your network."))));
    }
    if (!taken) answer(base::fail(base::about_limit("gate_queue", busy())));
}

void IngestGate::authorise(ingest::PlayRequest request,
                           std::function<void(base::Result<ingest::PlayGrant>)> answer) {
    if (!playback_) return answer(base::fail(nothing_to_play()));
    const Viewer viewer{std::move(request.token), {}, std::move(request.client_address)};
    playback_->admit(
        std::move(request.playback_id), viewer,
        [answer = std::move(answer)](base::Result<PlaybackDesk::Admission> admission) {
            if (!admission) return answer(base::fail(told(std::move(admission.error()))));
            answer(ingest::PlayGrant{std::move(admission->stream_id), std::move(admission->permit)});
        });
}

base::Result<ingest::PublishGrant> IngestGate::check(const base::Secret& stream_key,
                                                     const std::string& address) {
    const std::string network = client_network(address);
    if (const auto wait = failures_.wait(network))
        return base::fail(base::about_limit("stream_key_failures_per_minute",
                                            rate_limited(*wait, "Too many wrong stream keys.")));
    auto grant = may_publish(stream_key);
    if (!grant && counts_as_guess(grant.error())) failures_.count(network);
    return grant;
}

base::Result<ingest::PublishGrant> IngestGate::may_publish(const base::Secret& stream_key) {
    if (stream_key.empty() || stream_key.size() > max_stream_key) return base::fail(unknown_key());
    // Both are asked in any case, so that the time does not tell which of the two a key is near to.
    const auto station = store_.stations().find_by_stream_key(stream_key);
    const auto livestream = store_.livestreams().find_by_stream_key(stream_key);
    if (!station || !livestream) return base::fail(busy());
    if (!*station && !*livestream) return base::fail(unknown_key());
    const std::string& owner_id = *station ? (*station)->owner_id : (*livestream)->owner_id;
    const auto owner = store_.users().get(owner_id);
    if (!owner) return base::fail(busy());
    if (owner->disabled)
        return base::fail(refused("The account that this stream key belongs to is disabled."));
    if (owner->role == store::Role::viewer)
        return base::fail(
            refused("The account that this stream key belongs to may watch, and no longer broadcast."));

    ingest::PublishGrant grant;
    grant.takeover = settings_.takeover;
    grant.grace = settings_.grace;
    if (*station) {
        grant.stream_id = (*station)->id;
        return grant;
    }
    const auto status = to_service((*livestream)->status);
    if (!service::may_publish(status))
        return base::fail(refused(may_change(status, LivestreamStatus::live).error().message));
    const auto session = board_.of_livestream((*livestream)->id);
    if (session && session->stream_id != (*livestream)->id)
        return base::fail(refused("This show runs on its station: publish with the station's stream key."));
    grant.stream_id = (*livestream)->id;
    return grant;
}

}  // namespace service
