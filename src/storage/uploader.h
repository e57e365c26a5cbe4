// Uploader: brings files into a bucket one after the other, on a thread of its own. Any thread adds to the
// queue; owned by app/, outlived by the client.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "storage/upload.h"

namespace storage {

struct UploaderSettings {
    UploadSettings upload = {};
    std::size_t max_queued = 1'000;
};

class Uploader {
  public:
    // Called once for each job, on the uploader's thread. `closed`: stopped; what was sent stays with the
    // store, and the same job with its upload id goes on from there. Other errors: the local copy stays, and
    // the caller decides when to try again.
    using Done = std::function<void(base::Result<Uploaded>)>;

    Uploader(Client& client, const base::Logger& log, const UploaderSettings& settings);
    // As stop().
    ~Uploader();
    Uploader(const Uploader&) = delete;
    Uploader& operator=(const Uploader&) = delete;

    // False, and nothing is kept, when the queue is full or it stops. The hooks are called on its thread.
    bool add(UploadJob job, UploadHooks hooks, Done done);
    std::size_t waiting() const;
    // Stops the client too, so that the transfer that runs ends within a second; waits for it. What waits is
    // told `closed`.
    void stop();

  private:
    struct Task {
        UploadJob job;
        UploadHooks hooks;
        Done done;
    };

    void run();

    Client& client_;
    base::Logger log_;
    UploaderSettings settings_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Task> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace storage
