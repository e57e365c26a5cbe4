#include "codec/hevc_sps.h"

#include <cstdio>

#include "base/byte_reader.h"
#include "codec/nal.h"
#include "codec/records.h"

namespace codec {
namespace {

constexpr std::uint32_t nal_vps = 32;
constexpr std::uint32_t nal_sps = 33;
constexpr int max_arrays = 32;
constexpr std::size_t nal_header = 2;

// The record's general profile, tier and level (ISO 14496-15, 8.3.3.1.2).
struct ProfileTierLevel {
    std::uint32_t profile_space = 0;
    bool high_tier = false;
    std::uint32_t profile = 0;
    std::uint32_t compatibility = 0;
    base::ByteView constraints;
    std::uint32_t level = 0;
};

std::string profile_name(const ProfileTierLevel& ptl) {
    switch (ptl.profile) {
        case 1:
            return "Main";
        case 2:
            return "Main 10";
        case 3:
            return "Main Still Picture";
        case 4:
            return "Range Extensions";
        case 5:
            return "High Throughput";
        case 9:
            return "Screen Content";
        default:
            return {};
    }
}

std::uint32_t reversed(std::uint32_t bits) {
    std::uint32_t result = 0;
    for (int i = 0; i < 32; ++i) result = result << 1 | (bits >> i & 1);
    return result;
}

// ISO 14496-15, annex E.3.
std::string codec_string(const ProfileTierLevel& ptl) {
    std::string text = "hvc1.";
    if (ptl.profile_space > 0) text.push_back(static_cast<char>('A' + ptl.profile_space - 1));
    char part[32];
    std::snprintf(part, sizeof part, "%u.%x.%c%u", ptl.profile, reversed(ptl.compatibility),
                  ptl.high_tier ? 'H' : 'L', ptl.level);
    text += part;
    std::size_t used = ptl.constraints.size();
    while (used > 0 && ptl.constraints[used - 1] == 0) --used;
    for (std::size_t i = 0; i < used; ++i) {
        std::snprintf(part, sizeof part, ".%x", ptl.constraints[i]);
        text += part;
    }
    return text;
}

}  // namespace

base::Result<VideoConfig> read_hevc_record(base::ByteView record) {
    base::ByteReader reader(record);
    const std::uint8_t version = reader.u8();
    ProfileTierLevel ptl;
    const std::uint8_t profile = reader.u8();
    ptl.profile_space = profile >> 6;
    ptl.high_tier = profile & 0x20;
    ptl.profile = profile & 0x1f;
    ptl.compatibility = reader.u32();
    ptl.constraints = reader.take(6);
    ptl.level = reader.u8();
    reader.skip(
        9);  // segmentation, parallelism, chroma and depth, average rate: the parameter sets tell better
    const int arrays = reader.u8();
    // Some encoders leave the version at 0, as it was in drafts of the record.
    if (reader.failed() || version > 1)
        return base::fail(base::ErrorCode::malformed, "not an HEVC configuration record");
    if (arrays > max_arrays)
        return base::fail(base::ErrorCode::limit_exceeded, "too many arrays in an HEVC configuration record");

    base::ByteView vps;
    base::ByteView sps;
    for (int i = 0; i < arrays; ++i) {
        const std::uint32_t type = reader.u8() & 0x3f;
        const int count = reader.u16();
        for (int j = 0; j < count && !reader.failed(); ++j) {
            const base::ByteView nal = reader.take(reader.u16());
            if (nal.size() <= nal_header || (nal[0] >> 1 & 0x3f) != static_cast<int>(type)) continue;
            if (type == nal_vps && vps.empty()) vps = nal;
            if (type == nal_sps && sps.empty()) sps = nal;
        }
    }
    if (reader.failed())
        return base::fail(base::ErrorCode::malformed, "a truncated HEVC configuration record");

    VideoConfig config;
    config.profile = profile_name(ptl);
    // Levels count in thirtieths (A.4.1).
    if (!config.profile.empty() && ptl.level > 0)
        config.profile += " " + level_name(static_cast<int>(ptl.level / 3));
    config.codec_string = codec_string(ptl);
    // Parameter sets may come in the stream alone; then only the profile is known.
    if (sps.empty()) return config;

    auto plain = unescape(sps.subspan(nal_header));
    if (!plain) return base::fail(std::move(plain.error()));
    auto fields = read_hevc_sps(*plain);
    if (!fields) return base::fail(std::move(fields.error()));
    config.width = fields->width;
    config.height = fields->height;
    config.fps = fields->fps;
    config.b_frames_possible = fields->max_reorder_pictures > 0;
    if (config.fps == 0 && !vps.empty())
        if (const auto plain_vps = unescape(vps.subspan(nal_header)))
            config.fps = read_hevc_vps_fps(*plain_vps);
    return config;
}

}  // namespace codec
