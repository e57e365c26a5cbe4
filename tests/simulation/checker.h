// Checker: holds what one connection received against what was published: from a keyframe on, every message's
// type, time and bytes, in order, nothing missing; a destination that is too slow may miss whole groups of
// pictures and must then get the headers that changed meanwhile. One thread.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "protocol/rtmp/message.h"
#include "simulation/reference.h"

namespace simulation {

class Checker {
  public:
    // `find` gives the reference of an id, null for none.
    Checker(World& world, int who, bool exact, std::function<const Reference*(std::uint32_t)> find)
        : world_(world), who_(who), exact_(exact), find_(std::move(find)) {}

    void message(const protocol::rtmp::Message& message);

    // The stream that is received; null before its first frame.
    const Reference* reference() const { return reference_; }
    // The newest entry received, the first coded one; none before it.
    std::int64_t current() const { return current_; }
    std::int64_t first() const { return first_; }

  private:
    struct Held {
        std::int64_t index;
        std::uint32_t timestamp;
    };

    bool identify(const protocol::rtmp::Message& message, Held& held);
    void start_or_skip(const Held& at);
    std::int64_t expected_time(std::int64_t index) const;
    void require_time(const Held& held, std::int64_t at_index);
    void require(bool holds, const char* rule, std::int64_t value) {
        world_.require(holds, rule, who_, value);
    }

    World& world_;
    int who_;
    bool exact_;
    std::function<const Reference*(std::uint32_t)> find_;

    const Reference* reference_ = nullptr;
    std::int64_t first_ = Reference::none;
    std::int64_t current_ = Reference::none;
    std::optional<std::int64_t> base_ms_;
    // Headers that came out of turn: before the first frame, or after a gap.
    std::vector<Held> headers_;
    std::array<std::uint32_t, 3> latest_{};  // by kind, coded frames only
};

}  // namespace simulation
