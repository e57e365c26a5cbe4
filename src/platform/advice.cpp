#include "platform/advice.h"

#include <fmt/format.h>

namespace platform {
namespace {

constexpr int kbps_per_mbps = 1'000;

// "8.4 Mbit/s", "14 Mbit/s", "800 kbit/s".
std::string rate_text(std::int64_t kbps) {
    if (kbps < kbps_per_mbps) return fmt::format("{} kbit/s", kbps);
    return fmt::format("{:.3g} Mbit/s", static_cast<double>(kbps) / kbps_per_mbps);
}

}  // namespace

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::info:
            return "info";
        case Severity::warning:
            return "warning";
        case Severity::error:
            return "error";
    }
    return "info";
}

BandwidthAdvice bandwidth_advice(std::span<const std::int64_t> bitrates_kbps,
                                 std::optional<std::int64_t> uplink_kbps) {
    BandwidthAdvice advice;
    for (const std::int64_t kbps : bitrates_kbps) advice.total_kbps += kbps;
    advice.recommended_kbps = advice.total_kbps * bandwidth_factor;
    const std::string need =
        fmt::format("{} {} {} together; an upload of {} is recommended", bitrates_kbps.size(),
                    bitrates_kbps.size() == 1 ? "destination takes" : "destinations take",
                    rate_text(advice.total_kbps), rate_text(advice.recommended_kbps));
    if (bitrates_kbps.empty()) {
        advice.message = "No destination is chosen yet.";
    } else if (!uplink_kbps) {
        advice.message = need + ".";
    } else if (*uplink_kbps >= advice.recommended_kbps) {
        advice.message = fmt::format("{}, and the link carries {}.", need, rate_text(*uplink_kbps));
    } else {
        advice.enough = false;
        advice.message =
            fmt::format("{}, but the link carries only {}: lower the bitrate or leave destinations out.",
                        need, rate_text(*uplink_kbps));
    }
    return advice;
}

}  // namespace platform
