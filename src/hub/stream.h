// Stream: where one ingest's frames meet their readers. The ingest appends, readers read at their own pace,
// and no reader can hold up the ingest or another reader. Any thread: one short lock guards the log; nothing
// is called back while it is held.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "hub/frame_log.h"

namespace hub {

// What a reader that rests must know to decide whether it reads now.
struct News {
    std::uint64_t bytes_end = 0;  // of all that was ever published
    // There is a keyframe among what is new, or the stream has ended.
    bool urgent = false;
};

// Told that a stream has something new. Called on the ingest's thread: it must return at once (post, and
// coalesce).
class Waker {
  public:
    virtual ~Waker() = default;
    virtual void wake(const News& news) = 0;
};

enum class StartAt {
    cached_keyframe,  // the newest keyframe that is held, however old: players see a picture at once
    live_keyframe,    // a keyframe younger than the reader's own age bound, else the next one: destinations
    oldest_keyframe,  // the first that is held, without pictures the first sound: who wants the last seconds
};

struct SubscriptionSettings {
    StartAt start = StartAt::live_keyframe;
    // A reader whose next frame is older, or that has more than this waiting, loses whole groups of pictures.
    std::chrono::milliseconds max_age{2'000};
    std::size_t max_bytes = 16 * 1024 * 1024;
};

// One frame for one reader. `at` is the frame's own time, but for headers that are sent again: the time of
// the frame that they go before.
struct Delivery {
    media::FramePtr frame;
    media::Timestamp at{0};
};

class Stream;

// What one read gave. Immutable, so that whoever stands at the same place takes it as it is.
struct Batch {
    std::vector<Delivery> frames;  // at least one

    // Where in the stream it was read.
    std::weak_ptr<const Stream> stream;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    base::MonotonicTime first_arrived{};
    HeadersPtr headers;  // as they are after the last frame
};
using BatchPtr = std::shared_ptr<const Batch>;

struct Backlog {
    std::chrono::milliseconds age{0};
    std::uint64_t bytes = 0;
};

// A reader's position in a stream. Owned and used by one thread.
class Subscription {
  public:
    Subscription(std::shared_ptr<Stream> stream, const SubscriptionSettings& settings,
                 base::MonotonicTime now);

    // What waits, headers first where they are needed, until about `max_bytes` are there; null when nothing
    // does. Bounds are kept here: what is over them is skipped up to a keyframe and counted.
    // `recent` is what a reader of this thread read last: one that stands where that one stood takes the
    // same, and neither locks nor counts references. Its owner lets go of it after a round.
    BatchPtr read(base::MonotonicTime now, std::size_t max_bytes, BatchPtr& recent);

    Backlog backlog(base::MonotonicTime now) const;
    // Frames skipped since it began to deliver; those before its first keyframe do not count.
    std::uint64_t dropped() const { return dropped_; }
    // How many times bounds were passed.
    std::uint64_t overflows() const { return overflows_; }
    bool delivering() const { return state_ == State::flowing; }
    // All was read and nothing will come.
    bool ended() const;
    const std::shared_ptr<Stream>& stream() const { return stream_; }

  private:
    enum class State { starting, flowing, waiting_for_keyframe };

    bool stands_at(const Batch& batch, base::MonotonicTime now) const;
    void keep_bounds(const FrameLog& log, base::MonotonicTime now);
    bool find_start(const FrameLog& log, bool video_expected);
    void skip_to(std::uint64_t sequence);
    void add_headers(const FrameLog::Entry& first, std::vector<Delivery>& out);
    std::chrono::nanoseconds age_at(const FrameLog& log, std::uint64_t sequence,
                                    base::MonotonicTime now) const;

    std::shared_ptr<Stream> stream_;
    SubscriptionSettings settings_;
    // Frames older than this were there before the reader: their age is not its fault.
    base::MonotonicTime joined_at_;
    State state_ = State::starting;
    std::uint64_t next_ = 0;
    HeadersPtr sent_headers_;
    std::uint64_t dropped_ = 0;
    std::uint64_t overflows_ = 0;
};

class Stream : public std::enable_shared_from_this<Stream> {
  public:
    Stream(std::string id, const FrameLogSettings& settings) : id_(std::move(id)), log_(settings) {}

    const std::string& id() const { return id_; }

    // An encoder begins to publish: its first picture decides what readers wait for.
    void begin_publisher(base::MonotonicTime now);
    void publish(std::span<const media::FramePtr> frames, base::MonotonicTime now);
    // No more frames, ever. Readers get what is left.
    void end();
    bool ended() const { return ended_.load(std::memory_order_acquire); }

    std::unique_ptr<Subscription> subscribe(const SubscriptionSettings& settings, base::MonotonicTime now) {
        return std::make_unique<Subscription>(shared_from_this(), settings, now);
    }
    // Held weakly: it is forgotten when its owner lets go of it.
    void add_waker(const std::shared_ptr<Waker>& waker);

    HeadersPtr headers() const;
    std::size_t bytes_held() const;

  private:
    friend class Subscription;

    bool video_expected(base::MonotonicTime now) const;
    void wake(const News& news);

    std::string id_;
    mutable std::mutex mutex_;
    FrameLog log_;
    base::MonotonicTime publisher_began_{};
    base::MonotonicTime last_picture_{};
    std::atomic<bool> ended_{false};
    // The log's, for readers that only want to know whether there is anything new.
    std::atomic<std::uint64_t> log_end_{0};

    std::mutex wakers_mutex_;
    std::vector<std::weak_ptr<Waker>> wakers_;
};

}  // namespace hub
