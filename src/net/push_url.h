// The URL of a place that a stream is pushed to, taken apart: what to resolve, what to connect to, what to
// say there. The stream key is no part of it. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace net {

inline constexpr std::size_t max_push_url = 2048;

enum class PushScheme : std::uint8_t { rtmp, rtmps, http, https };

std::string_view to_string(PushScheme scheme);
// 1935, 443, 80, 443.
std::uint16_t default_port(PushScheme scheme);

struct PushUrl {
    PushScheme scheme = PushScheme::rtmp;
    // A name or an address, an IPv6 one without its brackets: for the resolver, SNI and the certificate's
    // check.
    std::string host;
    std::uint16_t port = 0;
    // RTMP's app: all that follows the host, as given and query included, without a trailing slash.
    std::string app;
    // RTMP's tcUrl: the URL as given, without a trailing slash.
    std::string tc_url;
    // HTTP's request target: path and query exactly as given, "/" when there is no path.
    std::string target;

    bool secure() const { return scheme == PushScheme::rtmps || scheme == PushScheme::https; }
    bool is_rtmp() const { return scheme == PushScheme::rtmp || scheme == PushScheme::rtmps; }
    // For Host headers and logs: brackets round IPv6, and the port where it is not the scheme's own.
    std::string authority() const;
};

// Errors: invalid_argument, named "invalid_url". The message says how to mend the URL and repeats nothing of
// it, because people paste their keys into URLs.
base::Result<PushUrl> parse_push_url(std::string_view text);

}  // namespace net
