// First in, first out, for a session's events. Unlike std::deque it keeps its memory, so that a running
// stream's events allocate nothing.
#pragma once

#include <optional>
#include <utility>
#include <vector>

namespace protocol::rtmp {

template <class Event>
class EventQueue {
  public:
    void push(Event event) { events_.push_back(std::move(event)); }

    std::optional<Event> pop() {
        if (next_ == events_.size()) return std::nullopt;
        std::optional<Event> event(std::move(events_[next_++]));
        if (next_ == events_.size()) {
            events_.clear();
            next_ = 0;
        }
        return event;
    }

  private:
    std::vector<Event> events_;
    std::size_t next_ = 0;
};

}  // namespace protocol::rtmp
