#include "api/rest/event_stream.h"

#include <algorithm>

#include "api/http/sse.h"
#include "api/rest/json_writer.h"

namespace api::rest {

EventStream::EventStream(service::EventHub& hub, service::Actor actor, std::optional<std::uint64_t> after,
                         const base::Clock& clock)
    : hub_(hub), actor_(std::move(actor)), after_(after), clock_(clock) {}

void EventStream::start(std::function<void()> wake) {
    subscription_ = hub_.subscribe(actor_, after_, std::move(wake));
}

http::BodySource::Piece EventStream::pull(base::MonotonicTime now) {
    Piece piece;
    if (!greeted_) {
        piece.bytes = http::sse_retry(retry_millis);
        greeted_ = true;
    }
    const base::WallTime wall = clock_.wall();
    if (subscription_->closed() || (actor_.expires_at && wall >= *actor_.expires_at)) {
        piece.end = true;
        return piece;
    }
    for (const service::HubEventPtr& event : subscription_->take())
        piece.bytes += http::sse_event(event->id, event->type, to_text(event->data));
    if (piece.bytes.empty() && now - last_sent_ >= heartbeat) piece.bytes = http::sse_comment("still here");
    if (!piece.bytes.empty()) last_sent_ = now;

    piece.next_pull = last_sent_ + heartbeat;
    if (actor_.expires_at) {
        const auto left =
            std::chrono::duration_cast<base::MonotonicTime::duration>(*actor_.expires_at - wall);
        piece.next_pull = std::min(piece.next_pull, now + left);
    }
    return piece;
}

}  // namespace api::rest
