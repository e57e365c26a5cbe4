// RecordingArchiveWatch: whether the object store answers, and how much waits for it, looked at from beside
// the archive, whose own thread may be held by a slow upload for hours. Owned by RecordingArchive. Its thread
// waits for SQL and the store; the methods are called from any thread and never wait for either.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "service/archive_settings.h"

namespace service {

struct Context;
class ObjectStore;

class RecordingArchiveWatch {
  public:
    struct Away {
        std::chrono::steady_clock::time_point since;
        std::string reason;
    };

    // `back` is called when a store that was away answers again, on the thread that had the answer. All
    // references outlive it.
    RecordingArchiveWatch(Context& context, ObjectStore& objects, const ArchiveSettings& settings,
                          std::function<void()> back);
    // As stop(); the store was stopped before, so that a look ends within a second.
    ~RecordingArchiveWatch();
    RecordingArchiveWatch(const RecordingArchiveWatch&) = delete;
    RecordingArchiveWatch& operator=(const RecordingArchiveWatch&) = delete;

    void start();
    void stop();

    // Somebody needs the store: if the last look is a while ago, there will be another.
    void wanted();
    // Somebody else had an answer from it: it is not away.
    void answered();
    // While two looks in succession, and all since, had no answer.
    std::optional<Away> away() const;
    // Recordings that are ready and not in the store, as last counted.
    ArchiveStock stock() const;

  private:
    using Time = std::chrono::steady_clock::time_point;

    void run();
    void look();
    void count();

    Context& context_;
    ObjectStore& objects_;
    const ArchiveSettings settings_;
    const std::function<void()> back_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    bool wanted_ = true;
    std::optional<Time> looked_at_;
    // When the first of the looks without an answer was.
    std::optional<Time> silent_since_;
    std::optional<Away> away_;
    ArchiveStock stock_;

    std::thread thread_;
};

}  // namespace service
