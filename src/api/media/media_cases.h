// Paths and queries of players, for the tests and as seeds of the fuzz target.
#pragma once

#include <optional>
#include <string_view>

#include "api/media/media_path.h"

namespace api::media::cases {

struct Path {
    std::string_view text;
    // Nothing: there is nothing under it.
    std::optional<MediaPath::Kind> kind = {};
    std::string_view id = {};
    std::string_view file = {};
};

inline constexpr Path paths[] = {
    {"/live/pb_1/index.m3u8", MediaPath::Kind::live, "pb_1", "index.m3u8"},
    {"/live/pb_1/17.3.m4s", MediaPath::Kind::live, "pb_1", "17.3.m4s"},
    {"/live/pb_1/%69ndex.m3u8", MediaPath::Kind::live, "pb_1", "index.m3u8"},
    {"/live/pb_1.flv", MediaPath::Kind::live_flv, "pb_1"},
    {"/live/pb%5f1.flv", MediaPath::Kind::live_flv, "pb_1"},
    {"/live/a.flv/index.m3u8", MediaPath::Kind::live, "a.flv", "index.m3u8"},
    {"/vod/as_1/video.mp4", MediaPath::Kind::vod, "as_1", "video.mp4"},
    {"/vod/as_1/0.m3u8", MediaPath::Kind::vod, "as_1", "0.m3u8"},
    {"/live/"},
    {"/live//"},
    {"/live/pb_1"},
    {"/live/pb_1/"},
    {"/live/.flv"},
    {"/live//index.m3u8"},
    {"/live/pb_1/index.m3u8/"},
    {"/live/pb_1/a/b"},
    {"/vod/as_1.flv"},
    {"/vod/as_1"},
    // What has led elsewhere.
    {"/live/../etc/passwd"},
    {"/live/pb_1/.."},
    {"/live/pb_1/.hidden"},
    {"/live/%2e%2e/passwd"},
    {"/live/pb_1/..%2f..%2fetc%2fpasswd"},
    {"/live/pb_1/%252e%252e"},
    {"/live/pb_1/a%00.m3u8"},
    {"/live/pb_1/a\\b"},
    {"/live/pb_1/a%5cb"},
    {"/live/pb_1/%c0%ae"},
    {"/live/pb_1/%"},
    {"/live/pb_1/index.m3u8;x"},
    {"/live/pb 1/index.m3u8"},
    {"/live/pb_1/index\r\nX: y"},
    {"live/pb_1/index.m3u8"},
    {"/Live/pb_1/index.m3u8"},
    {"/lives/pb_1/index.m3u8"},
    {"/vod"},
    {""},
};

inline constexpr std::string_view queries[] = {
    "",
    "token=abc.def-ghi_jkl&viewer=0123456789abcdef",
    "_HLS_msn=17&_HLS_part=3&_HLS_skip=YES",
    "_HLS_msn=17&_HLS_msn=18",
    "plain",
    "plain=0&plain=1",
    "utm_source=%zz&token=a%20b+c&%ff=%ff",
    "token=%zz",
    "token=%ff",
    "_HLS_msn=%00",
    "=&&&==&token",
    "_HLS_msn=-1&_HLS_part=99999999999999999999&_HLS_skip=v2",
};

}  // namespace api::media::cases
