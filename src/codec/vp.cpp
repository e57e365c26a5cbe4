#include <cstdio>

#include "base/byte_reader.h"
#include "codec/nal.h"
#include "codec/records.h"

namespace codec {
namespace {

constexpr std::uint8_t full_box_version = 1;
constexpr std::size_t record_size = 8;
constexpr int max_profile = 3;

}  // namespace

base::Result<VideoConfig> read_vp_record(media::Codec codec, base::ByteView record) {
    base::ByteReader reader(record);
    // A box has its version and flags first; a bare record cannot look like them, its bit depth would be 0.
    if (record.size() >= 4 + record_size && record[0] == full_box_version && record[1] == 0 &&
        record[2] == 0 && record[3] == 0)
        reader.skip(4);
    const int profile = reader.u8();
    const int level = reader.u8();
    const int bit_depth = reader.u8() >> 4;
    reader.skip(3);  // colour
    reader.u16();    // size of codec initialisation data: none for VP8 and VP9
    if (reader.failed()) return base::fail(base::ErrorCode::malformed, "a truncated VP configuration record");
    if (profile > max_profile || (bit_depth != 8 && bit_depth != 10 && bit_depth != 12))
        return base::fail(base::ErrorCode::malformed, "a VP configuration record with an impossible profile");

    VideoConfig config;
    config.profile = "Profile " + std::to_string(profile);
    if (level > 0) config.profile += " " + level_name(level);
    char codec_string[24];
    std::snprintf(codec_string, sizeof codec_string, "%s.%02d.%02d.%02d",
                  codec == media::Codec::vp8 ? "vp08" : "vp09", profile, level, bit_depth);
    config.codec_string = codec_string;
    config.b_frames_possible = false;
    return config;
}

}  // namespace codec
