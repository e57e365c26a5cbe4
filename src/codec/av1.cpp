#include <cstdio>

#include "base/byte_reader.h"
#include "codec/nal.h"
#include "codec/records.h"

namespace codec {
namespace {

// Section numbers are those of the AV1 bitstream specification.
constexpr std::uint8_t record_marker_and_version = 0x81;
constexpr std::uint32_t obu_sequence_header = 1;
constexpr int max_leb128_bytes = 8;
constexpr int max_level_index = 23;

// 4.10.5.
std::uint64_t read_leb128(base::ByteReader& reader) {
    std::uint64_t value = 0;
    for (int i = 0; i < max_leb128_bytes; ++i) {
        const std::uint8_t byte = reader.u8();
        value |= std::uint64_t{byte & 0x7fu} << (i * 7);
        if (!(byte & 0x80)) break;
    }
    return value;
}

// 4.10.3.
std::uint32_t read_uvlc(BitReader& reader) {
    std::size_t zeros = 0;
    while (!reader.failed() && !reader.flag()) ++zeros;
    if (zeros >= 32) return 0xffffffff;
    return static_cast<std::uint32_t>((std::uint64_t{1} << zeros) - 1 + reader.bits(zeros));
}

// Annex A.3: index 0 is level 2.0, four to a major number.
std::string level_text(std::uint32_t index) {
    if (index > max_level_index) return {};
    return std::to_string(2 + index / 4) + "." + std::to_string(index % 4);
}

std::string profile_text(std::uint32_t profile) {
    switch (profile) {
        case 0:
            return "Main";
        case 1:
            return "High";
        case 2:
            return "Professional";
        default:
            return {};
    }
}

// The payload of the first sequence header OBU (5.3); empty when there is none.
base::Result<base::ByteView> find_sequence_header(base::ByteView obus) {
    base::ByteReader reader(obus);
    while (!reader.at_end() && !reader.failed()) {
        const std::uint8_t header = reader.u8();
        if (header & 0x80)
            return base::fail(base::ErrorCode::malformed, "an AV1 OBU with its forbidden bit set");
        if (header & 0x04) reader.skip(1);
        const std::uint64_t size = header & 0x02 ? read_leb128(reader) : reader.remaining();
        if (reader.failed() || size > reader.remaining()) break;
        const base::ByteView payload = reader.take(static_cast<std::size_t>(size));
        if ((header >> 3 & 0x0f) == obu_sequence_header) return payload;
    }
    if (reader.failed() || !reader.at_end())
        return base::fail(base::ErrorCode::malformed, "a truncated AV1 OBU");
    return base::ByteView{};
}

// 5.5.1, as far as the picture's size.
base::Result<> read_sequence_header(base::ByteView payload, VideoConfig& config) {
    BitReader reader(payload);
    reader.skip(3);  // profile: the record has it
    reader.skip(1);  // still picture
    const bool reduced = reader.flag();
    if (reduced) {
        reader.skip(5);
    } else {
        bool decoder_model = false;
        std::uint32_t delay_bits = 0;
        if (reader.flag()) {  // timing info (5.5.3)
            const std::uint32_t units_in_tick = reader.bits(32);
            const std::uint32_t time_scale = reader.bits(32);
            if (reader.flag())
                config.fps = frames_per_second(time_scale, units_in_tick * (read_uvlc(reader) + 1.0));
            decoder_model = reader.flag();
            if (decoder_model) {  // 5.5.4
                delay_bits = reader.bits(5) + 1;
                reader.skip(32 + 5 + 5);
            }
        }
        const bool display_delay = reader.flag();
        const std::uint32_t operating_points = reader.bits(5) + 1;
        for (std::uint32_t i = 0; i < operating_points; ++i) {
            reader.skip(12);
            if (reader.bits(5) > 7) reader.skip(1);
            if (decoder_model && reader.flag()) reader.skip(2 * delay_bits + 1);
            if (display_delay && reader.flag()) reader.skip(4);
        }
    }
    const std::uint32_t width_bits = reader.bits(4) + 1;
    const std::uint32_t height_bits = reader.bits(4) + 1;
    config.width = static_cast<int>(reader.bits(width_bits) + 1);
    config.height = static_cast<int>(reader.bits(height_bits) + 1);
    if (reader.failed()) return base::fail(base::ErrorCode::malformed, "a truncated AV1 sequence header");
    return {};
}

}  // namespace

base::Result<VideoConfig> read_av1_record(base::ByteView record) {
    base::ByteReader reader(record);
    if (reader.u8() != record_marker_and_version)
        return base::fail(base::ErrorCode::malformed, "not an AV1 configuration record");
    const std::uint8_t profile_and_level = reader.u8();
    const std::uint8_t depth = reader.u8();
    reader.u8();
    if (reader.failed())
        return base::fail(base::ErrorCode::malformed, "a truncated AV1 configuration record");
    const std::uint32_t profile = profile_and_level >> 5;
    const std::uint32_t level = profile_and_level & 0x1f;
    const bool high_tier = depth & 0x80;
    const bool high_bit_depth = depth & 0x40;
    const bool twelve_bit = depth & 0x20;
    const int bit_depth = !high_bit_depth ? 8 : profile == 2 && twelve_bit ? 12 : 10;

    VideoConfig config;
    config.profile = profile_text(profile);
    const std::string level_part = level_text(level);
    if (!config.profile.empty() && !level_part.empty()) config.profile += " " + level_part;
    char codec_string[24];
    std::snprintf(codec_string, sizeof codec_string, "av01.%u.%02u%c.%02d", profile, level,
                  high_tier ? 'H' : 'M', bit_depth);
    config.codec_string = codec_string;
    // AV1 shows pictures in decoding order: what it reorders stays inside its temporal units.
    config.b_frames_possible = false;

    auto sequence_header = find_sequence_header(reader.rest());
    if (!sequence_header) return base::fail(std::move(sequence_header.error()));
    if (!sequence_header->empty())
        if (auto ok = read_sequence_header(*sequence_header, config); !ok)
            return base::fail(std::move(ok.error()));
    return config;
}

}  // namespace codec
