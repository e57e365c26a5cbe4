#include "storage/object_url.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace storage {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// S3's rules for the names of buckets.
bool is_bucket_name(std::string_view name) {
    return name.size() >= 3 && name.size() <= 63 && is_plain(name.front()) && is_plain(name.back()) &&
           name.find("..") == std::string_view::npos &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_plain(c) || c == '-' || c == '.'; });
}

bool is_region(std::string_view name) {
    return !name.empty() && name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_plain(c) || c == '-' || c == '_'; });
}

tl::unexpected<base::Error> wrong(std::string text) {
    return base::fail(base::ErrorCode::invalid_argument, std::move(text));
}

struct UrlDeleter {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// Empty when it is not there.
std::string part(CURLU* url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
    std::string owned = text;
    curl_free(text);
    return owned;
}

// Dots as a whole segment, and nothing between two slashes: paths that are shortened on the way.
bool is_key(std::string_view key) {
    if (key.empty() || key.size() > max_key_size) return false;
    for (std::size_t begin = 0; begin <= key.size();) {
        const std::size_t end = std::min(key.find('/', begin), key.size());
        const std::string_view segment = key.substr(begin, end - begin);
        if (segment.empty() || segment == "." || segment == "..") return false;
        begin = end + 1;
    }
    return std::none_of(key.begin(), key.end(), [](char c) {
        return static_cast<unsigned char>(c) < ' ' || c == '\x7f' || c == '\\';
    });
}

}  // namespace

std::string percent_encoded(std::string_view text, bool keep_slashes) {
    std::string encoded;
    for (const char c : text) {
        const bool stays = is_plain(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
                           c == '~' || (keep_slashes && c == '/');
        if (stays)
            encoded.push_back(c);
        else
            encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

base::Result<ObjectUrl> bucket_url(const StoreSettings& settings) {
    const std::unique_ptr<CURLU, UrlDeleter> url(curl_url());
    if (curl_url_set(url.get(), CURLUPART_URL, settings.endpoint.c_str(), 0) != CURLUE_OK)
        return wrong("the store's endpoint is no URL: https://s3.example.com is one");
    ObjectUrl made;
    made.scheme = part(url.get(), CURLUPART_SCHEME);
    made.host = part(url.get(), CURLUPART_HOST);
    const std::string port = part(url.get(), CURLUPART_PORT);
    if (made.scheme != "https" && made.scheme != "http")
        return wrong("the store's endpoint must begin with https:// (or http://)");
    const std::string path = part(url.get(), CURLUPART_PATH);
    for (const CURLUPart other : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT})
        if (!part(url.get(), other).empty())
            return wrong("the store's endpoint is a host alone: bucket and keys are settings of their own");
    if (made.host.empty() || (!path.empty() && path != "/"))
        return wrong("the store's endpoint is a host alone: bucket and keys are settings of their own");
    if (!is_bucket_name(settings.bucket))
        return wrong("the bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens");
    if (!is_region(settings.region)) return wrong("the store's region is a name like eu-central-1");

    const bool own_port = port.empty() || port == (made.scheme == "https" ? "443" : "80");
    if (!own_port) made.host += ":" + port;
    if (settings.path_style) {
        made.path = "/" + settings.bucket;
    } else {
        if (settings.bucket.find('.') != std::string::npos && made.scheme == "https")
            return wrong("no certificate fits a bucket's name with dots before the host: use the path style");
        made.host = settings.bucket + "." + made.host;
    }
    return made;
}

base::Result<ObjectUrl> object_url(const StoreSettings& settings, std::string_view key, Query query) {
    if (!is_key(key)) return wrong("this is no name for an object");
    auto url = bucket_url(settings);
    if (!url) return url;
    url->path += "/" + percent_encoded(key, true);
    std::sort(query.begin(), query.end());
    for (const auto& [name, value] : query)
        url->query += (url->query.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
    return url;
}

}  // namespace storage
