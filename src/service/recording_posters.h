// RecordingPosters: a picture for each recording, written beside its files as soon as there is something to
// show. Owned by RecordingService; any thread. Its own worker waits for the disk.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "service/worker_pool.h"

namespace service {

class PosterMaker;

class RecordingPosters {
  public:
    // `maker` outlives it. A picture that cannot be made is asked for again after `first_delay`, then after
    // twice that, a few times.
    RecordingPosters(PosterMaker& maker, std::filesystem::path folder, const base::Logger& log,
                     std::chrono::milliseconds first_delay = std::chrono::seconds(1));
    // Waits for what is being written; pictures that come later are dropped.
    ~RecordingPosters();
    RecordingPosters(const RecordingPosters&) = delete;
    RecordingPosters& operator=(const RecordingPosters&) = delete;

    // The stream is recorded as this asset. Again: nothing.
    void begun(const std::string& asset_id, const std::string& stream_id);
    // There is media in it. Again: nothing.
    void has_media(const std::string& asset_id);
    void ended(const std::string& asset_id);

  private:
    struct Running {
        std::string stream_id;
        bool asked = false;
        int tries = 0;
    };
    // What answers that come late find empty.
    struct Door {
        std::mutex mutex;
        RecordingPosters* posters = nullptr;
    };

    void ask(const std::string& asset_id);
    void ask_again(const std::string& asset_id, const std::string& reason);
    void answered(const std::string& asset_id, base::Result<std::string> jpeg);
    void write(const std::string& asset_id, const std::string& jpeg);

    PosterMaker& maker_;
    const std::filesystem::path folder_;
    base::Logger log_;
    const std::chrono::milliseconds first_delay_;
    const std::shared_ptr<Door> door_ = std::make_shared<Door>();
    std::mutex mutex_;
    std::map<std::string, Running> running_;  // by the asset's id
    // Goes first: what it is at works with all above.
    WorkerPool worker_;
};

}  // namespace service
