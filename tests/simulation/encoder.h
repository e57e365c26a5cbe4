// Encoders: those who publish one stream, one after the other or one against the other. They go through the
// desk, as connections do, and what the stream then consists of is written down as a Reference. One thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hub/timeline.h"
#include "ingest/stream_desk.h"
#include "simulation/reference.h"

namespace simulation {

struct EncoderProfile {
    bool video = true;
    bool audio = true;
    bool metadata = true;
    bool second_track = false;  // Enhanced RTMP's multitrack, which platforms do not get
    media::Codec codec = media::Codec::h264;
    base::Duration tick = 200ms;
    int group = 8;  // pictures from keyframe to keyframe
    int picture_bytes = 400;
    int sound_bytes = 60;
    std::chrono::milliseconds grace{2'000};
    std::uint32_t first_timestamp = 0;
};

class Encoders {
  public:
    Encoders(World& world, ingest::StreamDesk& desk, int stream, EncoderProfile profile,
             std::deque<Reference>& references);

    std::string stream_id() const { return "st_" + std::to_string(stream_); }
    int stream() const { return stream_; }
    bool publishing() const { return publisher_ != nullptr; }
    // The run of the stream that is on now; null when there is none.
    const Reference* current() const { return reference_; }

    // A new encoder; where one is there, it takes over.
    void come();
    void vanish();
    void change_configuration() { configure_ = true; }
    void jump_time();
    // The desk closed the stream.
    void stream_ended();

  private:
    void tick(std::uint64_t turn);
    void add(std::vector<ingest::TimedFrame>& frames, media::Kind kind, media::Role role, bool keyframe,
             std::uint8_t track = 0);

    World& world_;
    ingest::StreamDesk& desk_;
    int stream_;
    EncoderProfile profile_;
    std::deque<Reference>& references_;
    Reference* reference_ = nullptr;
    // The same rules as the desk's, kept a second time.
    hub::Timeline timeline_;
    bool awaiting_keyframe_ = true;
    Time last_picture_{};

    std::unique_ptr<ingest::Publisher> publisher_;
    std::unique_ptr<ingest::Publisher> replaced_;
    std::uint64_t turn_ = 0;
    std::uint32_t wire_ms_ = 0;
    int picture_ = 0;
    bool configure_ = true;
    std::vector<Reference::Entry> fresh_;
};

}  // namespace simulation
