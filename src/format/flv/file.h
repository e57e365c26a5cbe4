// The framing of an FLV file (FLV 10.1, E.2 to E.4.1), for streams over HTTP: what stands round the tag
// bodies, apart from them, so that a body that many outputs share is sent without being copied. Pure.
#pragma once

#include <array>
#include <chrono>

#include "base/gather_list.h"
#include "media/frame.h"

namespace format::flv {

// A tag's size is said in 24 bits.
inline constexpr std::size_t max_tag_body = 0xff'ff'ff;

// "FLV", version 1, and the empty tag's size that comes before the first tag.
using FileHeader = std::array<std::uint8_t, 13>;
FileHeader write_file_header(bool has_audio, bool has_video);

// A tag goes out as head, body, tail.
struct TagFraming {
    std::array<std::uint8_t, 11> head{};
    std::array<std::uint8_t, 4> tail{};
};
// `body_size` is at most max_tag_body. `timestamp` is the output's own, in its timeline; its lower 32 bits of
// milliseconds are written.
TagFraming write_tag_framing(media::Kind kind, std::size_t body_size, std::chrono::milliseconds timestamp);

// What a tag is longer than its body.
inline constexpr std::size_t tag_overhead = sizeof(TagFraming);
// Appends a whole tag. `body` stays where it is: the caller keeps it.
void add_tag(base::GatherList& out, media::Kind kind, base::ByteView body,
             std::chrono::milliseconds timestamp);

}  // namespace format::flv
