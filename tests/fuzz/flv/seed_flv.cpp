// The unit tests' tables of tag bodies and configuration records, as seeds. The byte put before each is what
// the targets choose kind and codec by.
#include <algorithm>
#include <cstdio>

#include "codec/samples.h"
#include "format/flv/samples.h"
#include "fuzz/seeds.h"

namespace {

base::Bytes prefixed(std::uint8_t first, std::string_view spaced_hex) {
    std::string digits;
    std::copy_if(spaced_hex.begin(), spaced_hex.end(), std::back_inserter(digits),
                 [](char c) { return c != ' '; });
    base::Bytes bytes{first};
    base::append(bytes, base::from_hex(digits));
    return bytes;
}

// Whether a body begins with an ExHeader.
bool is_enhanced(media::Kind kind, std::string_view hex) {
    if (hex.empty()) return false;
    return kind == media::Kind::video ? hex[0] >= '8' : hex[0] == '9';
}

std::uint8_t selector(media::Kind kind) {
    return kind == media::Kind::video ? 1 : 0;
}
std::uint8_t selector(media::Codec codec) {
    return static_cast<std::uint8_t>(codec);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    for (const auto& tag : format::flv::samples::good())
        seeds::write(argv[1], "fuzz_flv_tag", tag.name, prefixed(selector(tag.kind), tag.body));
    for (const auto& tag : format::flv::samples::bad())
        seeds::write(argv[1], "fuzz_flv_tag", tag.name, prefixed(selector(tag.kind), tag.body));
    for (const auto& tag : format::flv::samples::good())
        if (is_enhanced(tag.kind, tag.body))
            seeds::write(argv[1], "fuzz_enhanced_tag", tag.name, prefixed(selector(tag.kind), tag.body));
    for (const auto& record : codec::samples::video)
        seeds::write(argv[1], "fuzz_video_config", record.name,
                     prefixed(selector(record.codec), record.record));
    for (const auto* table : {&codec::samples::audio, &codec::samples::mp3})
        for (const auto& record : *table)
            seeds::write(argv[1], "fuzz_audio_config", record.name,
                         prefixed(selector(record.codec), record.record));
    return 0;
}
