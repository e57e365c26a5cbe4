#include "api/media/media_path.h"

#include <algorithm>

#include "api/http/url.h"

namespace api::media {
namespace {

constexpr std::string_view live_root = "/live/";
constexpr std::string_view vod_root = "/vod/";
constexpr std::string_view flv_end = ".flv";

bool is_name(std::string_view text) {
    if (text.empty() || text.size() > max_name || text.front() == '.') return false;
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_' || c == '.';
    });
}

std::optional<MediaPath> of_names(std::string_view root, std::string_view rest) {
    const auto slash = rest.find('/');
    if (slash == std::string_view::npos) {
        if (root != live_root || !is_name(rest) || !rest.ends_with(flv_end) || rest.size() == flv_end.size())
            return std::nullopt;
        rest.remove_suffix(flv_end.size());
        return MediaPath{MediaPath::Kind::live_flv, std::string(rest)};
    }
    const std::string_view id = rest.substr(0, slash);
    const std::string_view file = rest.substr(slash + 1);
    if (!is_name(id) || !is_name(file)) return std::nullopt;
    return MediaPath{root == live_root ? MediaPath::Kind::live : MediaPath::Kind::vod, std::string(id),
                     std::string(file)};
}

// False when it is known and cannot be read.
bool read_text(std::string_view text, std::size_t limit, std::optional<std::string>& to) {
    if (to) return true;
    to = http::decode_form_text(text);
    return to && to->size() <= limit;
}

}  // namespace

bool is_media_path(std::string_view path) {
    return path.starts_with(live_root) || path.starts_with(vod_root);
}

std::optional<MediaPath> parse_media_path(std::string_view path) {
    if (path.size() > max_path || !is_media_path(path)) return std::nullopt;
    const std::string_view root = path.starts_with(live_root) ? live_root : vod_root;
    if (path.find('%') == std::string_view::npos) return of_names(root, path.substr(root.size()));
    const auto segments = http::decode_path(path);
    if (!segments || segments->size() < 2 || segments->size() > 3) return std::nullopt;
    std::string rest = (*segments)[1];
    if (segments->size() == 3) rest += "/" + (*segments)[2];
    return of_names(root, rest);
}

std::string_view route_of(MediaPath::Kind kind) {
    switch (kind) {
        case MediaPath::Kind::live:
            return "/live/{playbackId}/{file}";
        case MediaPath::Kind::live_flv:
            return "/live/{playbackId}.flv";
        case MediaPath::Kind::vod:
            return "/vod/{assetId}/{file}";
    }
    return {};
}

std::optional<MediaQuery> parse_media_query(std::string_view query) {
    if (query.size() > max_query) return std::nullopt;
    MediaQuery read;
    std::optional<std::string> token;
    std::optional<std::string> viewer;
    std::optional<std::string> plain;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, equals);
        const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
        bool fine = true;
        if (name == "token")
            fine = read_text(value, max_token, token);
        else if (name == "viewer")
            fine = read_text(value, max_parameter, viewer);
        else if (name == "_HLS_msn")
            fine = read_text(value, max_parameter, read.msn);
        else if (name == "_HLS_part")
            fine = read_text(value, max_parameter, read.part);
        else if (name == "_HLS_skip")
            fine = read_text(value, max_parameter, read.skip);
        else if (name == "plain")
            fine = read_text(value, max_parameter, plain);
        if (!fine) return std::nullopt;
    }
    if (token) read.token = std::move(*token);
    if (viewer) read.viewer = std::move(*viewer);
    read.plain = plain && *plain != "0" && *plain != "false";
    return read;
}

}  // namespace api::media
