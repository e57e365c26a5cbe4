// Time as the project speaks of it. Deadlines and rates use the monotonic clock; what people see uses the
// wall clock. Sans-I/O code takes `now` as an argument; everything else takes a Clock, so that tests can hold
// the time still.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace base {

using MonotonicTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::nanoseconds;

// Safe to call from any thread.
class Clock {
  public:
    virtual ~Clock() = default;
    virtual MonotonicTime now() const = 0;
    virtual WallTime wall() const = 0;
};

class SystemClock final : public Clock {
  public:
    MonotonicTime now() const override { return std::chrono::steady_clock::now(); }
    WallTime wall() const override { return std::chrono::system_clock::now(); }
};

// Moves only when told to. For tests; one thread.
class ManualClock final : public Clock {
  public:
    MonotonicTime now() const override { return now_; }
    WallTime wall() const override { return wall_; }
    void advance(Duration by) {
        now_ += std::chrono::duration_cast<MonotonicTime::duration>(by);
        wall_ += std::chrono::duration_cast<WallTime::duration>(by);
    }
    void set_wall(WallTime wall) { wall_ = wall; }

  private:
    MonotonicTime now_{std::chrono::hours(1)};
    WallTime wall_{std::chrono::seconds(1'790'000'000)};
};

// RFC 3339 in UTC with milliseconds: "2026-01-31T12:00:00.000Z".
std::string to_rfc3339(WallTime time);
// Any RFC 3339 date-time, with fraction and offset; nothing on other text, or outside the years 1970 to 2261.
std::optional<WallTime> from_rfc3339(std::string_view text);

inline std::int64_t unix_millis(WallTime time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
inline WallTime from_unix_millis(std::int64_t millis) {
    return WallTime(std::chrono::milliseconds(millis));
}

}  // namespace base
