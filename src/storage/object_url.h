// The address of an object, in the two forms that stores know. Pure; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "storage/settings.h"

namespace storage {

inline constexpr std::size_t max_key_size = 1024;  // S3's

// Sorted by name, as a signature wants them.
using Query = std::vector<std::pair<std::string, std::string>>;

struct ObjectUrl {
    std::string scheme;  // "https"
    std::string host;    // with the port where it is not the scheme's own
    std::string path;    // percent-encoded, begins with a slash
    std::string query;   // percent-encoded, without the question mark

    std::string text() const { return scheme + "://" + host + path + (query.empty() ? "" : "?" + query); }
};

// The bucket of these settings. Errors: invalid_argument, telling which setting to mend.
base::Result<ObjectUrl> bucket_url(const StoreSettings& settings);
// Errors besides: invalid_argument for a key that some store, proxy or library would take for another one.
base::Result<ObjectUrl> object_url(const StoreSettings& settings, std::string_view key, Query query = {});

// RFC 3986's unreserved characters stay.
std::string percent_encoded(std::string_view text, bool keep_slashes = false);

}  // namespace storage
