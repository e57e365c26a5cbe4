// The health of running sessions, and what their fan-out asks of the link.
#include <algorithm>
#include <boost/json/array.hpp>
#include <string_view>
#include <unordered_map>

#include "platform/advice.h"
#include "service/broadcast_core.h"
#include "service/event_hub.h"
#include "service/event_payloads.h"

namespace service {
namespace {

// Health is a look at every destination: after each fact of each of a thousand it would be a million looks.
constexpr auto health_pause = std::chrono::seconds(1);

}  // namespace

HealthInput BroadcastService::Impl::health_input(const Running& running) const {
    HealthInput input;
    input.now = context.clock.wall();
    input.encoder_connected = context.board.connected(running.record.stream_id);
    input.ever_connected = running.record.live_at.has_value();
    if (const auto ingest = ingest_state(running.record.stream_id)) input.ingest = ingest->facts;
    const auto statuses = context.outputs.snapshot(running.record.id);
    // Asked after each fact of each destination: with a thousand of them a search of the list would take
    // seconds.
    std::unordered_map<std::string_view, const media::OutputStatus*> by_destination;
    for (const auto& status : statuses) by_destination.emplace(status.destination_id, &status);
    for (const auto& part : running.record.destinations) {
        if (!part.desired) continue;
        HealthInput::Output output;
        output.name = part.name;
        output.platform = part.platform;
        output.status.destination_id = part.destination_id;
        if (const auto skipped = running.skipped.find(part.destination_id); skipped != running.skipped.end())
            output.skipped = skipped->second;
        if (const auto status = by_destination.find(part.destination_id); status != by_destination.end())
            output.status = *status->second;
        input.outputs.push_back(std::move(output));
    }
    return input;
}

void BroadcastService::Impl::check_health(const std::string& session_id) {
    const auto running = find(session_id);
    if (!running) return;
    edit(session_id, [&](Running& r) {
        r.health_checked = context.clock.now();
        r.health_due = r.health_checked + settings.health_interval;
        r.health_stale = false;
    });
    const auto answer = health.compute(session_id, health_input(*running));
    if (!answer.changed) return;
    auto data = payload(session_id, answer.health);
    data["streamId"] = running->record.stream_id;
    context.events.publish("health.changed", running->record.owner_id, false, std::move(data));
}

void BroadcastService::Impl::check_health_soon(const std::string& session_id) {
    bool now = false;
    edit(session_id, [&](Running& r) {
        const auto earliest = r.health_checked + health_pause;
        now = earliest <= context.clock.now();
        r.health_due = std::min(r.health_due, earliest);
        r.health_stale = true;
    });
    if (now) check_health(session_id);
}

void BroadcastService::Impl::tell_metrics(const Running& running) const {
    const store::Broadcast& session = running.record;
    if (!session.live_at || !context.events.heard_by(session.owner_id)) return;
    boost::json::array destinations;
    for (const auto& status : context.outputs.snapshot(session.id)) destinations.push_back(figures(status));
    boost::json::object data{{"sessionId", session.id},
                             {"streamId", session.stream_id},
                             {"at", base::to_rfc3339(context.clock.wall())},
                             {"viewerCount", context.board.viewers(session.stream_id)},
                             {"ingest", nullptr},
                             {"destinations", std::move(destinations)}};
    if (const auto ingest = ingest_state(session.stream_id); ingest && ingest->connected)
        data["ingest"] = payload(ingest->facts);
    context.events.publish_passing("metrics", session.owner_id, std::move(data));
}

BandwidthAdvice BroadcastService::Impl::bandwidth(const std::vector<store::Destination>& destinations,
                                                  const std::optional<media::IngestFacts>& source) const {
    std::vector<std::int64_t> bitrates;
    for (const auto& destination : destinations)
        bitrates.push_back(expected_kbps(destination.platform, source));
    BandwidthAdvice advice;
    if (settings.uplink_kbps > 0) advice.uplink_kbps = settings.uplink_kbps;
    const auto told = platform::bandwidth_advice(bitrates, advice.uplink_kbps);
    advice.total_kbps = told.total_kbps;
    advice.recommended_kbps = told.recommended_kbps;
    advice.enough = told.enough;
    advice.message = told.message;
    advice.measured = source && source->video.bitrate_kbps > 0;
    return advice;
}

}  // namespace service
