// Facts that rise from the engine (ingest, output) to whoever app/ injects: the services. The engine calls
// from any of its threads and never waits: an implementation queues and returns.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>
#include <variant>

#include "base/clock.h"
#include "media/facts.h"
#include "media/output_status.h"
#include "media/recording.h"

namespace media {

// An encoder was let in and sends media on this stream.
struct IngestStarted {
    std::string stream_id;
    std::string ingest_id;  // one run of one encoder's connection
    IngestFacts facts;
    // It took over from another encoder that was still there.
    bool took_over = false;
    // It came back within the grace period: outputs never stopped.
    bool resumed = false;
};

// Codec, resolution or another slow fact became known or changed.
struct IngestChanged {
    std::string stream_id;
    IngestFacts facts;
};

// The encoder is gone; outputs stay up until the grace period ends.
struct IngestLost {
    std::string stream_id;
    std::string ingest_id;
    std::string reason;  // "the encoder ended the stream", "connection reset", "no data for 8 s"
    IngestFacts facts;
};

// The grace period is over and no encoder came back, or the owner ended it: the stream has ended.
struct StreamEnded {
    std::string stream_id;
    // Its encoder was only sent away, to come back with another key: what belongs to the stream waits for it.
    bool may_return = false;
};

// A publisher was turned away although its key was right (takeover limit, owner's end).
struct PublishRefused {
    std::string stream_id;
    std::string client_address;
    std::string reason;
};

struct OutputChanged {
    OutputStatus status;
};

// An output was removed or its broadcast ended; the last word on what it did.
struct OutputEnded {
    OutputStatus status;
};

// A recording has a new file, one of its files was finished, or grew: told about every ten seconds.
struct RecordingProgress {
    RecordingFile file;
};

// Something is wrong with a recording that was asked for, or is well again (none). `message` is for people.
struct RecordingTrouble {
    std::string asset_id;
    RecordingProblem problem = RecordingProblem::none;
    std::string message;
};

// All files of the asset are complete; told once after each Recordings::stop. Without any file there is
// nothing to replay, and `message` says why.
struct RecordingStopped {
    std::string asset_id;
    std::uint32_t files = 0;
    std::string message;
};

template <class Fact>
inline constexpr bool is_about_recording =
    std::is_same_v<Fact, RecordingProgress> || std::is_same_v<Fact, RecordingTrouble> ||
    std::is_same_v<Fact, RecordingStopped>;

using Event = std::variant<IngestStarted, IngestChanged, IngestLost, StreamEnded, PublishRefused,
                           OutputChanged, OutputEnded, RecordingProgress, RecordingTrouble, RecordingStopped>;

class EventSink {
  public:
    virtual ~EventSink() = default;
    virtual void publish(Event event) = 0;
};

}  // namespace media
