// The web app (web/), as the binary carries it: written by web/embed.mjs when it is built. Constants, free of
// threads.
#pragma once

#include <span>
#include <string_view>

namespace api::pages {

struct AppFile {
    std::string_view path;  // "/assets/index-3fQx.js"; what lies elsewhere is not named by its content
    std::string_view type;
    std::string_view etag;  // of its content, without quotes
    std::string_view plain;
    // Empty where it would gain nothing.
    std::string_view gzip;
    std::string_view brotli;
};

std::span<const AppFile> app_files();
// The paths that the app's router knows: "/livestreams/:id".
std::span<const std::string_view> app_paths();
// One page for all of them, with {{nonce}} in it.
std::string_view app_page();

}  // namespace api::pages
