#include "protocol/rtmp/text.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace protocol::rtmp {
namespace {

// Peers send back a key cut at "?" or "&" as well. Shorter parts are words such as "live", not secrets.
constexpr std::size_t shortest_secret_part = 8;
constexpr std::string_view part_separators = "?&=";
constexpr std::string_view dots = "••••••••";

// Length of the UTF-8 sequence at the start of `text` and its code point; length 0 when it is broken.
struct Character {
    std::size_t length = 0;
    std::uint32_t code = 0;
};

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return {1, lead};
    std::size_t length = 0;
    std::uint32_t code = 0;
    std::uint32_t smallest = 0;
    if (lead >> 5 == 0x06) {
        length = 2, code = lead & 0x1f, smallest = 0x80;
    } else if (lead >> 4 == 0x0e) {
        length = 3, code = lead & 0x0f, smallest = 0x800;
    } else if (lead >> 3 == 0x1e) {
        length = 4, code = lead & 0x07, smallest = 0x10000;
    }
    if (length == 0 || text.size() < length) return {};
    for (std::size_t i = 1; i < length; ++i) {
        if (byte(i) >> 6 != 0x02) return {};
        code = code << 6 | (byte(i) & 0x3f);
    }
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < smallest || code > 0x10ffff || surrogate ? Character{} : Character{length, code};
}

bool is_shown(std::uint32_t code) {
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
    // Marks that turn the direction of what follows, line and paragraph separators, and the byte order mark.
    return !((code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
             (code >= 0x2060 && code <= 0x206f) || code == 0xfeff);
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

}  // namespace

std::string printable(std::string_view text, std::size_t max_bytes) {
    std::string shown;
    while (!text.empty() && shown.size() < max_bytes) {
        const Character character = first_character(text);
        if (character.length == 0 || !is_shown(character.code)) {
            shown.push_back('?');
            text.remove_prefix(std::max<std::size_t>(character.length, 1));
            continue;
        }
        if (shown.size() + character.length > max_bytes) break;
        shown.append(text.substr(0, character.length));
        text.remove_prefix(character.length);
    }
    return shown;
}

std::string printable_without(std::string_view text, const base::Secret& key) {
    std::string clean(text);
    if (!key.empty()) {
        replace_all(clean, key.reveal(), dots);
        std::string_view rest = key.reveal();
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find_first_of(part_separators), rest.size());
            if (end >= shortest_secret_part) replace_all(clean, rest.substr(0, end), dots);
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
    }
    // Cut last: a key cut in two would not be found.
    return printable(clean);
}

NameAndQuery cut_query(std::string_view text) {
    const std::size_t at = text.find('?');
    if (at == std::string_view::npos) return {text, {}};
    return {text.substr(0, at), text.substr(at + 1)};
}

}  // namespace protocol::rtmp
