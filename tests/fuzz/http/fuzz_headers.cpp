// The headers that are read by hand: Cookie, Authorization, X-Forwarded-For; and foreign text in a header of
// our answer. The input is the peer's address, then one header a line, "name: value".
#include <boost/asio/ip/address.hpp>
#include <string>

#include "api/http/authorization.h"
#include "api/http/client_address.h"
#include "api/http/cookie.h"
#include "fuzz/require.h"
#include "fuzz/text_lines.h"

using namespace api;

namespace {

bool is_address(const std::string& text) {
    boost::system::error_code failed;
    boost::asio::ip::make_address(text, failed);
    return !failed;
}

void check_origin(const http::Request& request) {
    static const auto proxies = http::TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8", "fd00::/8"}).value();
    const http::ClientOrigin origin = http::client_origin(request, proxies);
    if (!proxies.contains(request.peer_address)) {
        fuzz::require(origin.address == request.peer_address && origin.secure == request.secure);
        fuzz::require(origin.forwarded_by_stranger ==
                      (request.has_header("x-forwarded-for") || request.has_header("forwarded")));
    } else {
        fuzz::require(!origin.forwarded_by_stranger && is_address(origin.address));
    }
    static_cast<void>(http::is_loopback(origin.address));
}

void check_networks(std::string_view text) {
    const auto proxies = http::TrustedProxies::parse({std::string(text)});
    if (!proxies) return;
    const std::string_view address = text.substr(0, text.find('/'));
    // A network holds the address that it is written with.
    if (is_address(std::string(address))) fuzz::require(proxies->contains(address));
}

void check_cookie(std::string_view header) {
    const std::string value = http::cookie_value(header, "everycast_refresh");
    fuzz::require(value.find(';') == std::string::npos);
    if (value.empty()) return;
    fuzz::require(header.find(value) != std::string_view::npos);
    const std::string set = http::set_cookie("everycast_refresh", value, {});
    fuzz::require(http::cookie_value(set, "everycast_refresh") == value);
    fuzz::require(set.find("; HttpOnly; SameSite=Strict") != std::string::npos);
}

// Nothing that a client said starts a header of its own.
void check_answer(std::string_view value) {
    http::Response response;
    response.set("X-Echo", value);
    const std::string head = http::render_head(response, http::Framing::length, true, {});
    std::size_t lines = 0;
    for (std::size_t at = 0; (at = head.find('\n', at)) != std::string::npos; ++at) {
        fuzz::require(at > 0 && head[at - 1] == '\r');
        ++lines;
    }
    // Status, ours, Date, Content-Length, Connection, and the empty one.
    fuzz::require(lines == 6 && std::count(head.begin(), head.end(), '\r') == 6);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Lines lines({data, size});
    http::Request request;
    request.peer_address = lines.next();
    constexpr std::size_t most_headers = 100;
    while (!lines.at_end() && request.headers.size() < most_headers) {
        const std::string_view line = lines.next();
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        request.headers.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
    }
    check_origin(request);
    check_networks(request.peer_address);
    check_cookie(request.header("cookie"));
    const std::string_view authorization = request.header("authorization");
    const base::Secret bearer = http::bearer_token(authorization);
    if (!bearer.empty()) fuzz::require(authorization.ends_with(bearer.reveal()));
    check_answer({reinterpret_cast<const char*>(data), size});
    return 0;
}
