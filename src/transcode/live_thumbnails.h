// LiveThumbnails: keeps the newest poster of each stream that somebody looks at or that is recorded, in
// memory. Any thread asks and never waits; its own threads wait for the workers. Owned by app/, outlived by
// what it is given.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/log.h"
#include "hub/registry.h"
#include "transcode/poster_shelf.h"

namespace transcode {

struct LiveThumbnailSettings {
    PosterSettings posters = {};
    // How many are made at a time. 0: one for each processor.
    std::size_t threads = 0;
    // Single ones that wait.
    std::size_t max_queued = 256;
};

class LiveThumbnails {
  public:
    using Done = std::function<void(base::Result<Thumbnail>)>;

    LiveThumbnails(ThumbnailMaker& maker, const hub::Registry& streams, const base::Clock& clock,
                   const base::Logger& log, const LiveThumbnailSettings& settings);
    // Waits for what is being made: stop the maker first. What waits is told `closed`.
    ~LiveThumbnails();
    LiveThumbnails(const LiveThumbnails&) = delete;
    LiveThumbnails& operator=(const LiveThumbnails&) = delete;

    // The newest, at most 200 KiB. Nothing yet for a stream that nobody asked for in the last minute: asking
    // has it made.
    std::optional<media::Content> poster(const std::string& stream_id);
    void set_recording(const std::string& stream_id, bool recording);

    // One for an asset: `done` is called once, on a thread of ours or, with `unavailable` when too many wait,
    // at once on the caller's.
    void make(ThumbnailRequest request, Done done);
    // Of the newest keyframe that the stream holds. Errors besides: not_found when there is none.
    void make(const std::string& stream_id, Done done);

    std::size_t posters() const;

  private:
    struct Single {
        ThumbnailRequest request;
        Done done;
    };

    void run();
    void refresh(const std::string& stream_id);

    ThumbnailMaker& maker_;
    const hub::Registry& streams_;
    const base::Clock& clock_;
    base::Logger log_;
    LiveThumbnailSettings settings_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    PosterShelf shelf_;
    std::deque<Single> singles_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace transcode
