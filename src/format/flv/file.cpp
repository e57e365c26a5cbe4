#include "format/flv/file.h"

#include <cassert>

namespace format::flv {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t audio_present = 0x04;
constexpr std::uint8_t video_present = 0x01;
constexpr std::uint8_t header_size = 9;

std::uint8_t tag_type(media::Kind kind) {
    switch (kind) {
        case media::Kind::audio:
            return 8;
        case media::Kind::video:
            return 9;
        case media::Kind::data:
            return 18;
    }
    return 18;
}

std::uint8_t byte_of(std::uint64_t value, int shift) {
    return static_cast<std::uint8_t>(value >> shift);
}

}  // namespace

FileHeader write_file_header(bool has_audio, bool has_video) {
    const auto flags =
        static_cast<std::uint8_t>((has_audio ? audio_present : 0) | (has_video ? video_present : 0));
    return {'F', 'L', 'V', version, flags, 0, 0, 0, header_size, 0, 0, 0, 0};
}

TagFraming write_tag_framing(media::Kind kind, std::size_t body_size, std::chrono::milliseconds timestamp) {
    assert(body_size <= max_tag_body);
    const auto time = static_cast<std::uint64_t>(timestamp.count());
    TagFraming framing;
    // The timestamp's upper eight bits stand behind its lower 24; the stream id is 0.
    framing.head = {tag_type(kind),
                    byte_of(body_size, 16),
                    byte_of(body_size, 8),
                    byte_of(body_size, 0),
                    byte_of(time, 16),
                    byte_of(time, 8),
                    byte_of(time, 0),
                    byte_of(time, 24),
                    0,
                    0,
                    0};
    const std::size_t whole = framing.head.size() + body_size;
    framing.tail = {byte_of(whole, 24), byte_of(whole, 16), byte_of(whole, 8), byte_of(whole, 0)};
    return framing;
}

void add_tag(base::GatherList& out, media::Kind kind, base::ByteView body,
             std::chrono::milliseconds timestamp) {
    const TagFraming framing = write_tag_framing(kind, body.size(), timestamp);
    out.add_copy(framing.head);
    out.add_view(body);
    out.add_copy(framing.tail);
}

}  // namespace format::flv
