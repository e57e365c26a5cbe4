// What a creator should know before the show or during it: a source held against a platform's limits, a key's
// shape, a link's width. Pure; safe from any thread. No text here holds a key.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "media/facts.h"
#include "platform/catalogue.h"

namespace platform {

enum class Severity : std::uint8_t {
    info,
    warning,  // the platform will complain, or viewers will
    error,    // the platform will not take it
};

std::string_view to_string(Severity severity);

struct Advice {
    std::string code;  // stable, for programs: "keyframes_too_far_apart"
    Severity severity = Severity::info;
    std::string message;  // what is the matter and what to do
};

// What the platform wishes of this source, worst first. Facts that are not known yet give no advice.
std::vector<Advice> check_source(const Platform& platform, const media::IngestFacts& source);

// Whether a key has the platform's shape, and whether it tells that it has expired. An empty key gives no
// advice.
std::vector<Advice> check_key(const Platform& platform, const base::Secret& key, base::WallTime now);

// The link should carry twice what is sent, because a link that is full has no room for a single lost packet.
inline constexpr int bandwidth_factor = 2;

struct BandwidthAdvice {
    std::int64_t total_kbps = 0;
    std::int64_t recommended_kbps = 0;
    // True when the link is not known.
    bool enough = true;
    std::string message;
};

// `bitrates_kbps` is one number per destination; `uplink_kbps` is what the link was seen to carry.
BandwidthAdvice bandwidth_advice(std::span<const std::int64_t> bitrates_kbps,
                                 std::optional<std::int64_t> uplink_kbps);

}  // namespace platform
