// Thumbnailer: makes thumbnails in child processes, one each, so that no decoder ever runs in the server. Any
// thread; owned by app/, and outlived by no caller.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "net/unique_fd.h"
#include "transcode/thumbnail.h"
#include "transcode/worker.h"

namespace transcode {

struct ThumbnailerSettings {
    // 0: one for each processor.
    std::size_t at_once = 0;
    // Callers that wait for their turn; more are refused.
    std::size_t max_waiting = 64;
    // From the beginning of a worker to its end.
    std::chrono::milliseconds deadline{5'000};
    // Ourselves, started again: also when the file was replaced since.
    std::string program = "/proc/self/exe";
    std::string argument = worker_command;
};

struct ThumbnailCounters {
    std::uint64_t made = 0;
    std::uint64_t refused = 0;  // what could not be decoded, and was said so
    std::uint64_t killed = 0;   // workers that crashed, broke their rules or took too long
    std::size_t running = 0;
    std::size_t most_running = 0;
};

class Thumbnailer final : public ThumbnailMaker {
  public:
    explicit Thumbnailer(const ThumbnailerSettings& settings);

    base::Result<Thumbnail> make(const ThumbnailRequest& request) override;
    std::size_t at_once() const { return settings_.at_once; }
    ThumbnailCounters counters() const;
    // Kills what runs; whoever waits, and whoever comes, is told `closed`. Returns at once.
    void stop();

  private:
    base::Result<> take_turn();
    base::Result<Thumbnail> run(const ThumbnailRequest& request) const;

    ThumbnailerSettings settings_;
    net::UniqueFd stop_fd_;  // readable for good once we stop
    mutable std::mutex mutex_;
    std::condition_variable turn_;
    ThumbnailCounters counters_;
    std::size_t waiting_ = 0;
    bool stopping_ = false;
};

}  // namespace transcode
