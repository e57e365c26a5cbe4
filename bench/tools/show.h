// Show: when an encoder sends what. H.264 at 30 pictures a second with a keyframe every two seconds, and AAC
// at 48 kHz; sizes follow from the bitrate alone, so that a publisher and the floor send the same bytes at
// the same times. Pure.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace bench {

struct ShowFrame {
    bool video = false;
    bool key = false;
    std::int64_t due_ns = 0;  // since the show's beginning
    std::size_t size = 0;     // of the FLV tag body
};

class Show {
  public:
    explicit Show(std::uint32_t kbps);

    const ShowFrame& next() const { return next_; }
    void advance();
    std::uint64_t index() const { return pictures_ + sounds_; }

    static constexpr std::int64_t pictures_per_second = 30;
    static constexpr std::int64_t gop_pictures = 60;
    static constexpr std::int64_t sample_rate = 48'000;
    static constexpr std::int64_t samples_per_sound = 1'024;
    // What a keyframe weighs, in other pictures.
    static constexpr std::int64_t key_weight = 6;

  private:
    void choose();

    std::size_t picture_bytes_;
    std::size_t sound_bytes_;
    std::uint64_t pictures_ = 0;
    std::uint64_t sounds_ = 0;
    ShowFrame next_;
};

// What a show's payload is cut from: noise, the same in every run.
base::ByteView noise();
inline constexpr std::size_t noise_size = 8 * 1024 * 1024;

}  // namespace bench
