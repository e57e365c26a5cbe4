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

base::ByteSource::Pull EventStream::pull(base::MonotonicTime now, base::GatherList& out) {
    std::string text;
    if (!greeted_) {
        text = http::sse_retry(retry_millis);
        greeted_ = true;
    }
    const base::WallTime wall = clock_.wall();
    const bool over = subscription_->closed() || (actor_.expires_at && wall >= *actor_.expires_at);
    if (!over) {
        for (const service::HubEventPtr& event : subscription_->take())
            text += http::sse_event(event->id, event->type, to_text(event->data));
        if (text.empty() && now - last_sent_ >= heartbeat) text = http::sse_comment("still here");
    }
    if (!text.empty()) {
        last_sent_ = now;
        const auto shared = std::make_shared<const std::string>(std::move(text));
        out.add_view(base::as_bytes(*shared));
        out.keep(shared);
    }
    if (over) return {.end = true};

    Pull pull{.next = last_sent_ + heartbeat};
    if (actor_.expires_at) {
        const auto left =
            std::chrono::duration_cast<base::MonotonicTime::duration>(*actor_.expires_at - wall);
        pull.next = std::min(pull.next, now + left);
    }
    return pull;
}

}  // namespace api::rest
