#include "format/m3u8/text.h"
#include "format/m3u8/writer.h"

namespace format::m3u8 {
namespace {

// Section 8: nothing that we write asks for more than 1. Renditions are said with 4, so that a player too old
// for them leaves the whole alone instead of playing it without sound.
constexpr unsigned plain_version = 1;
constexpr unsigned renditions_version = 4;

constexpr std::size_t header_size = 64;
constexpr std::size_t entry_size = 256;

void append_audio(std::string& out, const AudioRendition& audio) {
    AttributeLine line(out, "#EXT-X-MEDIA");
    line.word("TYPE", "AUDIO");
    line.quoted("GROUP-ID", audio.group_id);
    line.quoted("NAME", audio.name);
    if (!audio.language.empty()) line.quoted("LANGUAGE", audio.language);
    line.word("DEFAULT", audio.is_default ? "YES" : "NO");
    line.word("AUTOSELECT", audio.is_default || audio.autoselect ? "YES" : "NO");
    if (audio.channels != 0) line.quoted("CHANNELS", std::to_string(audio.channels));
    if (!audio.uri.empty()) line.uri(audio.uri);
    line.finish();
}

void append_variant(std::string& out, const Variant& variant) {
    AttributeLine line(out, "#EXT-X-STREAM-INF");
    line.number("BANDWIDTH", variant.bandwidth);
    if (variant.average_bandwidth) line.number("AVERAGE-BANDWIDTH", *variant.average_bandwidth);
    if (!variant.codecs.empty()) line.quoted("CODECS", variant.codecs);
    if (variant.resolution) line.resolution(*variant.resolution);
    if (variant.frame_rate) line.frame_rate(*variant.frame_rate);
    if (!variant.audio_group.empty()) line.quoted("AUDIO", variant.audio_group);
    line.finish();
    append_uri(out, variant.uri);
    out += '\n';
}

}  // namespace

std::string write(const MultivariantPlaylist& playlist) {
    std::string out;
    out.reserve(header_size + (playlist.audio.size() + playlist.variants.size()) * entry_size);
    out += "#EXTM3U\n#EXT-X-VERSION:";
    append_number(out, playlist.audio.empty() ? plain_version : renditions_version);
    out += '\n';
    if (playlist.independent_segments) out += "#EXT-X-INDEPENDENT-SEGMENTS\n";
    for (const AudioRendition& audio : playlist.audio) append_audio(out, audio);
    for (const Variant& variant : playlist.variants) append_variant(out, variant);
    return out;
}

}  // namespace format::m3u8
