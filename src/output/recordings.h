// Recording, for services: which streams are to be written to disk, and what is known of the files.
// Implemented by output/record, safe from any thread. Facts come back as media::Event: RecordingProgress,
// RecordingTrouble, RecordingStopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "media/recording.h"

namespace output {

struct DesiredRecording {
    std::string asset_id;  // names the folder; [a-z]{2}_ and an id of ours, never a client's text
    std::string stream_id;
};

class Recordings {
  public:
    virtual ~Recordings() = default;
    // Begins to write the stream from its next keyframe on, whenever it is there; a gap of the encoder goes
    // on in the same file, another codec configuration in the next. Returns at once. Again: nothing.
    virtual void start(DesiredRecording desired) = 0;
    // Writes what is there, appends the index, and tells RecordingStopped. Returns at once.
    virtual void stop(const std::string& asset_id) = 0;

    // Where the asset's files are; empty when it has none.
    virtual std::vector<media::RecordingFile> files(const std::string& asset_id) const = 0;
    // Mends what a crash left of it: cuts behind the last whole fragment and appends the index. Blocks on the
    // disk. Errors: not_found when nothing of it can be played.
    virtual base::Result<std::vector<media::RecordingFile>> recover(const std::string& asset_id) = 0;
    // Deletes the asset's files. Blocks on the disk. No error when they are gone already.
    virtual base::Result<> remove(const std::string& asset_id) = 0;
    // Bytes that are free where recordings go, and the size of that file system.
    struct Space {
        std::uint64_t free = 0;
        std::uint64_t total = 0;
    };
    virtual base::Result<Space> space() const = 0;
};

}  // namespace output
