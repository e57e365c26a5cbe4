#include "service/event_hub.h"

#include <algorithm>
#include <chrono>

namespace service {

struct EventSubscription::State {
    Actor actor;
    std::function<void()> on_ready;

    std::mutex mutex;
    std::deque<HubEventPtr> queue;
    bool closed = false;

    bool sees(const HubEvent& event) const {
        return event.open || (actor.has(scope_read) && actor.manages(event.owner_id));
    }

    // Whether the listener has to be woken.
    bool push(HubEventPtr event, bool passing = false) {
        const std::lock_guard lock(mutex);
        if (closed || (passing && queue.size() >= max_passing)) return false;
        const bool was_empty = queue.empty();
        if (queue.size() >= max_queued) {
            queue.clear();
            event = resync(event->id);
        } else if (queue.size() == 1 && queue.front()->type == "resync" && overflowed) {
            // Whoever is told to read everything anew needs nothing else until then; the id moves on.
            queue.clear();
            event = resync(event->id);
        }
        overflowed = event->type == "resync";
        queue.push_back(std::move(event));
        return was_empty;
    }

    static HubEventPtr resync(std::uint64_t id) {
        return std::make_shared<const HubEvent>(
            HubEvent{id, "resync", {{"reason", "events were missed: read the state anew"}}, {}, true});
    }

    bool overflowed = false;
};

EventSubscription::~EventSubscription() {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
}

std::vector<HubEventPtr> EventSubscription::take() {
    const std::lock_guard lock(state_->mutex);
    std::vector<HubEventPtr> all(state_->queue.begin(), state_->queue.end());
    state_->queue.clear();
    return all;
}

bool EventSubscription::closed() const {
    const std::lock_guard lock(state_->mutex);
    return state_->closed;
}

// Ids go on from the wall clock, so that a browser's Last-Event-ID from before a restart is smaller than all
// new ones and never mistaken for one of them.
EventHub::EventHub()
    : last_id_(static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                              std::chrono::system_clock::now().time_since_epoch())
                                              .count())
               << 10) {}

EventHub::~EventHub() = default;

std::unique_ptr<EventSubscription> EventHub::subscribe(const Actor& actor, std::optional<std::uint64_t> after,
                                                       std::function<void()> on_ready) {
    auto state = std::make_shared<EventSubscription::State>();
    state->actor = actor;
    state->on_ready = std::move(on_ready);
    bool waiting = false;
    {
        const std::lock_guard lock(mutex_);
        if (after && *after != last_id_) {
            const bool known = !recent_.empty() && recent_.front()->id <= *after + 1 && *after < last_id_;
            if (known) {
                for (const auto& event : recent_)
                    if (event->id > *after && state->sees(*event)) state->push(event);
            } else {
                state->push(EventSubscription::State::resync(last_id_));
            }
            waiting = !state->queue.empty();
        }
        listeners_.push_back(state);
    }
    if (waiting && state->on_ready) state->on_ready();
    return std::unique_ptr<EventSubscription>(new EventSubscription(std::move(state)));
}

void EventHub::publish(std::string_view type, std::string owner_id, bool open, boost::json::object data) {
    hand_out({0, std::string(type), std::move(data), std::move(owner_id), open}, false);
}

void EventHub::publish_passing(std::string_view type, std::string owner_id, boost::json::object data) {
    hand_out({0, std::string(type), std::move(data), std::move(owner_id), false}, true);
}

void EventHub::hand_out(HubEvent told, bool passing) {
    std::vector<std::shared_ptr<EventSubscription::State>> woken;
    {
        const std::lock_guard lock(mutex_);
        told.id = ++last_id_;
        const auto event = std::make_shared<const HubEvent>(std::move(told));
        if (!passing) recent_.push_back(event);
        if (recent_.size() > remembered) recent_.pop_front();
        std::erase_if(listeners_, [&](const auto& weak) {
            auto state = weak.lock();
            if (!state) return true;
            if (state->sees(*event) && state->push(event, passing)) woken.push_back(std::move(state));
            return false;
        });
    }
    for (const auto& state : woken)
        if (state->on_ready) state->on_ready();
}

bool EventHub::heard_by(const std::string& owner_id) const {
    const HubEvent owned{0, {}, {}, owner_id, false};
    const std::lock_guard lock(mutex_);
    return std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& weak) {
        const auto state = weak.lock();
        return state && state->sees(owned);
    });
}

void EventHub::close_where(const std::function<bool(const Actor&)>& matches) {
    std::vector<std::shared_ptr<EventSubscription::State>> closed;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& weak : listeners_)
            if (auto state = weak.lock(); state && matches(state->actor)) closed.push_back(std::move(state));
    }
    for (const auto& state : closed) {
        {
            const std::lock_guard lock(state->mutex);
            state->closed = true;
            state->queue.clear();
        }
        if (state->on_ready) state->on_ready();
    }
}

void EventHub::close_user(const std::string& user_id) {
    close_where([&](const Actor& actor) { return actor.user_id == user_id; });
}

void EventHub::close_session(const std::string& session_id) {
    close_where([&](const Actor& actor) { return !session_id.empty() && actor.session_id == session_id; });
}

void EventHub::close_token(const std::string& token_id) {
    close_where([&](const Actor& actor) { return !token_id.empty() && actor.token_id == token_id; });
}

std::uint64_t EventHub::last_id() const {
    const std::lock_guard lock(mutex_);
    return last_id_;
}

std::size_t EventHub::listeners() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(listeners_.begin(), listeners_.end(),
                                                  [](const auto& weak) { return !weak.expired(); }));
}

}  // namespace service
