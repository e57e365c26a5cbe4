// EventStream: the body of GET /api/events: what the hub has for one listener, as server-sent events.
// Owned by the response; everything runs on the io thread, and the hub's wake-ups come from anywhere.
#pragma once

#include <memory>
#include <optional>

#include "base/byte_source.h"
#include "base/clock.h"
#include "service/actor.h"
#include "service/event_hub.h"

namespace api::rest {

class EventStream final : public base::ByteSource {
  public:
    static constexpr std::chrono::seconds heartbeat{15};
    static constexpr int retry_millis = 2'000;

    // `after`: the last event that the client saw.
    EventStream(service::EventHub& hub, service::Actor actor, std::optional<std::uint64_t> after,
                const base::Clock& clock);

    void start(std::function<void()> wake) override;
    // Ends when the token that opened the stream expires, or the hub closes it (signed out, account
    // disabled, API token deleted).
    Pull pull(base::MonotonicTime now, base::GatherList& out) override;

  private:
    service::EventHub& hub_;
    const service::Actor actor_;
    const std::optional<std::uint64_t> after_;
    const base::Clock& clock_;
    std::unique_ptr<service::EventSubscription> subscription_;
    base::MonotonicTime last_sent_{};
    bool greeted_ = false;
};

}  // namespace api::rest
