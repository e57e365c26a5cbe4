// Health of a broadcast: what is wrong, how badly, since when, and a score that sums it up. `assess` is pure;
// HealthBook remembers since when, and whether anything changed. Safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "media/facts.h"
#include "media/output_status.h"

namespace service {

enum class HealthLevel : std::uint8_t { healthy, degraded, unhealthy };
enum class Severity : std::uint8_t { info, warning, critical };

std::string_view to_string(HealthLevel level);
std::string_view to_string(Severity severity);

struct HealthIssue {
    // Stable: "keyframe_interval_long", "destination_stalled", "encoder_missing".
    std::string code;
    Severity severity = Severity::warning;
    std::string message;
    // Empty for the ingest.
    std::string destination_id = {};
    base::WallTime since{};
};

struct Health {
    HealthLevel level = HealthLevel::healthy;
    // 0 to 100.
    int score = 100;
    std::vector<HealthIssue> issues;
    base::WallTime computed_at{};
};

// What is known of a broadcast at one moment.
struct HealthInput {
    struct Output {
        std::string name;
        // The catalogue's id, for the platform's wishes.
        std::string platform;
        media::OutputStatus status;
        // Not tried: the reason.
        std::string skipped = {};
        // Frames dropped since the last computation; filled in by HealthBook, as recent_discontinuities is.
        std::uint64_t recently_dropped = 0;
    };
    // Nothing before the first encoder came.
    std::optional<media::IngestFacts> ingest;
    base::WallTime now{};
    bool encoder_connected = false;
    bool ever_connected = false;
    // Timeline repairs since the last computation.
    std::uint64_t recent_discontinuities = 0;
    std::vector<Output> outputs;
};

// Every issue, without `since`, worst first.
std::vector<HealthIssue> assess(const HealthInput& input);
// Of 100, each critical issue of the ingest costs 60 and each warning 15. The destinations together cost at
// most 50 while one of them is well, and at most 80 when none is, shared equally among them.
Health sum_up(std::vector<HealthIssue> issues, const HealthInput& input);

class HealthBook {
  public:
    // Computes the broadcast's health anew. `changed` tells whether the level or the set of issues differ
    // from before.
    struct Answer {
        Health health;
        bool changed = false;
    };
    Answer compute(const std::string& session_id, HealthInput input);
    std::optional<Health> find(const std::string& session_id) const;
    void forget(const std::string& session_id);

  private:
    struct Page {
        Health health;
        std::uint64_t discontinuities = 0;
        std::map<std::string, std::uint64_t> dropped;
    };
    mutable std::mutex mutex_;
    std::map<std::string, Page> pages_;
};

}  // namespace service
