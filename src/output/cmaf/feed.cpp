#include "output/cmaf/feed.h"

#include <algorithm>

namespace output::cmaf {
namespace {

constexpr std::size_t batch_bytes = 256 * 1024;
// Then others of the loop have their turn: who joins late has seconds to read.
constexpr int batches_at_once = 4;
// Only its age makes a feed lose what it has not read: the log has bounds of its own.
constexpr std::size_t any_size = std::size_t{1} << 40;

constexpr base::WallTime epoch = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);

base::Duration distance(base::MonotonicTime now, base::WallTime wall) {
    return wall.time_since_epoch() - now.time_since_epoch();
}

void raise(std::atomic<std::uint64_t>& value, std::uint64_t to) {
    std::uint64_t known = value.load();
    while (known < to && !value.compare_exchange_weak(known, to)) {
    }
}

}  // namespace

std::uint64_t first_msn(base::WallTime now, std::uint64_t last) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - epoch).count();
    return std::max(static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)), last + 1);
}

Feed::Feed(std::string stream_id, std::shared_ptr<FeedLoop> loop, std::shared_ptr<FeedContext> context)
    : stream_id_(std::move(stream_id)), loop_(std::move(loop)), context_(std::move(context)) {}

void Feed::add(std::shared_ptr<Sink> sink) {
    if (stopped_) return sink->on_left();
    listeners_.push_back({std::move(sink)});
}

void Feed::remove(const std::shared_ptr<Sink>& sink) {
    const auto found = std::find_if(listeners_.begin(), listeners_.end(),
                                    [&](const Listener& listener) { return listener.sink == sink; });
    if (found == listeners_.end()) return;
    listeners_.erase(found);
    sink->on_left();
}

void Feed::stream_available(const std::shared_ptr<hub::Stream>& stream) {
    if (stopped_ || stream->ended() || (subscription_ && subscription_->stream() == stream)) return;
    finish_stream();
    const base::MonotonicTime now = context_->clock.now();
    const base::WallTime wall = context_->clock.wall();
    clock_distance_ = distance(now, wall);
    PackagerSettings settings{.segment_target = context_->settings.segment_target,
                              .part_target = context_->settings.part_target,
                              .first_msn = first_msn(wall, context_->last_msn)};
    raise(context_->last_msn, settings.first_msn);
    packager_.emplace(settings);
    subscription_ = stream->subscribe({.start = hub::StartAt::oldest_keyframe,
                                       .max_age = context_->settings.max_lag,
                                       .max_bytes = any_size},
                                      now);
    dropped_ = 0;
    membership_ = loop_->scheduler.join(stream, *this, context_->settings.flush_window);
    flush();
}

void Feed::stream_gone(const std::shared_ptr<hub::Stream>& stream) {
    if (subscription_ && subscription_->stream() == stream) flush();
}

void Feed::stop() {
    const auto self = shared_from_this();
    stopped_ = true;
    membership_.reset();
    subscription_.reset();
    packager_.reset();
    for (const Listener& listener : std::exchange(listeners_, {})) listener.sink->on_left();
}

void Feed::flush() {
    if (!subscription_) return;
    const auto self = shared_from_this();
    const base::MonotonicTime now = context_->clock.now();
    const base::WallTime wall = context_->clock.wall();
    notice_clock(now, wall);
    hub::BatchPtr recent;
    for (int i = 0; i < batches_at_once; ++i) {
        const hub::BatchPtr batch = subscription_->read(now, batch_bytes, recent);
        if (!batch) break;
        const auto age = std::chrono::duration_cast<base::WallTime::duration>(now - batch->first_arrived);
        for (const hub::Delivery& delivery : batch->frames) packager_->push(delivery, wall - age);
        drain();
        if (i + 1 == batches_at_once) loop_->loop.post([self] { self->flush(); });
    }
    context_->frames_dropped += subscription_->dropped() - std::exchange(dropped_, subscription_->dropped());
    if (subscription_->ended()) finish_stream();
}

// Both clocks are slewed alike: only one that was set, or a machine that slept, changes their distance.
void Feed::notice_clock(base::MonotonicTime now, base::WallTime wall) {
    const base::Duration by = distance(now, wall) - clock_distance_;
    if (std::chrono::abs(by) < min_clock_step) return;
    clock_distance_ += by;
    packager_->on_clock_set(std::chrono::duration_cast<base::WallTime::duration>(by));
    context_->log.info("the clock was set while a stream ran",
                       {{"stream", stream_id_}, {"seconds", by / std::chrono::seconds(1)}});
}

void Feed::drain() {
    while (const auto event = packager_->next_event()) tell(*event);
}

void Feed::tell(const Event& event) {
    const auto* ready = std::get_if<PartReady>(&event);
    const bool begins = ready && ready->part->index == 0;
    if (const auto* changed = std::get_if<InitChanged>(&event)) init_ = changed->init;
    if (begins) raise(context_->last_msn, ready->part->msn);
    if (const auto* left_out = std::get_if<TrackLeftOut>(&event))
        context_->log.warn("a track is not packaged", {{"stream", stream_id_}, {"reason", left_out->reason}});
    for (Listener& listener : listeners_) {
        if (listener.waits && begins) {
            listener.waits = false;
            listener.sink->on_event(InitChanged{init_});
        }
        if (!listener.waits) listener.sink->on_event(event);
    }
}

void Feed::finish_stream() {
    if (!subscription_) return;
    packager_->end();
    drain();
    packager_.reset();
    subscription_.reset();
    membership_.reset();
    init_.reset();
    for (Listener& listener : listeners_) {
        listener.waits = true;
        listener.sink->on_stream_end();
    }
}

}  // namespace output::cmaf
