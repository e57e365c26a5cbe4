#include "bench/tools/show.h"

#include <algorithm>

#include "bench/tools/stamp.h"

namespace bench {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::uint32_t loud_kbps = 128;  // with a picture of 2 Mbit/s or more
constexpr std::uint32_t quiet_kbps = 64;

}  // namespace

Show::Show(std::uint32_t kbps) {
    const std::uint32_t sound_kbps = std::min(kbps / 2, kbps >= 2'000 ? loud_kbps : quiet_kbps);
    sound_bytes_ = static_cast<std::size_t>(sound_kbps * 125 * samples_per_sound / sample_rate);
    const std::int64_t gop_bytes = std::int64_t{kbps - sound_kbps} * 125 * gop_pictures / pictures_per_second;
    picture_bytes_ = static_cast<std::size_t>(gop_bytes / (gop_pictures - 1 + key_weight));
    picture_bytes_ = std::max(picture_bytes_, stamped_head);
    sound_bytes_ = std::max(sound_bytes_, stamped_head);
    choose();
}

void Show::advance() {
    ++(next_.video ? pictures_ : sounds_);
    choose();
}

void Show::choose() {
    const auto picture_due = static_cast<std::int64_t>(pictures_) * second_ns / pictures_per_second;
    const auto sound_due = static_cast<std::int64_t>(sounds_) * samples_per_sound * second_ns / sample_rate;
    if (picture_due <= sound_due) {
        const bool key = pictures_ % gop_pictures == 0;
        next_ = {true, key, picture_due, key ? picture_bytes_ * key_weight : picture_bytes_};
    } else {
        next_ = {false, false, sound_due, sound_bytes_};
    }
}

base::ByteView noise() {
    static const base::Bytes bytes = [] {
        base::Bytes made(noise_size);
        std::uint32_t state = 1;
        for (std::uint8_t& byte : made) {
            state = state * 1'664'525 + 1'013'904'223;
            byte = static_cast<std::uint8_t>(state >> 24 | 1);
        }
        return made;
    }();
    return bytes;
}

}  // namespace bench
