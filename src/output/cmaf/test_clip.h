// A usual encoder's show, for the tests of packagers.
#pragma once

#include "output/cmaf/test_show.h"

namespace output::cmaf::test {

struct Clip {
    std::int64_t fps = 30;
    std::int64_t gop = 60;
    std::int64_t frames = 0;
    bool sound = true;
    bool pictures = true;
    Timestamp from = 0us;
    // How late sound arrives.
    Timestamp skew = 0us;
};

inline Timestamp stamp(std::int64_t n, std::int64_t per_second) {
    return std::chrono::milliseconds(n * 1'000 / per_second);
}

// Pictures and 48 kHz AAC, stamped in milliseconds, in the order in which an encoder sends them.
inline void play(Show& show, const Clip& clip) {
    std::int64_t sound = 0;
    const auto sounds_until = [&](Timestamp until) {
        for (; Timestamp(sound * 1'024'000'000 / 48'000'000 * 1'000) + clip.skew < until; ++sound)
            show.audio(clip.from + Timestamp(sound * 1'024'000 / 48'000 * 1'000));
    };
    for (std::int64_t i = 0; i < clip.frames; ++i) {
        if (clip.sound) sounds_until(stamp(i, clip.fps));
        if (clip.pictures) show.video(clip.from + stamp(i, clip.fps), i % clip.gop == 0);
    }
    if (clip.sound) sounds_until(stamp(clip.frames, clip.fps));
}

inline std::vector<std::int64_t> segment_ms(const Show& show) {
    std::vector<std::int64_t> found;
    for (const SegmentEnded& segment : show.all<SegmentEnded>()) found.push_back(segment.duration / 1ms);
    return found;
}

}  // namespace output::cmaf::test
