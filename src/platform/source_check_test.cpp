#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "platform/advice.h"

namespace platform {
namespace {

using media::Codec;
using testing::HasSubstr;

std::vector<std::string> codes(const std::vector<Advice>& advice) {
    std::vector<std::string> result;
    result.reserve(advice.size());
    for (const Advice& one : advice) result.push_back(one.code);
    return result;
}

const Platform& the(std::string_view id) {
    const Platform* platform = find(id);
    EXPECT_NE(platform, nullptr) << id;
    return *platform;
}

struct Source {
    const char* platform;
    media::VideoFacts video;
    media::AudioFacts audio;
    std::vector<std::string> codes;
};

media::VideoFacts video(Codec codec, int width, int height, double fps, int kbps, double keyframes) {
    return {.codec = codec,
            .profile = {},
            .width = width,
            .height = height,
            .fps = fps,
            .bitrate_kbps = kbps,
            .keyframe_interval_s = keyframes};
}

media::AudioFacts audio(Codec codec, int kbps) {
    return {.codec = codec, .sample_rate = 48'000, .channels = 2, .bitrate_kbps = kbps};
}

TEST(CheckSource, says_what_a_platform_will_not_take) {
    const auto fine_video = video(Codec::h264, 1'280, 720, 30, 3'000, 2);
    const auto fine_audio = audio(Codec::aac, 128);
    const Source sources[] = {
        {"twitch", fine_video, fine_audio, {}},
        {"custom", video(Codec::av1, 7'680, 4'320, 120, 90'000, 20), audio(Codec::opus, 512), {}},
        // Nothing known yet: nothing said.
        {"twitch", {}, {}, {}},
        {"facebook", {}, {}, {}},
        // Codecs.
        {"twitch", video(Codec::hevc, 1'280, 720, 30, 3'000, 2), fine_audio, {"video_codec_not_taken"}},
        {"youtube", video(Codec::hevc, 1'280, 720, 30, 3'000, 2), fine_audio, {}},
        {"youtube", video(Codec::av1, 1'280, 720, 30, 3'000, 2), fine_audio, {}},
        {"youtube", video(Codec::vp9, 1'280, 720, 30, 3'000, 2), fine_audio, {"video_codec_not_taken"}},
        {"kick", fine_video, audio(Codec::opus, 128), {"audio_codec_not_taken"}},
        // Sound.
        {"facebook", fine_video, {}, {"audio_missing"}},
        {"twitch", fine_video, {}, {}},
        // Keyframes.
        {"twitch", video(Codec::h264, 1'280, 720, 30, 3'000, 2.5), fine_audio, {}},
        {"twitch", video(Codec::h264, 1'280, 720, 30, 3'000, 2.6), fine_audio, {"keyframes_too_far_apart"}},
        {"youtube", video(Codec::h264, 1'280, 720, 30, 3'000, 4), fine_audio, {}},
        {"youtube", video(Codec::h264, 1'280, 720, 30, 3'000, 8), fine_audio, {"keyframes_too_far_apart"}},
        {"x", video(Codec::h264, 1'280, 720, 30, 3'000, 3), fine_audio, {}},
        {"cloudflare", video(Codec::h264, 1'280, 720, 30, 3'000, 8), fine_audio, {}},
        {"cloudflare", video(Codec::h264, 1'280, 720, 30, 3'000, 1), fine_audio, {"keyframes_too_close"}},
        {"cloudflare",
         video(Codec::h264, 1'280, 720, 30, 3'000, 12),
         fine_audio,
         {"keyframes_too_far_apart"}},
        // Bitrates, with room for what a measurement swings.
        {"twitch", video(Codec::h264, 1'920, 1'080, 60, 6'600, 2), fine_audio, {}},
        {"twitch", video(Codec::h264, 1'920, 1'080, 60, 6'601, 2), fine_audio, {"video_bitrate_too_high"}},
        {"kick", video(Codec::h264, 1'280, 720, 30, 800, 2), fine_audio, {"video_bitrate_too_low"}},
        {"x", fine_video, audio(Codec::aac, 320), {"audio_bitrate_too_high"}},
        {"cloudflare",
         video(Codec::h264, 1'920, 1'080, 60, 15'400, 4),
         fine_audio,
         {"total_bitrate_too_high"}},
        // Facebook's limits follow the picture.
        {"facebook", video(Codec::h264, 1'280, 720, 30, 5'000, 2), fine_audio, {"video_bitrate_too_high"}},
        {"facebook", video(Codec::h264, 1'280, 720, 60, 5'000, 2), fine_audio, {}},
        {"facebook", video(Codec::h264, 1'280, 720, 60'000.0 / 1'001, 6'000, 2), fine_audio, {}},
        {"facebook", video(Codec::h264, 640, 360, 30, 1'500, 2), fine_audio, {"video_bitrate_too_high"}},
        {"facebook", video(Codec::h264, 1'920, 1'080, 60, 9'000, 2), fine_audio, {}},
        {"facebook", video(Codec::h264, 720, 1'280, 30, 5'000, 2), fine_audio, {"video_bitrate_too_high"}},
        // Pictures.
        {"kick", video(Codec::h264, 2'560, 1'440, 60, 6'000, 2), fine_audio, {"resolution_too_high"}},
        {"kick", video(Codec::h264, 1'080, 1'920, 60, 6'000, 2), fine_audio, {}},
        {"twitch", video(Codec::h264, 1'280, 720, 60.02, 3'000, 2), fine_audio, {}},
        {"twitch", video(Codec::h264, 1'280, 720, 120, 3'000, 2), fine_audio, {"frame_rate_too_high"}},
        {"tiktok", video(Codec::h264, 1'080, 1'920, 30, 4'000, 2), fine_audio, {}},
        {"tiktok", video(Codec::h264, 1'920, 1'080, 30, 4'000, 2), fine_audio, {"not_vertical"}},
        {"instagram",
         video(Codec::h264, 1'920, 1'080, 30, 4'000, 2),
         fine_audio,
         {"resolution_too_high", "not_vertical"}},
        // The worst comes first.
        {"facebook",
         video(Codec::hevc, 3'840, 2'160, 120, 20'000, 10),
         {},
         {"video_codec_not_taken", "audio_missing", "keyframes_too_far_apart", "resolution_too_high",
          "frame_rate_too_high", "video_bitrate_too_high"}},
    };
    for (const Source& entry : sources) {
        media::IngestFacts facts;
        facts.video = entry.video;
        facts.audio = entry.audio;
        EXPECT_EQ(codes(check_source(the(entry.platform), facts)), entry.codes)
            << entry.platform << ", case " << &entry - sources;
    }
}

TEST(CheckSource, speaks_plainly) {
    media::IngestFacts facts;
    facts.video = video(Codec::h264, 1'920, 1'080, 60, 9'000, 8);
    facts.audio = audio(Codec::aac, 128);
    const auto twitch = check_source(the("twitch"), facts);
    ASSERT_EQ(twitch.size(), 2u);
    EXPECT_EQ(twitch[0].message,
              "Keyframes come every 8 s; Twitch wants 2 s: set \"keyframe interval\" to 2 s in OBS.");
    EXPECT_EQ(
        twitch[1].message,
        "Video takes 9000 kbit/s; Twitch takes 6000 at most: set the video bitrate to 6000 kbit/s or less.");
    EXPECT_EQ(twitch[0].severity, Severity::warning);

    facts.video = video(Codec::vp9, 1'280, 720, 30, 5'000, 8.34);
    const auto youtube = check_source(the("youtube"), facts);
    EXPECT_EQ(youtube.at(0).message,
              "The encoder sends VP9; YouTube takes H.264, HEVC and AV1 only: choose H.264 as the encoder's "
              "video codec.");
    EXPECT_EQ(youtube.at(0).severity, Severity::error);
    EXPECT_THAT(youtube.at(1).message, HasSubstr("every 8.3 s"));

    facts.video = video(Codec::h264, 1'280, 720, 30, 5'000, 2);
    EXPECT_THAT(check_source(the("facebook"), facts).at(0).message,
                HasSubstr("takes 4000 at most for 1280x720"));
}

TEST(BandwidthAdvice, recommends_twice_the_sum) {
    const std::int64_t bitrates[] = {6'160, 4'628, 912};
    const auto unknown = bandwidth_advice(bitrates, std::nullopt);
    EXPECT_EQ(unknown.total_kbps, 11'700);
    EXPECT_EQ(unknown.recommended_kbps, 23'400);
    EXPECT_TRUE(unknown.enough);
    EXPECT_EQ(unknown.message,
              "3 destinations take 11.7 Mbit/s together; an upload of 23.4 Mbit/s is recommended.");
    EXPECT_TRUE(bandwidth_advice(bitrates, 23'400).enough);
    const auto narrow = bandwidth_advice(bitrates, 23'399);
    EXPECT_FALSE(narrow.enough);
    EXPECT_THAT(narrow.message, HasSubstr("lower the bitrate or leave destinations out"));
    EXPECT_TRUE(bandwidth_advice({}, 0).enough);
    const std::int64_t one[] = {400};
    EXPECT_THAT(bandwidth_advice(one, std::nullopt).message, HasSubstr("1 destination takes 400 kbit/s"));
}

}  // namespace
}  // namespace platform
