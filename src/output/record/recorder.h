// Recorder: records streams to files. Media threads leave parts in a bounded queue; threads of its own write
// them. Implements output::Recordings; any thread; app/ owns it.
#pragma once

#include "output/cmaf/feeds.h"
#include "output/record/recording.h"

namespace output::record {

// What waits to be written, of all recordings together. What does not fit is dropped, up to a keyframe.
inline constexpr std::size_t max_queued = 64 * 1024 * 1024;

struct RecorderSettings {
    RecordingSettings recording = {};
    // A recording is always written by the same one.
    unsigned writers = 2;
    // After stop() the parts that are under way still come, if the stream has not ended.
    std::chrono::milliseconds patience{500};
    std::size_t queue = max_queued;
};

class Recorder final : public Recordings {
  public:
    struct Facts {
        std::size_t recordings = 0;
        std::uint64_t bytes_written = 0;
        std::uint64_t queued_bytes = 0;
        std::uint64_t parts_dropped = 0;
        std::uint64_t disk_errors = 0;
    };

    // All references outlive it. stop_all() it before `feeds`.
    Recorder(const RecorderSettings& settings, std::unique_ptr<Disk> disk, cmaf::Feeds& feeds,
             media::EventSink& events, const base::Clock& clock, base::Logger log);
    // Waits for the disk call that each writer is in.
    ~Recorder() override;

    void start(DesiredRecording desired) override;
    void stop(const std::string& asset_id) override;
    // Of one that is not recorded now the disk is asked.
    std::vector<media::RecordingFile> files(const std::string& asset_id) const override;
    base::Result<std::vector<media::RecordingFile>> recover(const std::string& asset_id) override;
    // Errors: conflict (it is being recorded).
    base::Result<> remove(const std::string& asset_id) override;
    base::Result<Space> space() const override;

    Facts facts() const;
    // The program ends: closes each file, and waits for that no longer than this. Nothing is told of a stop:
    // the recordings are still wanted.
    void stop_all(std::chrono::milliseconds deadline);

  private:
    class Shared;
    std::unique_ptr<Shared> shared_;
};

}  // namespace output::record
