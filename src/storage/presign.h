// Signed URLs: whoever holds one may get that object for a while (AWS Signature Version 4, query parameters).
// Pure; any thread.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "storage/object_url.h"

namespace storage {

// AWS takes no longer ones.
inline constexpr std::chrono::seconds longest_presigned{7 * 24 * 3600};

struct Presign {
    std::string key;
    std::chrono::seconds valid{3600};
    // The answer's headers; empty: as the object has them.
    std::string content_type = {};
    std::string content_disposition = {};
};

// Errors: invalid_argument.
base::Result<std::string> presigned_get(const StoreSettings& settings, const Presign& wanted,
                                        base::WallTime now);

}  // namespace storage
