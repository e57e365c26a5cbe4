// Takes apart what people paste: one URL that holds server and key, as some platforms show it. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace platform {

struct PastedUrl {
    std::string server_url;  // without a trailing slash; checked by nobody yet
    base::Secret key;        // empty when the URL holds none
};

// Cuts at the last slash of the path, so that a key keeps its query ("123?s_bl=1&a=b"). A path of one part
// ("live2", "live2?backup=1") is the server's own and has no key.
PastedUrl split_pasted_url(std::string_view text);

}  // namespace platform
