// Content: a playlist, a segment, a recording, as it is handed to whoever serves it over HTTP. Immutable;
// any thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/file_slice.h"

namespace media {

using SharedText = std::shared_ptr<const std::string>;

struct Content {
    std::variant<SharedText, base::FileSlice> body = {};
    // The same text compressed; null where that is not worth it.
    SharedText gzip = {};
    std::string type = {};  // "video/mp4"
    // For how long a cache may answer with it, unasked. Nothing: for ever, since these bytes never change.
    // Zero: it has to ask again each time.
    std::optional<std::chrono::seconds> lifetime = std::chrono::seconds(0);
    // Only the asker's own: no cache between may keep it.
    bool personal = false;
    // Without the quotes; empty: none.
    std::string etag = {};
    std::optional<base::WallTime> modified = {};
    // How a browser names the file that it saves; empty: it shows it.
    std::string download_name = {};
    // Where the bytes are instead: a signed address, the asker's alone and good for minutes. Never logged.
    // The body is then a slice of no file, of their size.
    std::string redirect = {};
};

}  // namespace media
