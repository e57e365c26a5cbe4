// From content to the answer that this asker gets of it: all, a part, or the word that it has it already.
// Pure; any thread.
#pragma once

#include <string>

#include "api/http/message.h"
#include "media/content.h"

namespace api::media {

// What of a request decides how its content is given; kept while the content is waited for.
struct Terms {
    // Only what stands before the bytes.
    bool head = false;
    bool gzip = false;
    std::string range = {};
    std::string if_range = {};
    std::string if_none_match = {};
    std::string if_modified_since = {};
};

Terms terms_of(const http::Request& request);

http::Response content_response(const ::media::Content& content, const Terms& terms);

// What every answer about media says: any site's page may play it, and nothing is guessed about its type.
extern const std::string_view open_headers;

}  // namespace api::media
