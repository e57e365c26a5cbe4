// Question: what a player asks of a stream, read from the file's name and the directives. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "format/m3u8/delivery_directives.h"
#include "output/hls/segment.h"
#include "output/live_hls.h"

namespace output::hls {

// Of the two together: a waiting question keeps them.
inline constexpr std::size_t max_query = 4 * 1024;

struct Question {
    enum class What { index, plain_index, media, plain_media, init, segment, part };

    What what = What::index;
    // Of init, segment and part.
    PartName name = {};
    format::m3u8::DeliveryDirectives directives = {};
    // Put behind URIs; the one for media playlists holds both. Empty, or "?…".
    std::string query = {};
    std::string playlist_query = {};
};

// Errors: not_found (there is never such a file), bad_request (directives, a query that is too long).
base::Result<Question> read_question(const HlsQuestion& asked);

}  // namespace output::hls
