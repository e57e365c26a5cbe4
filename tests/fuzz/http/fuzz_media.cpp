// What players ask: "path?query" of /live and /vod. Names lead nowhere, values stay within their bounds, and
// both come back when they are written again. And WebSocket frames: cut anywhere, they mean the same.
#include <algorithm>
#include <string>

#include "api/http/url.h"
#include "api/http/websocket.h"
#include "api/media/media_path.h"
#include "fuzz/require.h"

using namespace api;

namespace {

void check_name(std::string_view name) {
    fuzz::require(!name.empty() && name.size() <= media::max_name && name.front() != '.');
    fuzz::require(
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
        std::string_view::npos);
}

void check_path(std::string_view text) {
    const auto path = media::parse_media_path(text);
    if (!path) return;
    using Kind = media::MediaPath::Kind;
    fuzz::require(media::is_media_path(text) && text.size() <= media::max_path);
    check_name(path->id);
    fuzz::require(path->file.empty() == (path->kind == Kind::live_flv));
    if (path->kind != Kind::live_flv) check_name(path->file);
    const std::string root = path->kind == Kind::vod ? "/vod/" : "/live/";
    const std::string end = path->kind == Kind::live_flv ? ".flv" : "/" + path->file;
    fuzz::require(media::parse_media_path(root + path->id + end) == path);
}

void check_query(std::string_view text) {
    const auto query = media::parse_media_query(text);
    if (!query) return;
    fuzz::require(query->token.size() <= media::max_token && http::valid_utf8(query->token));
    fuzz::require(query->viewer.size() <= media::max_parameter && http::valid_utf8(query->viewer));
    for (const auto* value : {&query->msn, &query->part, &query->skip})
        if (*value) fuzz::require((*value)->size() <= media::max_parameter && http::valid_utf8(**value));
    // What is not known changes nothing.
    if (text.size() + 4 <= media::max_query)
        fuzz::require(media::parse_media_query("x=%&" + std::string(text)) == query);
}

void check_frames(base::ByteView bytes) {
    http::WebSocketReader whole;
    http::WebSocketReader piecemeal;
    const auto state = whole.consume(bytes);
    for (const std::uint8_t& byte : bytes) piecemeal.consume({&byte, 1});
    fuzz::require(piecemeal.consume({}) == state);
    std::string ping;
    std::string other;
    fuzz::require(whole.take_ping(ping) == piecemeal.take_ping(other) && ping == other);
    fuzz::require(ping.size() <= http::WebSocketReader::max_control_payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = base::as_text({data, size});
    const std::size_t question = text.find('?');
    check_path(text.substr(0, question));
    if (question != std::string_view::npos) check_query(text.substr(question + 1));
    check_frames({data, size});
    return 0;
}
