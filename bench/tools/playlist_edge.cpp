#include "bench/tools/playlist_edge.h"

#include <charconv>

namespace bench {
namespace {

template <class Use>
void each_line(std::string_view text, Use&& use) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        use(line);
        if (end == std::string_view::npos) return;
        text.remove_prefix(end + 1);
    }
}

// The value of NAME=…, or NAME="…", in a tag's list of attributes.
std::string_view attribute(std::string_view line, std::string_view name) {
    for (auto at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
        const bool begins = at > 0 && (line[at - 1] == ':' || line[at - 1] == ',');
        std::string_view rest = line.substr(at + name.size());
        if (!begins || !rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        if (!rest.starts_with('"')) return rest.substr(0, rest.find(','));
        rest.remove_prefix(1);
        return rest.substr(0, rest.find('"'));
    }
    return {};
}

template <class Number>
Number number(std::string_view text) {
    Number value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

}  // namespace

std::optional<PlaylistEdge> read_edge(std::string_view playlist) {
    constexpr std::string_view media_sequence = "#EXT-X-MEDIA-SEQUENCE:";
    constexpr std::string_view part_information = "#EXT-X-PART-INF:";
    constexpr std::string_view part = "#EXT-X-PART:";
    constexpr std::string_view segment = "#EXTINF:";
    PlaylistEdge edge;
    each_line(playlist, [&](std::string_view line) {
        if (line.starts_with(segment)) {
            ++edge.msn;
            edge.part = 0;
        } else if (line.starts_with(part)) {
            ++edge.part;
            edge.uri = attribute(line, "URI");
        } else if (line.starts_with(media_sequence)) {
            edge.msn += number<std::uint64_t>(line.substr(media_sequence.size()));
        } else if (line.starts_with(part_information)) {
            edge.part_target_s = number<double>(attribute(line, "PART-TARGET"));
        }
    });
    if (edge.uri.empty()) return std::nullopt;
    return edge;
}

std::string_view first_uri(std::string_view playlist) {
    std::string_view found;
    each_line(playlist, [&](std::string_view line) {
        if (found.empty() && !line.starts_with('#')) found = line;
    });
    return found;
}

std::string resolve(std::string_view base, std::string_view uri) {
    if (uri.starts_with('/')) return std::string(uri);
    base = base.substr(0, base.find('?'));
    return std::string(base.substr(0, base.rfind('/') + 1)) + std::string(uri);
}

}  // namespace bench
