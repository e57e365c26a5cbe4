#include "format/flv/tag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "base/byte_writer.h"
#include "format/flv/samples.h"
#include "format/flv/tag_codes.h"

namespace format::flv {
namespace {

using media::Codec;
using media::Kind;
using media::Role;
using media::Timestamp;

// Hexadecimal digits with spaces between, for the reader's sake.
base::Bytes bytes_of(std::string_view hex) {
    std::string digits;
    std::copy_if(hex.begin(), hex.end(), std::back_inserter(digits), [](char c) { return c != ' '; });
    EXPECT_EQ(digits.size() % 2, 0u) << hex;
    return base::from_hex(digits);
}

base::Result<std::vector<media::Frame>> read(Kind kind, const base::SharedBytes& body,
                                             Timestamp dts = Timestamp{0}) {
    return kind == Kind::video ? read_video_tag(body, dts) : read_audio_tag(body, dts);
}

const auto test_name = [](const auto& parameter) { return std::string(parameter.param.name); };

class GoodTag : public testing::TestWithParam<samples::Good> {};

TEST_P(GoodTag, gives_its_frames) {
    constexpr Timestamp dts{1'234'567};
    const base::SharedBytes body(bytes_of(GetParam().body));
    const auto frames = read(GetParam().kind, body, dts);
    ASSERT_TRUE(frames) << frames.error().message;
    ASSERT_EQ(frames->size(), GetParam().frames.size());
    for (std::size_t i = 0; i < frames->size(); ++i) {
        const media::Frame& frame = (*frames)[i];
        const samples::Frame& wanted = GetParam().frames[i];
        EXPECT_EQ(frame.kind, GetParam().kind);
        EXPECT_EQ(frame.codec, wanted.codec);
        EXPECT_EQ(frame.role, wanted.role);
        EXPECT_EQ(frame.keyframe, wanted.keyframe);
        EXPECT_EQ(frame.track, wanted.track);
        EXPECT_EQ(frame.dts, dts);
        EXPECT_EQ(frame.cts.count(), wanted.cts_us);
        EXPECT_EQ(base::to_hex(frame.payload()), base::to_hex(bytes_of(wanted.payload)));
        if (wanted.tag.empty()) {
            EXPECT_EQ(frame.tag.data(), body.data()) << "the body was copied";
            EXPECT_EQ(frame.tag.size(), body.size());
        } else {
            EXPECT_EQ(base::to_hex(frame.tag.view()), base::to_hex(bytes_of(wanted.tag)));
        }
    }
}

// What a frame carries as its tag says the same of it when somebody else reads it.
TEST_P(GoodTag, gives_tags_that_say_the_same_again) {
    const auto frames = read(GetParam().kind, base::SharedBytes(bytes_of(GetParam().body)));
    ASSERT_TRUE(frames);
    for (const media::Frame& frame : *frames) {
        const auto again = read(frame.kind, frame.tag);
        ASSERT_TRUE(again) << again.error().message;
        ASSERT_EQ(again->size(), 1u);
        EXPECT_EQ(again->front().codec, frame.codec);
        EXPECT_EQ(again->front().role, frame.role);
        EXPECT_EQ(again->front().keyframe, frame.keyframe);
        EXPECT_EQ(again->front().track, frame.track);
        EXPECT_EQ(base::to_hex(again->front().payload()), base::to_hex(frame.payload()));
    }
}

TEST_P(GoodTag, cut_short_never_reads_past_its_end) {
    const base::Bytes whole = bytes_of(GetParam().body);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const base::Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto frames = read(GetParam().kind, base::SharedBytes(cut));
        if (!frames) continue;
        for (const media::Frame& frame : *frames) EXPECT_LE(frame.payload_offset, frame.tag.size());
    }
}

INSTANTIATE_TEST_SUITE_P(Tags, GoodTag, testing::ValuesIn(samples::good()), test_name);

class BadTag : public testing::TestWithParam<samples::Bad> {};

TEST_P(BadTag, is_refused_in_words) {
    const auto frames = read(GetParam().kind, base::SharedBytes(bytes_of(GetParam().body)));
    ASSERT_FALSE(frames);
    EXPECT_EQ(frames.error().code, GetParam().code) << frames.error().message;
    EXPECT_THAT(frames.error().message, testing::HasSubstr(std::string(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(Tags, BadTag, testing::ValuesIn(samples::bad()), test_name);

TEST(Tag, takes_eight_mod_ex_and_sixteen_tracks) {
    std::string body = "a7";
    for (std::size_t i = 0; i < max_mod_ex; ++i) body += i + 1 < max_mod_ex ? "00aa17" : "00aa13";
    EXPECT_TRUE(read_video_tag(base::SharedBytes(bytes_of(body + "68766331ca")), Timestamp{0}));

    base::Bytes tracks = bytes_of("95114f707573");
    for (std::uint8_t i = 0; i < max_tracks; ++i) base::append(tracks, base::Bytes{i, 0, 0, 1, 0xca});
    const auto frames = read_audio_tag(base::SharedBytes(std::move(tracks)), Timestamp{0});
    ASSERT_TRUE(frames);
    EXPECT_EQ(frames->size(), max_tracks);
}

TEST(Tag, reads_mod_ex_of_16_bit_size) {
    for (const std::size_t size : {std::size_t{256}, std::size_t{257}, std::size_t{65'536}}) {
        base::Bytes body;
        base::ByteWriter(body).u8(0xa7).u8(0xff).u16(size - 1).bytes(base::Bytes(size, 0xaa));
        base::append(body, bytes_of("1368766331ca"));
        const auto frames = read_video_tag(base::SharedBytes(std::move(body)), Timestamp{0});
        ASSERT_TRUE(frames) << size;
        EXPECT_EQ(base::to_hex(frames->at(0).payload()), "ca");
    }
}

// The examples that OBS and the specification give.
TEST(Tag, writes_the_bytes_that_others_write) {
    const base::Bytes payload{0x01, 0x02};
    const auto video = [&](Codec codec, Role role, bool keyframe, int cts_ms) {
        return base::to_hex(write_video_tag(codec, role, keyframe, std::chrono::milliseconds(cts_ms),
                                            role == Role::end ? base::ByteView{} : base::ByteView(payload)));
    };
    const auto audio = [&](Codec codec, Role role) {
        return base::to_hex(write_audio_tag(codec, role, payload));
    };
    EXPECT_EQ(video(Codec::h264, Role::config, false, 0), "17000000000102");
    EXPECT_EQ(video(Codec::h264, Role::coded, true, 0), "17010000000102");
    EXPECT_EQ(video(Codec::h264, Role::coded, false, 66), "27010000420102");
    EXPECT_EQ(video(Codec::h264, Role::coded, false, -33), "2701ffffdf0102");
    EXPECT_EQ(video(Codec::h264, Role::end, false, 5), "1702000000");
    EXPECT_EQ(video(Codec::hevc, Role::config, false, 0), "90687663310102");
    EXPECT_EQ(video(Codec::hevc, Role::coded, true, 33), "91687663310000210102");
    EXPECT_EQ(video(Codec::hevc, Role::coded, false, 33), "a1687663310000210102");
    EXPECT_EQ(video(Codec::hevc, Role::coded, true, 0), "93687663310102");
    EXPECT_EQ(video(Codec::hevc, Role::coded, false, 0), "a3687663310102");
    EXPECT_EQ(video(Codec::hevc, Role::end, false, 0), "9268766331");
    EXPECT_EQ(video(Codec::hevc, Role::metadata, false, 0), "94687663310102");
    EXPECT_EQ(video(Codec::av1, Role::coded, true, 33), "91617630310102");
    EXPECT_EQ(video(Codec::vp9, Role::coded, false, 0), "a1767030390102");
    EXPECT_EQ(audio(Codec::aac, Role::config), "af000102");
    EXPECT_EQ(audio(Codec::aac, Role::coded), "af010102");
    EXPECT_EQ(audio(Codec::opus, Role::config), "904f7075730102");
    EXPECT_EQ(audio(Codec::opus, Role::coded), "914f7075730102");
    EXPECT_EQ(audio(Codec::flac, Role::config), "90664c61430102");
    EXPECT_EQ(audio(Codec::ac3, Role::coded), "9161632d330102");
}

TEST(Tag, says_an_mp3_frames_own_rate_and_channels) {
    const auto first_byte = [](std::string_view frame) {
        return write_audio_tag(Codec::mp3, Role::coded, base::from_hex(frame)).front();
    };
    EXPECT_EQ(first_byte("fffb9064"), 0x2f);  // 44.1 kHz stereo
    EXPECT_EQ(first_byte("fff340c4"), 0x2a);  // 22.05 kHz mono
    EXPECT_EQ(first_byte("ffe310c4"), 0x26);  // 11.025 kHz mono
    EXPECT_EQ(first_byte("ffe318c4"), 0xe2);  // 8 kHz mono
    EXPECT_EQ(first_byte("00"), 0x2f);
}

TEST(Tag, clamps_composition_times_that_24_bits_cannot_say) {
    const auto tag = write_video_tag(Codec::h264, Role::coded, false, std::chrono::hours(24), base::Bytes{1});
    EXPECT_EQ(base::to_hex(tag), "27017fffff01");
    const auto negative =
        write_video_tag(Codec::h264, Role::coded, false, -std::chrono::hours(24), base::Bytes{1});
    EXPECT_EQ(base::to_hex(negative), "270180000001");
}

// Whatever is written is read back, for every codec and role that a tag can say.
TEST(Tag, reads_what_it_writes) {
    std::mt19937 random(20261120);
    const auto number = [&](int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(random);
    };
    for (const FourccOfCodec& entry : fourccs) {
        for (const Role role : {Role::config, Role::coded, Role::metadata, Role::end}) {
            for (int round = 0; round < 200; ++round) {
                base::Bytes payload;
                // A native channel mask is metadata of audio that its reader looks at.
                if (role == Role::metadata) payload = {1, 2, 0, 0, 0, 3};
                if (role == Role::config || role == Role::coded) {
                    payload = base::Bytes(static_cast<std::size_t>(number(1, 300)));
                    for (auto& byte : payload) byte = static_cast<std::uint8_t>(number(0, 255));
                }
                const bool video = entry.kind == Kind::video;
                const bool keyframe = role == Role::coded && (!video || number(0, 1) == 1);
                const Timestamp cts =
                    role == Role::coded && has_composition_time(entry.codec)
                        ? std::chrono::milliseconds(number(0, 2) == 0 ? 0 : number(-8'388'608, 8'388'607))
                        : Timestamp{0};
                const base::SharedBytes tag(video ? write_video_tag(entry.codec, role, keyframe, cts, payload)
                                                  : write_audio_tag(entry.codec, role, payload));
                const auto frames = read(entry.kind, tag);
                ASSERT_TRUE(frames) << base::to_hex(tag.view());
                ASSERT_EQ(frames->size(), 1u);
                const media::Frame& frame = frames->front();
                EXPECT_EQ(frame.codec, entry.codec);
                EXPECT_EQ(frame.role, role);
                EXPECT_EQ(frame.keyframe, keyframe);
                EXPECT_EQ(frame.cts, cts);
                EXPECT_EQ(frame.track, 0);
                EXPECT_EQ(base::to_hex(frame.payload()), base::to_hex(payload));
                EXPECT_EQ(base::to_hex(frame.tag.view()), base::to_hex(tag.view()));
            }
        }
    }
}

// Bytes turned over at random: an answer or an error, never a read outside (AddressSanitizer watches).
TEST(Tag, survives_bit_flips) {
    std::mt19937 random(7);
    for (const samples::Good& sample : samples::good()) {
        base::Bytes body = bytes_of(sample.body);
        if (body.empty()) continue;
        for (int round = 0; round < 500; ++round) {
            base::Bytes flipped = body;
            flipped[random() % flipped.size()] ^= static_cast<std::uint8_t>(1u << random() % 8);
            const auto frames = read(sample.kind, base::SharedBytes(std::move(flipped)));
            if (!frames) continue;
            for (const media::Frame& frame : *frames) ASSERT_LE(frame.payload_offset, frame.tag.size());
        }
    }
}

}  // namespace
}  // namespace format::flv
