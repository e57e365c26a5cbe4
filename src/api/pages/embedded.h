// The files of web/player, as the binary carries them: written by web/player/embed.mjs when it is built.
// Constants, free of threads.
#pragma once

#include <span>
#include <string_view>

namespace api::pages {

struct Asset {
    std::string_view name;  // "player.js"
    std::string_view type;
    std::string_view body;
    std::string_view gzip;
};

std::span<const Asset> assets();
// Of all of them together; it stands in their addresses: /player/{digest}/{name}.
std::string_view assets_digest();

// With {{name}} where text goes: see page_text.h.
std::string_view watch_template();
std::string_view embed_template();

}  // namespace api::pages
