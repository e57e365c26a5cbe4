#include "media/facts.h"

#include <array>

namespace media {
namespace {

struct CodecNames {
    Codec codec;
    std::string_view display;
    std::string_view api;
};

constexpr std::array<CodecNames, 13> names{{
    {Codec::none, "none", "none"},
    {Codec::h264, "H.264", "h264"},
    {Codec::hevc, "HEVC", "hevc"},
    {Codec::vvc, "VVC", "vvc"},
    {Codec::av1, "AV1", "av1"},
    {Codec::vp8, "VP8", "vp8"},
    {Codec::vp9, "VP9", "vp9"},
    {Codec::aac, "AAC", "aac"},
    {Codec::mp3, "MP3", "mp3"},
    {Codec::opus, "Opus", "opus"},
    {Codec::flac, "FLAC", "flac"},
    {Codec::ac3, "AC-3", "ac3"},
    {Codec::eac3, "E-AC-3", "eac3"},
}};

const CodecNames& find(Codec codec) {
    for (const CodecNames& entry : names)
        if (entry.codec == codec) return entry;
    return names.front();
}

}  // namespace

std::string_view display_name(Codec codec) {
    return find(codec).display;
}
std::string_view api_name(Codec codec) {
    return find(codec).api;
}

}  // namespace media
