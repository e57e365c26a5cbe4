#include "output/hls/live_stream.h"

#include <algorithm>

namespace output::hls {
namespace {

// Then what else there is on the loop has its turn.
constexpr std::size_t answers_at_once = 256;

tl::unexpected<base::Error> too_late() {
    return base::fail(base::ErrorCode::unavailable, "It did not come in time. Try again.");
}

tl::unexpected<base::Error> closed_as(LiveStream::Why why) {
    // Who is told to try again finds it after a restart.
    if (why == LiveStream::Why::stopping)
        return base::fail(base::ErrorCode::unavailable, "The server is stopping. Try again in a moment.");
    return base::fail(base::ErrorCode::not_found, "The stream is not there any more.");
}

iovec view(base::ByteView bytes) {
    // The kernel only reads it.
    return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

LiveStream::LiveStream(std::string id, std::shared_ptr<StreamContext> context)
    : id_(std::move(id)),
      context_(std::move(context)),
      last_asked_(context_->clock.now().time_since_epoch().count()),
      window_(context_->settings, context_->part_target, context_->texts_made),
      edition_(window_.edition()) {}

LiveStream::~LiveStream() = default;

void LiveStream::ask(Question question, LiveHls::Answer answer) {
    const base::MonotonicTime now = context_->clock.now();
    last_asked_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    EditionPtr edition;
    base::Result<std::optional<std::chrono::seconds>> wait{std::nullopt};
    std::optional<Why> closed;
    bool full = false;
    {
        const std::lock_guard lock(mutex_);
        edition = edition_;
        closed = closed_;
        wait = edition->wait_for(question);
        if (!closed && wait && *wait) {
            full = context_->waiting.fetch_add(1) >= max_waiting;
            if (!full) {
                waiting_.push_back({std::move(question), std::move(answer), now + **wait});
                return;
            }
            --context_->waiting;
        }
    }
    if (full) {
        auto refused = base::about_limit(
            "hls_waiting",
            {base::ErrorCode::unavailable, "Too many players wait for this server. Try again."});
        context_->limits.add(refused);
        return answer(base::fail(std::move(refused)));
    }
    if (closed) return answer(closed_as(*closed));
    if (!wait) return answer(base::fail(wait.error()));
    answer(edition->answer(question));
}

std::optional<base::MonotonicTime> LiveStream::ended_at() const {
    const std::lock_guard lock(mutex_);
    return ended_at_;
}

bool LiveStream::is_closed() const {
    const std::lock_guard lock(mutex_);
    return closed_.has_value();
}

std::uint64_t LiveStream::bytes() const {
    const std::lock_guard lock(mutex_);
    return window_.bytes();
}

std::uint64_t LiveStream::shrink(std::uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t freed = window_.shrink(bytes, context_->clock.now());
    if (freed > 0) publish();
    return freed;
}

void LiveStream::tick(base::MonotonicTime now) {
    std::vector<Waiting> late;
    {
        const std::lock_guard lock(mutex_);
        if (window_.expire(now)) publish();
        std::erase_if(waiting_, [&](Waiting& each) {
            if (each.until > now) return false;
            late.push_back(std::move(each));
            return true;
        });
        context_->waiting -= late.size();
    }
    for (const Waiting& each : late) each.answer(too_late());
}

void LiveStream::reset() {
    const std::lock_guard lock(mutex_);
    if (!ended_at_) return;
    ended_at_.reset();
    window_.clear();
    publish();
}

void LiveStream::close(Why why) {
    std::deque<Waiting> left;
    {
        const std::lock_guard lock(mutex_);
        if (!closed_) closed_ = why;
        window_.clear();
        edition_ = window_.edition();
        left.swap(waiting_);
        context_->waiting -= left.size();
    }
    for (const Waiting& each : left) each.answer(closed_as(why));
}

void LiveStream::on_event(const cmaf::Event& event) {
    if (is_closed()) return;
    const base::MonotonicTime now = context_->clock.now();
    if (const auto* ready = std::get_if<cmaf::PartReady>(&event)) {
        const bool stored = store(*ready->part);
        {
            const std::lock_guard lock(mutex_);
            ended_at_.reset();
            window_.on_part(*ready->part, extent_, !stored, now);
            publish();
        }
        if (context_->budget->over()) context_->relieve();
    } else if (const auto* ended = std::get_if<cmaf::SegmentEnded>(&event)) {
        ++context_->segments_made;
        const std::lock_guard lock(mutex_);
        window_.on_segment_end(*ended, now);
        publish();
        spill_next(now);
    } else if (std::holds_alternative<cmaf::Discontinuity>(event)) {
        const std::lock_guard lock(mutex_);
        window_.on_discontinuity();
    }
}

void LiveStream::on_stream_end() {
    extent_.reset();
    const std::lock_guard lock(mutex_);
    ended_at_ = context_->clock.now();
    window_.on_stream_end();
    publish();
}

void LiveStream::on_left() {
    close(Why::gone);
    context_->left(shared_from_this());
}

bool LiveStream::store(const cmaf::Part& part) {
    base::Result<> stored;
    if (!memory_) {
        auto made = Arena::in_memory(context_->budget);
        if (made)
            memory_ = std::move(*made);
        else
            stored = base::fail(made.error());
    }
    if (part.index == 0) extent_ = memory_ ? memory_->begin() : nullptr;
    if (stored && extent_) {
        pieces_.clear();
        pieces_.push_back(view(part.head));
        for (const media::FramePtr& frame : part.frames) pieces_.push_back(view(frame->payload()));
        stored = memory_->append(*extent_, pieces_);
    }
    if (stored && extent_) return true;
    ++context_->parts_lost;
    if (!stored)
        context_->log.error("a part could not be stored",
                            {{"stream", id_}, {"reason", stored.error().message}});
    return false;
}

void LiveStream::publish() {
    edition_ = window_.edition();
    if (waiting_.empty() || std::exchange(posted_, true)) return;
    context_->loop.post(shared_from_this());
}

std::vector<LiveStream::Waiting> LiveStream::take_ready(bool& more) {
    std::vector<Waiting> ready;
    std::erase_if(waiting_, [&](Waiting& each) {
        const auto wait = edition_->wait_for(each.question);
        if (wait && *wait) return false;
        if (ready.size() == answers_at_once) {
            more = true;
            return false;
        }
        ready.push_back(std::move(each));
        return true;
    });
    context_->waiting -= ready.size();
    return ready;
}

void LiveStream::run() {
    std::vector<Waiting> ready;
    EditionPtr edition;
    bool more = false;
    {
        const std::lock_guard lock(mutex_);
        posted_ = false;
        edition = edition_;
        ready = take_ready(more);
        posted_ = more;
    }
    for (const Waiting& each : ready) {
        const auto wait = edition->wait_for(each.question);
        each.answer(wait ? edition->answer(each.question) : base::fail(wait.error()));
    }
    if (more) context_->loop.post(shared_from_this());
}

// One at a time, so that a slow disk gathers nothing.
void LiveStream::spill_next(base::MonotonicTime now) {
    if (!context_->spill || spilling_) return;
    const SegmentPtr segment = window_.to_spill();
    if (!segment) return;
    spilling_ = true;
    context_->spill->run([self = shared_from_this(), segment, now] {
        const std::weak_ptr<SpillThread> thread = self->context_->spill;
        base::Result<> done;
        if (!self->disk_) {
            auto made =
                Arena::on_disk(self->context_->settings.dvr_folder, [thread](std::function<void()> job) {
                    if (const auto alive = thread.lock()) alive->run(std::move(job));
                });
            if (made)
                self->disk_ = std::move(*made);
            else
                done = base::fail(made.error());
        }
        ExtentPtr extent = self->disk_ ? self->disk_->begin() : nullptr;
        if (done) done = self->disk_->append(*extent, segment->slice);
        // Once, and not for each of those that follow.
        if (!done && !std::exchange(self->spill_fails_, true))
            self->context_->log.warn("an earlier segment is not kept",
                                     {{"stream", self->id_}, {"reason", done.error().message}});
        if (done) self->spill_fails_ = false;
        const std::lock_guard lock(self->mutex_);
        bool moved = true;
        if (done)
            self->window_.spilled(segment, {extent, extent->offset(), extent->size(), false});
        else
            moved = self->window_.give_up(segment, now);
        self->publish();
        self->spilling_ = false;
        if (moved) self->spill_next(now);
    });
}

}  // namespace output::hls
