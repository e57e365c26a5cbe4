#include <algorithm>
#include <array>
#include <cstdio>

#include "base/byte_reader.h"
#include "codec/nal.h"
#include "codec/records.h"

namespace codec {
namespace {

constexpr std::uint8_t nal_sps = 7;
// Table 7-1 and 7.4.2.1.1: bounds of what a sequence parameter set may say.
constexpr std::uint32_t max_cycle = 255;
constexpr std::uint32_t max_cpb_count = 32;
constexpr std::uint32_t chroma_444 = 3;
constexpr std::uint32_t extended_sar = 255;

struct ProfileBits {
    std::uint32_t profile = 0;
    std::uint32_t constraints = 0;
    std::uint32_t level = 0;

    bool constraint(int set) const { return constraints >> (7 - set) & 1; }
};

std::string profile_name(const ProfileBits& bits) {
    switch (bits.profile) {
        case 66:
            return bits.constraint(1) ? "Constrained Baseline" : "Baseline";
        case 77:
            return "Main";
        case 88:
            return "Extended";
        case 100:
            return "High";
        case 110:
            return bits.constraint(3) ? "High 10 Intra" : "High 10";
        case 122:
            return bits.constraint(3) ? "High 4:2:2 Intra" : "High 4:2:2";
        case 244:
            return bits.constraint(3) ? "High 4:4:4 Intra" : "High 4:4:4 Predictive";
        case 44:
            return "CAVLC 4:4:4 Intra";
        default:
            return {};
    }
}

std::string profile_and_level(const ProfileBits& bits) {
    std::string name = profile_name(bits);
    if (name.empty() || bits.level == 0) return name;
    // Level 1b of the profiles without a number of its own (A.3.1).
    if (bits.level == 11 && bits.constraint(3) && bits.profile <= 88) return name + " 1b";
    return name + " " + level_name(static_cast<int>(bits.level));
}

bool has_chroma_fields(std::uint32_t profile) {
    static constexpr std::array<std::uint32_t, 13> with{100, 110, 122, 244, 44,  83, 86,
                                                        118, 128, 138, 139, 134, 135};
    return std::find(with.begin(), with.end(), profile) != with.end();
}

void skip_scaling_list(BitReader& reader, int size) {
    std::int32_t last = 8;
    std::int32_t next = 8;
    for (int i = 0; i < size && next != 0 && !reader.failed(); ++i) {
        // delta_scale is in -128 to 127; the sum is taken modulo 256.
        next = static_cast<std::int32_t>((static_cast<std::int64_t>(last) + reader.se() + 256) & 0xff);
        if (next != 0) last = next;
    }
}

void skip_hrd(BitReader& reader) {
    const std::uint32_t count = reader.ue() + 1;
    reader.skip(8);
    if (count > max_cpb_count) return reader.fail();
    for (std::uint32_t i = 0; i < count; ++i) {
        reader.ue();
        reader.ue();
        reader.skip(1);
    }
    reader.skip(20);
}

// Annex E.1.1.
void read_vui(BitReader& reader, VideoConfig& config) {
    if (reader.flag() && reader.bits(8) == extended_sar) reader.skip(32);
    if (reader.flag()) reader.skip(1);  // overscan
    if (reader.flag()) {                // video signal type
        reader.skip(4);
        if (reader.flag()) reader.skip(24);
    }
    if (reader.flag()) {  // chroma location
        reader.ue();
        reader.ue();
    }
    if (reader.flag()) {
        const std::uint32_t units_in_tick = reader.bits(32);
        const std::uint32_t time_scale = reader.bits(32);
        reader.skip(1);
        // A tick is a field: two make a frame.
        if (!reader.failed()) config.fps = frames_per_second(time_scale, 2.0 * units_in_tick);
    }
    const bool nal_hrd = reader.flag();
    if (nal_hrd) skip_hrd(reader);
    const bool vcl_hrd = reader.flag();
    if (vcl_hrd) skip_hrd(reader);
    if (nal_hrd || vcl_hrd) reader.skip(1);
    reader.skip(1);
    if (reader.flag()) {  // bitstream restriction
        reader.skip(1);
        for (int i = 0; i < 4; ++i) reader.ue();
        const std::uint32_t max_reorder_frames = reader.ue();
        if (!reader.failed()) config.b_frames_possible = max_reorder_frames > 0;
    }
}

// 7.3.2.1.1, from behind the NAL header.
base::Result<> read_sps(BitReader& reader, VideoConfig& config) {
    const std::uint32_t profile = reader.bits(8);
    reader.skip(16);
    reader.ue();
    std::uint32_t chroma_format = 1;
    bool separate_planes = false;
    if (has_chroma_fields(profile)) {
        chroma_format = reader.ue();
        if (chroma_format > chroma_444)
            return base::fail(base::ErrorCode::malformed, "an impossible chroma format");
        if (chroma_format == chroma_444) separate_planes = reader.flag();
        reader.ue();
        reader.ue();
        reader.skip(1);
        if (reader.flag())
            for (int i = 0; i < (chroma_format == chroma_444 ? 12 : 8); ++i)
                if (reader.flag()) skip_scaling_list(reader, i < 6 ? 16 : 64);
    }
    reader.ue();
    const std::uint32_t poc_type = reader.ue();
    if (poc_type == 0) {
        reader.ue();
    } else if (poc_type == 1) {
        reader.skip(1);
        reader.se();
        reader.se();
        const std::uint32_t cycle = reader.ue();
        if (cycle > max_cycle) return base::fail(base::ErrorCode::malformed, "an impossible picture order");
        for (std::uint32_t i = 0; i < cycle; ++i) reader.se();
    }
    reader.ue();
    reader.skip(1);
    const std::uint64_t width_mbs = std::uint64_t{reader.ue()} + 1;
    const std::uint64_t height_units = std::uint64_t{reader.ue()} + 1;
    const bool frame_mbs_only = reader.flag();
    if (!frame_mbs_only) reader.skip(1);
    reader.skip(1);
    std::array<std::uint64_t, 4> crop{};  // left, right, top, bottom
    if (reader.flag())
        for (auto& side : crop) side = reader.ue();
    const bool vui = reader.flag();
    if (reader.failed()) return base::fail(base::ErrorCode::malformed, "a truncated sequence parameter set");

    const std::uint64_t height_mbs = height_units * (frame_mbs_only ? 1 : 2);
    if (coded_too_large(width_mbs * 16, height_mbs * 16))
        return base::fail(base::ErrorCode::limit_exceeded, "pictures larger than this server takes");
    const bool subsampled = chroma_format != 0 && !separate_planes;
    const std::uint64_t unit_x = subsampled && chroma_format < chroma_444 ? 2 : 1;
    const std::uint64_t unit_y = (subsampled && chroma_format == 1 ? 2 : 1) * (frame_mbs_only ? 1 : 2);
    const std::uint64_t cut_x = (crop[0] + crop[1]) * unit_x;
    const std::uint64_t cut_y = (crop[2] + crop[3]) * unit_y;
    if (cut_x >= width_mbs * 16 || cut_y >= height_mbs * 16)
        return base::fail(base::ErrorCode::malformed, "cropping that leaves no picture");
    config.width = static_cast<int>(width_mbs * 16 - cut_x);
    config.height = static_cast<int>(height_mbs * 16 - cut_y);

    // What cannot be reordered, whatever the bitstream restriction says.
    const bool never_reordered = poc_type == 2 || profile == 66;
    // VUI is advice: a broken one takes nothing from what was read before it.
    if (vui) read_vui(reader, config);
    if (never_reordered) config.b_frames_possible = false;
    return {};
}

}  // namespace

base::Result<VideoConfig> read_avc_record(base::ByteView record) {
    base::ByteReader reader(record);
    const std::uint8_t version = reader.u8();
    const ProfileBits bits{reader.u8(), reader.u8(), reader.u8()};
    reader.u8();  // length of NAL lengths
    const int sps_count = reader.u8() & 0x1f;
    if (reader.failed() || version != 1)
        return base::fail(base::ErrorCode::malformed, "not an AVC configuration record");
    if (sps_count == 0)
        return base::fail(base::ErrorCode::malformed,
                          "an AVC configuration record without a sequence parameter set");
    const base::ByteView sps = reader.take(reader.u16());
    if (reader.failed() || sps.size() < 4 || (sps[0] & 0x1f) != nal_sps)
        return base::fail(base::ErrorCode::malformed,
                          "an AVC configuration record with a broken parameter set");

    VideoConfig config;
    config.profile = profile_and_level(bits);
    char codec_string[16];
    std::snprintf(codec_string, sizeof codec_string, "avc1.%02x%02x%02x", bits.profile, bits.constraints,
                  bits.level);
    config.codec_string = codec_string;
    auto plain = unescape(sps.subspan(1));
    if (!plain) return base::fail(std::move(plain.error()));
    BitReader bit_reader(*plain);
    if (auto ok = read_sps(bit_reader, config); !ok) return base::fail(std::move(ok.error()));
    return config;
}

}  // namespace codec
