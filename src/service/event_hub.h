// EventHub: hands what changed to the browsers that listen (server-sent events). Each listener has a bounded
// queue and sees its own user's events only, admins all, visitors the open ones. Safe from any thread; never
// waits.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "service/actor.h"

namespace service {

struct HubEvent {
    // Rises by one per event over the whole server; the SSE id.
    std::uint64_t id = 0;
    // ingest.started, ingest.changed, ingest.lost, ingest.refused, destination.changed, session.started,
    // session.ended, livestream.changed, health.changed, station.changed, recording.changed,
    // recording.deleted, recording.space, metrics, resync
    std::string type;
    // camelCase, ready to be serialised. Never holds a secret.
    boost::json::object data;
    std::string owner_id;
    // Everybody may see it, signed in or not.
    bool open = false;
};

using HubEventPtr = std::shared_ptr<const HubEvent>;

class EventHub;

// One listener. Ends when it is destroyed.
class EventSubscription {
  public:
    static constexpr std::size_t max_queued = 256;
    // What passes leaves this much of the queue to what happened.
    static constexpr std::size_t max_passing = max_queued / 2;

    ~EventSubscription();
    EventSubscription(const EventSubscription&) = delete;
    EventSubscription& operator=(const EventSubscription&) = delete;

    // All that waits, oldest first. After an overflow, or when what was missed is no longer known, a single
    // `resync` event stands for everything before: the listener has to read the state anew.
    std::vector<HubEventPtr> take();
    // The rights behind it ended (account disabled, signed out, API token deleted): close the connection.
    bool closed() const;

  private:
    friend class EventHub;
    struct State;
    explicit EventSubscription(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::shared_ptr<State> state_;
};

class EventHub {
  public:
    EventHub();
    ~EventHub();

    // `on_ready` is called from any thread, briefly and never under a lock of the caller's, when there is
    // something to take after there was nothing, and when the subscription closes. It must not call back into
    // the hub. `after`: the last id the listener saw (Last-Event-ID); what it missed is given again as far as
    // it is known.
    std::unique_ptr<EventSubscription> subscribe(const Actor& actor, std::optional<std::uint64_t> after,
                                                 std::function<void()> on_ready);

    void publish(std::string_view type, std::string owner_id, bool open, boost::json::object data);
    // For figures that the next ones make good: nobody is given them again after a gap, and a listener who is
    // slow misses them and nothing else.
    void publish_passing(std::string_view type, std::string owner_id, boost::json::object data);
    // Whether anybody listens who sees what is this owner's.
    bool heard_by(const std::string& owner_id) const;
    // Ends the listeners of a user, of one of their sign-ins, or of one of their API tokens.
    void close_user(const std::string& user_id);
    void close_session(const std::string& session_id);
    void close_token(const std::string& token_id);

    std::uint64_t last_id() const;
    std::size_t listeners() const;

  private:
    static constexpr std::size_t remembered = 1'024;
    void close_where(const std::function<bool(const Actor&)>& matches);
    void hand_out(HubEvent event, bool passing);

    mutable std::mutex mutex_;
    std::uint64_t last_id_;
    std::deque<HubEventPtr> recent_;
    std::vector<std::weak_ptr<EventSubscription::State>> listeners_;
};

}  // namespace service
