// Feeds: for each stream that somebody serves or records, one packager that runs on one of the media loops,
// and all who listen to it: the work is done once. A feed begins with its first membership and stops with the
// last. It follows the registry: its stream may open later, end, and open again. Any thread; app/ owns it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/log.h"
#include "hub/registry.h"
#include "net/io_pool.h"
#include "output/cmaf/packager.h"

namespace output::cmaf {

// Who listens to a feed. Called on the feed's loop, one call after the other: return at once.
class Sink {
  public:
    virtual ~Sink() = default;
    // In the order of the media. The first one is InitChanged, then come whole segments from their first part
    // on. Whoever joins a running feed begins with its next segment.
    virtual void on_event(const Event& event) = 0;
    // The stream has ended, its last part and segment came before. Where one opens under the same id again,
    // it begins anew with InitChanged, and with sequence numbers greater than all before.
    virtual void on_stream_end() = 0;
    // The last call: the membership is gone, or the feed.
    virtual void on_left() {}
};

struct FeedSettings {
    std::chrono::milliseconds segment_target{2'000};
    // Ten pictures of 30, eight of 24 and 25, and six parts fill a segment of 2 s. Players hold back three of
    // them: half-second parts alone would cost half a second more.
    std::chrono::milliseconds part_target{334};
    // Frames wait this long for others, but no keyframe does.
    std::chrono::milliseconds flush_window{30};
    // A feed that is behind by more has a gap and goes on at a keyframe.
    std::chrono::milliseconds max_lag{5'000};
};

class Feeds {
  public:
    // Keeps the feed going, and its sink in it. It may go on any thread; the sink can be called until
    // on_left(), which comes soon after.
    class Membership {
      public:
        virtual ~Membership() = default;
    };
    // Makes a sink for a feed that begins; null: none. It follows the feed without keeping it going. Called
    // on the thread that joined.
    using Attendant = std::function<std::shared_ptr<Sink>(const std::string& stream_id)>;

    struct Facts {
        std::size_t feeds = 0;
        // Frames that a feed lost because it was behind.
        std::uint64_t frames_dropped = 0;
    };

    // All references outlive it; it observes `registry` for good: construct it before streams open, and
    // stop() it before the loops.
    Feeds(const FeedSettings& settings, std::vector<std::reference_wrapper<net::Loop>> loops,
          hub::Registry& registry, const base::Clock& clock, base::Logger log);
    Feeds(const FeedSettings& settings, net::IoPool& pool, hub::Registry& registry, const base::Clock& clock,
          base::Logger log);
    ~Feeds();

    // Before the first join.
    void attend(Attendant attendant);
    // All sequence numbers will be greater: an earlier run may have given this one. Before the first join.
    void number_above(std::uint64_t msn);
    // The greatest that was given, or told to number_above().
    std::uint64_t last_msn() const;
    // Returns at once; without a stream of this id the feed waits for one. Without a sink it only keeps the
    // feed going. Null once it was stopped.
    [[nodiscard]] std::unique_ptr<Membership> join(const std::string& stream_id, std::shared_ptr<Sink> sink);
    const FeedSettings& settings() const;
    Facts facts() const;
    // Ends each feed: sinks are told on_left(), without the end of the stream. Waits for it.
    void stop();

  private:
    class Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace output::cmaf
