#include "service/health.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "platform/advice.h"
#include "platform/catalogue.h"

namespace service {
namespace {

constexpr std::int64_t silent_warning_ms = 3'000;
constexpr std::int64_t silent_critical_ms = 8'000;
constexpr std::int64_t drift_warning_ms = 2'000;
constexpr double keyframe_warning_s = 4.5;
constexpr std::int64_t queue_warning_ms = 2'000;
// How long a track may take to show up before its absence is told.
constexpr std::chrono::seconds track_patience{5};

constexpr int ingest_critical_cost = 60;
constexpr int ingest_warning_cost = 15;
constexpr double some_well_cost = 50;
constexpr double none_well_cost = 80;
constexpr double warning_share = 0.25;
constexpr int unhealthy_below = 50;

std::string seconds(double s) {
    const auto tenths = static_cast<std::int64_t>(s * 10 + 0.5);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

void assess_encoder(const HealthInput& input, std::vector<HealthIssue>& issues) {
    const auto add = [&](std::string code, Severity severity, std::string message) {
        issues.push_back({std::move(code), severity, std::move(message)});
    };
    if (!input.encoder_connected) {
        if (input.ever_connected)
            add("encoder_missing", Severity::critical,
                "The encoder is away. Check its network and start it again: the destinations are kept up for "
                "its return.");
        else
            add("encoder_waiting", Severity::info,
                "No encoder has connected yet. Start streaming with this stream's key.");
        return;
    }
    if (!input.ingest) return;
    const media::IngestFacts& facts = *input.ingest;
    if (facts.silent_ms >= silent_warning_ms)
        add("encoder_silent", facts.silent_ms >= silent_critical_ms ? Severity::critical : Severity::warning,
            "The encoder is connected, and has sent nothing for " +
                seconds(static_cast<double>(facts.silent_ms) / 1000) + ".");
    if (facts.video.keyframe_interval_s > keyframe_warning_s)
        add("keyframe_interval_long", Severity::warning,
            "Keyframes are " + seconds(facts.video.keyframe_interval_s) +
                " apart; set the encoder's keyframe interval to 2 s.");
    if (std::llabs(facts.drift_ms) > drift_warning_ms)
        add("encoder_drift", Severity::warning,
            std::string("The encoder's clock runs ") + (facts.drift_ms > 0 ? "fast" : "slow") + " by " +
                seconds(static_cast<double>(std::llabs(facts.drift_ms)) / 1000) + ".");
    if (input.recent_discontinuities > 0)
        add("timeline_jumps", Severity::warning,
            "The encoder's timestamps jump; they were mended " +
                std::to_string(input.recent_discontinuities) + " times just now.");
    if (input.now - facts.since < track_patience) return;
    if (facts.video.codec == media::Codec::none)
        add("video_missing", Severity::warning, "The encoder sends no video.");
    if (facts.audio.codec == media::Codec::none)
        add("audio_missing", Severity::warning,
            "The encoder sends no sound; some platforms refuse a stream without.");
}

Severity from(platform::Severity severity) {
    switch (severity) {
        case platform::Severity::info:
            return Severity::info;
        case platform::Severity::warning:
            return Severity::warning;
        case platform::Severity::error:
            break;
    }
    return Severity::critical;
}

void assess_output(const HealthInput& input, const HealthInput::Output& output,
                   std::vector<HealthIssue>& issues) {
    const media::OutputStatus& status = output.status;
    const auto add = [&](std::string code, Severity severity, const std::string& message) {
        issues.push_back({std::move(code), severity, output.name + ": " + message, status.destination_id});
    };
    if (!output.skipped.empty()) return add("destination_skipped", Severity::warning, output.skipped);
    const std::string why = status.last_error.empty() ? status.detail : status.last_error;
    const std::string problem(media::to_string(status.problem));
    if (status.state == media::OutputState::error)
        add("destination_" + problem, Severity::critical, why.empty() ? "it failed." : why);
    else if (status.problem == media::OutputProblem::stalled ||
             status.problem == media::OutputProblem::too_slow)
        add("destination_" + problem, Severity::warning,
            why.empty() ? "it takes the stream too slowly." : why);
    else if (status.state != media::OutputState::connected && input.encoder_connected &&
             status.retry_count > 0)
        add("destination_retrying", Severity::critical, why.empty() ? "it is tried again." : why);
    if (output.recently_dropped > 0)
        add("destination_dropping", Severity::warning,
            std::to_string(output.recently_dropped) +
                " frames were dropped just now, because it takes them too slowly.");
    if (status.state == media::OutputState::connected && status.metrics.queue_ms > queue_warning_ms)
        add("destination_queue_long", Severity::warning,
            "it is " + seconds(static_cast<double>(status.metrics.queue_ms) / 1000) + " behind.");
    if (!input.encoder_connected || !input.ingest) return;
    if (const auto* platform = platform::find(output.platform))
        for (const auto& advice : platform::check_source(*platform, *input.ingest))
            add("platform_" + advice.code, from(advice.severity), advice.message);
}

double destination_cost(const std::vector<HealthIssue>& issues, const HealthInput& input) {
    if (input.outputs.empty()) return 0;
    double lost = 0;
    bool one_is_well = false;
    for (const auto& output : input.outputs) {
        double share = 0;
        for (const auto& issue : issues) {
            if (issue.destination_id.empty() || issue.destination_id != output.status.destination_id)
                continue;
            if (issue.severity == Severity::critical) share = 1;
            if (issue.severity == Severity::warning) share = std::min(1.0, share + warning_share);
        }
        if (!output.skipped.empty()) share = 1;
        one_is_well = one_is_well || share < 1;
        lost += share;
    }
    return lost / static_cast<double>(input.outputs.size()) * (one_is_well ? some_well_cost : none_well_cost);
}

using Key = std::pair<std::string, std::string>;
Key key_of(const HealthIssue& issue) {
    return {issue.code, issue.destination_id};
}

}  // namespace

std::string_view to_string(HealthLevel level) {
    switch (level) {
        case HealthLevel::healthy:
            return "healthy";
        case HealthLevel::degraded:
            return "degraded";
        case HealthLevel::unhealthy:
            return "unhealthy";
    }
    return "healthy";
}

std::string_view to_string(Severity severity) {
    switch (severity) {
        case Severity::info:
            return "info";
        case Severity::warning:
            return "warning";
        case Severity::critical:
            return "critical";
    }
    return "info";
}

std::vector<HealthIssue> assess(const HealthInput& input) {
    std::vector<HealthIssue> issues;
    assess_encoder(input, issues);
    for (const auto& output : input.outputs) assess_output(input, output, issues);
    std::stable_sort(issues.begin(), issues.end(),
                     [](const HealthIssue& a, const HealthIssue& b) { return a.severity > b.severity; });
    return issues;
}

Health sum_up(std::vector<HealthIssue> issues, const HealthInput& input) {
    double cost = destination_cost(issues, input);
    bool anything = false;
    for (const auto& issue : issues) {
        anything = anything || issue.severity != Severity::info;
        if (!issue.destination_id.empty()) continue;
        if (issue.severity == Severity::critical) cost += ingest_critical_cost;
        if (issue.severity == Severity::warning) cost += ingest_warning_cost;
    }
    Health health;
    health.score = static_cast<int>(std::clamp(100 - cost, 0.0, 100.0));
    health.level = health.score < unhealthy_below ? HealthLevel::unhealthy
                   : anything                     ? HealthLevel::degraded
                                                  : HealthLevel::healthy;
    health.issues = std::move(issues);
    health.computed_at = input.now;
    return health;
}

HealthBook::Answer HealthBook::compute(const std::string& session_id, HealthInput input) {
    const std::lock_guard lock(mutex_);
    Page& page = pages_[session_id];
    // Counters restart with a new encoder or connection: then all they count is new.
    const auto grown = [](std::uint64_t& before, std::uint64_t now) {
        const std::uint64_t more = now >= before ? now - before : now;
        before = now;
        return more;
    };
    if (input.ingest)
        input.recent_discontinuities = grown(page.discontinuities, input.ingest->discontinuities);
    for (auto& output : input.outputs)
        output.recently_dropped =
            grown(page.dropped[output.status.destination_id], output.status.metrics.frames_dropped);

    std::set<Key> before;
    for (const auto& issue : page.health.issues) before.insert(key_of(issue));
    Health health = sum_up(assess(input), input);
    std::set<Key> after;
    for (auto& issue : health.issues) {
        after.insert(key_of(issue));
        issue.since = input.now;
        for (const auto& old : page.health.issues)
            if (key_of(old) == key_of(issue)) issue.since = old.since;
    }
    const bool changed = before != after || page.health.level != health.level;
    page.health = health;
    return {std::move(health), changed};
}

std::optional<Health> HealthBook::find(const std::string& session_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(session_id);
    if (found == pages_.end()) return std::nullopt;
    return found->second.health;
}

void HealthBook::forget(const std::string& session_id) {
    const std::lock_guard lock(mutex_);
    pages_.erase(session_id);
}

}  // namespace service
