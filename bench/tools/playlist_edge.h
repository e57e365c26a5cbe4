// Where a media playlist of low latency ends (RFC 8216bis, sections 4.4.4 and 6.2.5.2): what an LL-HLS viewer
// asks for next. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

struct PlaylistEdge {
    // The part after the last one that stands in it.
    std::uint64_t msn = 0;
    std::uint64_t part = 0;
    // The last part's.
    std::string_view uri;
    double part_target_s = 0;
};

// Nothing when it has no part.
std::optional<PlaylistEdge> read_edge(std::string_view playlist);

// The first URI of a multivariant playlist; empty when there is none.
std::string_view first_uri(std::string_view playlist);

// Where a URI leads that stands in the file at `base`: an absolute path, or a name beside it.
std::string resolve(std::string_view base, std::string_view uri);

}  // namespace bench
