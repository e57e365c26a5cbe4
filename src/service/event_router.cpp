#include "service/event_router.h"

#include <algorithm>

namespace service {
namespace {

bool is_state_report(const media::Event& event) {
    return std::holds_alternative<media::OutputChanged>(event) ||
           std::holds_alternative<media::RecordingProgress>(event) ||
           std::holds_alternative<media::IngestChanged>(event);
}

}  // namespace

EventRouter::EventRouter(base::Logger log, Settings settings) : log_(std::move(log)), settings_(settings) {}

EventRouter::~EventRouter() {
    stop();
}

void EventRouter::publish(media::Event event) {
    {
        const std::lock_guard lock(mutex_);
        const std::size_t room = is_state_report(event) ? settings_.capacity / 4 * 3 : settings_.capacity;
        if (queue_.size() >= room) {
            lost_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        queue_.push_back(std::move(event));
    }
    wake_.notify_one();
}

void EventRouter::start(std::function<base::Result<>(const media::Event&)> apply,
                        std::function<void()> tick) {
    apply_ = std::move(apply);
    tick_ = std::move(tick);
    thread_ = std::thread([this] { run(); });
}

void EventRouter::stop(std::chrono::milliseconds patience) {
    if (!thread_.joinable()) return;
    drain(patience);
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

std::size_t EventRouter::queued() const {
    const std::lock_guard lock(mutex_);
    return queue_.size();
}

bool EventRouter::drain(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, patience, [&] { return queue_.empty() && !busy_; });
}

void EventRouter::run() {
    auto next_tick = std::chrono::steady_clock::now() + settings_.tick_interval;
    std::uint64_t lost_told = 0;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (queue_.empty()) wake_.wait_until(lock, next_tick, [&] { return stopping_ || !queue_.empty(); });
        if (stopping_) break;
        if (!queue_.empty()) {
            const media::Event event = std::move(queue_.front());
            queue_.pop_front();
            busy_ = true;
            lock.unlock();
            apply(event);
            lock.lock();
            busy_ = false;
            if (queue_.empty()) idle_.notify_all();
        }
        if (std::chrono::steady_clock::now() < next_tick) continue;
        lock.unlock();
        tick_();
        if (const auto lost_now = lost(); lost_now != lost_told) {
            log_.error("events were lost: the queue to the database is full",
                       {{"lost", lost_now - lost_told}});
            lost_told = lost_now;
        }
        lock.lock();
        next_tick = std::chrono::steady_clock::now() + settings_.tick_interval;
    }
    if (!queue_.empty()) log_.warn("stopped with events not written", {{"events", queue_.size()}});
}

void EventRouter::apply(const media::Event& event) {
    auto delay = settings_.retry_first;
    while (true) {
        const auto written = apply_(event);
        if (written) return;
        if (written.error().code != base::ErrorCode::unavailable) {
            log_.error("an event could not be applied", {{"error", written.error().message}});
            return;
        }
        log_.warn("the database is away: an event waits", {{"error", written.error().message}});
        if (!pause(delay)) return;
        delay = std::min(delay * 2, settings_.retry_max);
    }
}

bool EventRouter::pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, time, [&] { return stopping_; });
}

}  // namespace service
