#include "api/rest/embed.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/http/authorization.h"
#include "api/http/html.h"
#include "api/http/url.h"

namespace api::rest {

std::optional<PageLink> page_link(std::string_view url, std::string_view public_url) {
    while (public_url.ends_with('/')) public_url.remove_suffix(1);
    if (!http::starts_with_ignoring_case(url, public_url)) return std::nullopt;
    url.remove_prefix(public_url.size());
    // "http://here.example.evil/…" and "http://here.example@evil/…" begin like ours.
    if (!url.starts_with('/')) return std::nullopt;
    const auto path = http::decode_path(url.substr(0, url.find_first_of("?#")));
    if (!path || path->size() != 2 || path->back().empty()) return std::nullopt;
    const std::string& page = path->front();
    if (page == "watch" || page == "embed") return PageLink{PageLink::Kind::player, path->back()};
    if (page == "livestreams") return PageLink{PageLink::Kind::livestream, path->back()};
    if (page == "tv-stations") return PageLink{PageLink::Kind::station, path->back()};
    return std::nullopt;
}

EmbedSize embed_size(std::int64_t max_width, std::int64_t max_height) {
    EmbedSize size;
    if (max_width > 0) size.width = std::min(size.width, max_width);
    size.height = size.width * 9 / 16;
    if (max_height > 0 && size.height > max_height) size = {max_height * 16 / 9, max_height};
    return {std::max<std::int64_t>(1, size.width), std::max<std::int64_t>(1, size.height)};
}

std::string embed_frame(std::string_view public_url, const std::string& playback_id, std::string_view title,
                        EmbedSize size) {
    while (public_url.ends_with('/')) public_url.remove_suffix(1);
    return fmt::format(R"(<iframe src="{}/embed/{}" width="{}" height="{}" title="{}" style="border:0" )"
                       R"(allow="autoplay; fullscreen; picture-in-picture" allowfullscreen></iframe>)",
                       http::escape_html(public_url), http::escape_html(playback_id), size.width, size.height,
                       http::escape_html(title));
}

}  // namespace api::rest
