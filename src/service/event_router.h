// EventRouter: takes the engine's facts from its media threads without ever making them wait, and has one
// thread of its own apply them in order. Owned by app/; made before the engine, started when the use-cases
// stand.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "base/result.h"
#include "media/event_sink.h"

namespace service {

class EventRouter final : public media::EventSink {
  public:
    static constexpr std::size_t default_capacity = 16'384;

    struct Settings {
        std::size_t capacity = default_capacity;
        // Between two tries of an event that could not be written; doubles up to retry_max.
        std::chrono::milliseconds retry_first{50};
        std::chrono::milliseconds retry_max{2'000};
        std::chrono::milliseconds tick_interval{1'000};
    };

    EventRouter(base::Logger log, Settings settings);
    explicit EventRouter(base::Logger log) : EventRouter(std::move(log), Settings{}) {}
    ~EventRouter() override;

    // From any media thread: a lock held for a push and nothing more. When the queue is full the event is
    // lost and counted; reports of a state, which the next one makes good, already when it is three quarters
    // full, so that there is room for what happens once.
    void publish(media::Event event) override;

    // `apply` runs on the router's thread, one event after another; `unavailable` (the database is locked or
    // lost) means "again, later", and what follows waits; another error is logged, and the event counted as
    // applied. `tick` runs there too, between events.
    void start(std::function<base::Result<>(const media::Event&)> apply, std::function<void()> tick);
    // Applies what is queued for at most `patience`, then stops. Called by the destructor too.
    void stop(std::chrono::milliseconds patience = std::chrono::milliseconds(2'000));

    std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }
    std::size_t queued() const;
    // Waits until everything published so far was applied. For tests and shutdown; false after `patience`.
    bool drain(std::chrono::milliseconds patience);

  private:
    void run();
    // Until it is written, or the router stops.
    void apply(const media::Event& event);
    bool pause(std::chrono::milliseconds time);

    base::Logger log_;
    const Settings settings_;
    std::function<base::Result<>(const media::Event&)> apply_;
    std::function<void()> tick_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable idle_;
    std::deque<media::Event> queue_;
    bool busy_ = false;
    bool stopping_ = false;
    std::atomic<std::uint64_t> lost_{0};
    std::thread thread_;
};

}  // namespace service
