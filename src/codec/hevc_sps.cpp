#include "codec/hevc_sps.h"

#include <algorithm>
#include <array>

#include "codec/nal.h"
#include "codec/records.h"

namespace codec {
namespace {

using base::ErrorCode;

// Bounds that H.265 itself sets (7.4.3.2.1, 7.4.8).
constexpr std::uint32_t max_sub_layers = 7;
constexpr std::uint32_t chroma_444 = 3;
constexpr std::uint32_t max_short_term_sets = 64;
constexpr std::uint32_t max_set_pictures = 16;
constexpr std::uint32_t max_long_term_pictures = 32;
constexpr std::uint32_t max_log2_poc = 16;
constexpr std::uint32_t extended_sar = 255;

// 7.3.3.
void skip_profile_tier_level(BitReader& reader, std::uint32_t sub_layers_minus1) {
    reader.skip(2 + 1 + 5 + 32 + 48 + 8);
    std::array<bool, 8> has_profile{};
    std::array<bool, 8> has_level{};
    for (std::uint32_t i = 0; i < sub_layers_minus1; ++i) {
        has_profile[i] = reader.flag();
        has_level[i] = reader.flag();
    }
    if (sub_layers_minus1 > 0) reader.skip(2 * (8 - sub_layers_minus1));
    for (std::uint32_t i = 0; i < sub_layers_minus1; ++i) {
        if (has_profile[i]) reader.skip(88);
        if (has_level[i]) reader.skip(8);
    }
}

// 7.3.4.
void skip_scaling_lists(BitReader& reader) {
    for (int size = 0; size < 4; ++size) {
        for (int matrix = 0; matrix < 6; matrix += size == 3 ? 3 : 1) {
            if (!reader.flag()) {
                reader.ue();
                continue;
            }
            if (size > 1) reader.se();
            const int coefficients = std::min(64, 1 << (4 + (size << 1)));
            for (int i = 0; i < coefficients && !reader.failed(); ++i) reader.se();
        }
    }
}

// 7.3.7: only the number of pictures of each set is kept, because the next set may be predicted from it.
void skip_short_term_sets(BitReader& reader, std::uint32_t count) {
    std::uint32_t previous = 0;
    for (std::uint32_t index = 0; index < count && !reader.failed(); ++index) {
        std::uint32_t pictures = 0;
        if (index > 0 && reader.flag()) {
            reader.skip(1);
            reader.ue();
            for (std::uint32_t i = 0; i <= previous; ++i) {
                const bool used = reader.flag();
                const bool use_delta = used || reader.flag();
                if (use_delta) ++pictures;
            }
        } else {
            const std::uint32_t negative = reader.ue();
            const std::uint32_t positive = reader.ue();
            if (negative > max_set_pictures || positive > max_set_pictures) return reader.fail();
            pictures = negative + positive;
            for (std::uint32_t i = 0; i < pictures; ++i) {
                reader.ue();
                reader.skip(1);
            }
        }
        if (pictures > max_set_pictures) return reader.fail();
        previous = pictures;
    }
}

// Annex E.2.1, as far as the timing.
double read_vui_fps(BitReader& reader) {
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
    reader.skip(3);
    if (reader.flag())  // default display window
        for (int i = 0; i < 4; ++i) reader.ue();
    if (!reader.flag()) return 0;
    const std::uint32_t units_in_tick = reader.bits(32);
    const std::uint32_t time_scale = reader.bits(32);
    return reader.failed() ? 0 : frames_per_second(time_scale, units_in_tick);
}

struct SubLayers {
    std::uint32_t max_minus1 = 0;
    std::uint32_t max_reorder = 0;
};

// sps_max_dec_pic_buffering and its two companions; the highest sub-layer's reordering counts.
void read_ordering(BitReader& reader, SubLayers& layers) {
    const bool for_each = reader.flag();
    for (std::uint32_t i = for_each ? 0 : layers.max_minus1; i <= layers.max_minus1; ++i) {
        reader.ue();
        layers.max_reorder = reader.ue();
        reader.ue();
    }
}

// 7.3.2.2, from the bit depth on: what stands between the picture's size and the VUI. `layers` gets the
// reordering.
double read_to_vui(BitReader& reader, SubLayers& layers) {
    reader.ue();
    reader.ue();
    const std::uint32_t log2_poc = reader.ue() + 4;
    if (log2_poc > max_log2_poc) {
        reader.fail();
        return 0;
    }
    read_ordering(reader, layers);
    if (reader.failed()) return 0;
    for (int i = 0; i < 6; ++i) reader.ue();
    if (reader.flag() && reader.flag()) skip_scaling_lists(reader);
    reader.skip(2);
    if (reader.flag()) {  // pulse code modulation
        reader.skip(8);
        reader.ue();
        reader.ue();
        reader.skip(1);
    }
    const std::uint32_t sets = reader.ue();
    if (sets > max_short_term_sets) reader.fail();
    if (!reader.failed()) skip_short_term_sets(reader, sets);
    if (reader.flag()) {  // long-term pictures
        const std::uint32_t count = reader.ue();
        if (count > max_long_term_pictures) reader.fail();
        if (!reader.failed()) reader.skip(std::size_t{count} * (log2_poc + 1));
    }
    reader.skip(2);
    if (!reader.flag()) return 0;
    return read_vui_fps(reader);
}

}  // namespace

base::Result<HevcSps> read_hevc_sps(base::ByteView rbsp) {
    BitReader reader(rbsp);
    reader.skip(4);
    SubLayers layers{.max_minus1 = reader.bits(3)};
    if (layers.max_minus1 >= max_sub_layers)
        return base::fail(ErrorCode::malformed, "an impossible number of HEVC sub-layers");
    reader.skip(1);
    skip_profile_tier_level(reader, layers.max_minus1);
    reader.ue();
    const std::uint32_t chroma_format = reader.ue();
    const bool separate_planes = chroma_format == chroma_444 && reader.flag();
    const std::uint32_t width = reader.ue();
    const std::uint32_t height = reader.ue();
    std::array<std::uint64_t, 4> window{};  // left, right, top, bottom
    if (reader.flag())
        for (auto& side : window) side = reader.ue();
    if (reader.failed() || chroma_format > chroma_444 || width == 0 || height == 0)
        return base::fail(ErrorCode::malformed, "a broken HEVC sequence parameter set");
    if (coded_too_large(width, height))
        return base::fail(ErrorCode::limit_exceeded, "pictures larger than this server takes");
    const bool subsampled = !separate_planes && chroma_format != 0;
    const std::uint64_t cut_x = (window[0] + window[1]) * (subsampled && chroma_format < chroma_444 ? 2 : 1);
    const std::uint64_t cut_y = (window[2] + window[3]) * (subsampled && chroma_format == 1 ? 2 : 1);
    if (cut_x >= width || cut_y >= height)
        return base::fail(ErrorCode::malformed, "cropping that leaves no picture");

    HevcSps sps;
    sps.width = static_cast<int>(width - cut_x);
    sps.height = static_cast<int>(height - cut_y);
    // Advice from here on: a fault in it takes nothing from what was read.
    const double fps = read_to_vui(reader, layers);
    if (!reader.failed()) sps.fps = fps;
    sps.max_reorder_pictures = layers.max_reorder;
    return sps;
}

// 7.3.2.1.
double read_hevc_vps_fps(base::ByteView rbsp) {
    BitReader reader(rbsp);
    reader.skip(4 + 2 + 6);
    SubLayers layers{.max_minus1 = reader.bits(3)};
    if (layers.max_minus1 >= max_sub_layers) return 0;
    reader.skip(1 + 16);
    skip_profile_tier_level(reader, layers.max_minus1);
    read_ordering(reader, layers);
    const std::uint32_t max_layer_id = reader.bits(6);
    const std::uint32_t layer_sets = reader.ue();
    if (reader.failed() || layer_sets > 1023) return 0;
    reader.skip(std::size_t{layer_sets} * (max_layer_id + 1));
    if (!reader.flag()) return 0;
    const std::uint32_t units_in_tick = reader.bits(32);
    const std::uint32_t time_scale = reader.bits(32);
    return reader.failed() ? 0 : frames_per_second(time_scale, units_in_tick);
}

}  // namespace codec
