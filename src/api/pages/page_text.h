// The text of the pages that play: a template of web/player, filled in. Foreign text goes in escaped, in one
// place. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace api::pages {

// What a page says of a stream or a recording before any script has run: to people, to search engines, and to
// whoever shows a preview of a link.
struct Description {
    std::string title = {};
    std::string text = {};
    std::string station_name = {};
    // A path here or a whole address; empty: none.
    std::string picture_url = {};
};

// A playback id, or an asset's id: what may stand behind /watch/ and /embed/.
inline constexpr std::size_t max_id_length = 64;
bool is_playable_id(std::string_view text);
// "as_…": a recording.
bool is_asset_id(std::string_view id);

struct PageFacts {
    // Empty where the path named none: the page says so.
    std::string id;
    // Nothing where it is not known (yet); scripts fill it in.
    std::optional<Description> description = {};
    // "https://live.example.org", without a slash behind it.
    std::string public_url;
    // "/player/3f…": where the page's files are.
    std::string assets;
};

// The same bytes in a query.
std::string percent_encode(std::string_view text);

std::string watch_page(std::string_view page_template, const PageFacts& facts);
std::string embed_page(std::string_view page_template, const PageFacts& facts);

}  // namespace api::pages
