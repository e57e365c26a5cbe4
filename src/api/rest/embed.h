// Embeds: which of our pages a URL names, how large its player becomes, and the frame around it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api::rest {

struct PageLink {
    enum class Kind : std::uint8_t { player, livestream, station };
    Kind kind = Kind::player;
    std::string id;
    bool operator==(const PageLink&) const = default;
};

// /watch/{id}, /embed/{id}, /livestreams/{id} and /tv-stations/{slug} under `public_url`; nothing for any
// other URL.
std::optional<PageLink> page_link(std::string_view url, std::string_view public_url);

struct EmbedSize {
    std::int64_t width = 640;
    std::int64_t height = 360;
};

// 16:9, and within both; 0: no bound.
EmbedSize embed_size(std::int64_t max_width, std::int64_t max_height);

std::string embed_frame(std::string_view public_url, const std::string& playback_id, std::string_view title,
                        EmbedSize size);

}  // namespace api::rest
