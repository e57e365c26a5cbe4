// What players ask, as it stands in the request line: /live/… and /vod/… with their queries. Pure; any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace api::media {

// Nothing of ours is longer.
constexpr std::size_t max_path = 512;
constexpr std::size_t max_name = 128;
constexpr std::size_t max_query = 4096;
constexpr std::size_t max_token = 2048;
constexpr std::size_t max_parameter = 64;

struct MediaPath {
    enum class Kind : std::uint8_t {
        live,      // /live/{playbackId}/{file}
        live_flv,  // /live/{playbackId}.flv
        vod,       // /vod/{assetId}/{file}
    };
    Kind kind = Kind::live;
    std::string id = {};
    std::string file = {};

    bool operator==(const MediaPath&) const = default;
};

// Whether the path is of these at all, well-formed or not.
bool is_media_path(std::string_view path);
// Names hold letters, digits, '-', '_' and '.', and begin with none of the last: they name what is known,
// and lead nowhere. Nothing for any other path.
std::optional<MediaPath> parse_media_path(std::string_view path);
std::string_view route_of(MediaPath::Kind kind);

struct MediaQuery {
    std::string token = {};
    std::string viewer = {};
    std::optional<std::string> msn = {};
    std::optional<std::string> part = {};
    std::optional<std::string> skip = {};
    bool plain = false;

    bool operator==(const MediaQuery&) const = default;
};

// Of a parameter that comes twice the first counts; what is not known is not looked at. Nothing when it is
// too long, or a known one cannot be decoded.
std::optional<MediaQuery> parse_media_query(std::string_view query);

}  // namespace api::media
