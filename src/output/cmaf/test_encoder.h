// Random streams for tests, each replayed from its seed.
#pragma once

#include <random>

#include "output/cmaf/test_show.h"

namespace output::cmaf::test {

// An encoder that is hard on its reader, in one way or several.
class Encoder {
  public:
    explicit Encoder(std::uint32_t seed) : random_(seed) {
        video_ = one_in(8) ? false : true;
        audio_ = !video_ || !one_in(5);
        fps_ = pick({1, 5, 12, 24, 25, 30, 50, 60});
        gop_ = static_cast<int>(between(1, 12 * fps_));
        b_frames_ = one_in(2);
        jitter_ms_ = one_in(2) ? between(0, 15) : 0;
        skew_ = one_in(3) ? std::chrono::milliseconds(between(-400, 400)) : 0ms;
        size_ = one_in(40) ? 60'000 : 20;
        trouble_ = one_in(2);
    }

    struct Sent {
        std::vector<media::FramePtr> video;
        std::vector<media::FramePtr> audio;
        bool troubled = false;
        bool long_frames = false;
    };

    Sent run(Show& show) {
        Sent sent;
        sent.long_frames = fps_ < 3 || skew_ != 0ms;
        announce(show);
        const std::int64_t begin = between(0, 5) * 1'000;
        const std::int64_t length = between(1, 30) * 1'000;
        double picture = 0;
        double sound = 0;
        int number = 0;
        double away = 0;
        while (picture < static_cast<double>(length)) {
            const bool sound_first = sound + static_cast<double>(skew_ / 1ms) <= picture;
            double& next = audio_ && (!video_ || sound_first) ? sound : picture;
            const bool is_sound = &next == &sound;
            if (trouble_ && one_in(150)) {
                away += trouble(show, sent, begin + static_cast<std::int64_t>(next + away), number);
                continue;
            }
            const Timestamp at = stamp(is_sound, static_cast<double>(begin) + next + away);
            if (is_sound) {
                const auto frame = show.audio(at, size_ / 10 + 5);
                sent.audio.push_back(frame);
                sound += 1'024 / 48.0;
                if (!video_) picture = sound;
            } else {
                const bool keyframe = number % gop_ == 0;
                const int place = number % gop_ % 3;
                const Timestamp frame_time(1'000'000 / fps_);
                const Timestamp cts = b_frames_ ? (place == 1   ? 2 * frame_time
                                                   : place == 2 ? -frame_time
                                                                : 0us)
                                                : 0us;
                sent.video.push_back(show.video(at, keyframe, cts, size_));
                ++number;
                picture += 1'000.0 / fps_;
            }
        }
        show.end();
        return sent;
    }

  private:
    bool one_in(int n) { return between(1, n) == 1; }
    std::int64_t between(std::int64_t a, std::int64_t b) {
        return a + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(b - a + 1));
    }
    int pick(std::vector<int> of) { return of[random_() % of.size()]; }

    void announce(Show& show) {
        if (audio_) show.announce("aac");
        if (video_) show.announce("h264");
    }
    // As the hub gives them: in milliseconds, no kind's time running backwards.
    Timestamp stamp(bool is_sound, double ms) {
        Timestamp& last = is_sound ? last_sound_ : last_picture_;
        const auto shaken =
            static_cast<std::int64_t>(ms) + (jitter_ms_ > 0 ? between(-jitter_ms_, jitter_ms_) : 0);
        last = std::max(last, Timestamp(std::chrono::milliseconds(std::max<std::int64_t>(shaken, 0))));
        return last;
    }

    media::FramePtr other_pictures() {
        media::Frame other = *config_frame("h264");
        base::Bytes bytes(other.tag.view().begin(), other.tag.view().end());
        bytes[3] = static_cast<std::uint8_t>(between(10, 13));
        other.tag = base::SharedBytes(std::move(bytes));
        return std::make_shared<const media::Frame>(std::move(other));
    }
    // What it does to the time, in milliseconds.
    double trouble(Show& show, Encoder::Sent& sent, std::int64_t at_ms, int& number) {
        sent.troubled = true;
        const Timestamp at = std::chrono::milliseconds(at_ms);
        switch (between(0, 7)) {
            case 0:  // away for a while
                announce(show);
                if (video_ && one_in(2)) show.push(other_pictures(), at);
                number = 0;
                return static_cast<double>(between(0, 30'000));
            case 1:
                return static_cast<double>(between(0, 6'000));
            case 2: {  // another configuration of the pictures
                if (!video_) return 0;
                show.push(other_pictures(), at);
                number = 0;
                return 0;
            }
            case 3:
                audio_ = video_ ? !audio_ : true;
                announce(show);
                return 0;
            case 4:
                announce(show);
                return 0;
            case 6: {  // another configuration of the sound: its rate is said to be 44,100 Hz, or 48,000
                       // again
                media::Frame other = *config_frame("aac");
                other.tag = base::SharedBytes(base::from_hex(one_in(2) ? "1210" : "1190"));
                if (audio_) show.push(std::make_shared<const media::Frame>(other), at);
                return 0;
            }
            case 5:
                show.push(coded_frame(Kind::audio, Codec::mp3, true), at);
                return 0;
            default: {
                media::Frame end = *coded_frame(Kind::video, Codec::h264, false);
                end.role = Role::end;
                show.push(std::make_shared<const media::Frame>(end), at);
                return 0;
            }
        }
    }

    std::mt19937 random_;
    bool video_ = true;
    bool audio_ = true;
    int fps_ = 30;
    int gop_ = 60;
    bool b_frames_ = false;
    std::int64_t jitter_ms_ = 0;
    Timestamp skew_{0};
    std::size_t size_ = 20;
    bool trouble_ = false;
    Timestamp last_picture_{0};
    Timestamp last_sound_{0};
};

}  // namespace output::cmaf::test
