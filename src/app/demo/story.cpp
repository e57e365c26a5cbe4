#include "app/demo/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace app::demo {

bool should_be_down(std::chrono::seconds since_start, std::chrono::seconds total) {
    if (since_start < first_failure) return false;
    const auto failed_at =
        first_failure + (since_start - first_failure) / failure_interval * failure_interval;
    if (total.count() > 0 && failed_at + outage + recovery_time > total) return false;
    return since_start < failed_at + outage;
}

bool Story::observe(const top::Snapshot& snapshot, bool down, std::string& news) {
    if (snapshot.sessions.empty()) return false;
    const top::SessionBlock& session = snapshot.sessions.front();
    encoder_seen_ = encoder_seen_ || session.ingest.connected;
    news.clear();
    for (const top::DestinationRow& row : session.destinations) {
        if (row.name.empty()) continue;
        const auto index = static_cast<std::size_t>(row.name.back() - '1');
        if (index >= count || row.state == state_[index]) continue;
        const bool is_connected = row.state == "connected";
        if (index == failing_receiver && !is_connected) noticed_ = true;
        if (index == failing_receiver && is_connected && noticed_ && !down && recoveries_ < failures_)
            ++recoveries_;
        was_connected_[index] = was_connected_[index] || is_connected;
        state_[index] = row.state;
        news += fmt::format("{}{} is {}{}", news.empty() ? "" : "; ", row.name, row.state,
                            row.detail.empty() ? "" : ": " + row.detail);
    }
    return !news.empty();
}

bool Story::happy() const {
    const auto connected = [](const std::string& state) { return state == "connected"; };
    return encoder_seen_ &&
           std::all_of(was_connected_.begin(), was_connected_.end(), [](bool seen) { return seen; }) &&
           std::all_of(pictures_.begin(), pictures_.end(), [](std::uint64_t taken) { return taken > 0; }) &&
           std::all_of(state_.begin(), state_.end(), connected) && recoveries_ == failures_;
}

std::string Story::summary() const {
    const auto reached = std::count(was_connected_.begin(), was_connected_.end(), true);
    const auto pictured =
        std::count_if(pictures_.begin(), pictures_.end(), [](std::uint64_t taken) { return taken > 0; });
    return fmt::format(
        "encoder {}, {} of {} receivers connected, {} of {} showed the test card ({} pictures), "
        "{} failures, {} recoveries",
        encoder_seen_ ? "seen" : "never seen", reached, count, pictured, count,
        std::accumulate(pictures_.begin(), pictures_.end(), std::uint64_t{0}), failures_, recoveries_);
}

}  // namespace app::demo
