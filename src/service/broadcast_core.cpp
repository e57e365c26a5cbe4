#include "service/broadcast_core.h"

#include "service/livestream_records.h"
#include "store/store.h"

namespace service {

std::optional<Running> BroadcastService::Impl::find(const std::string& session_id) const {
    const std::lock_guard lock(state_);
    const auto found = running_.find(session_id);
    if (found == running_.end()) return std::nullopt;
    return found->second;
}

std::optional<Running> BroadcastService::Impl::find_stream(const std::string& stream_id) const {
    const std::lock_guard lock(state_);
    for (const auto& [id, running] : running_)
        if (running.record.stream_id == stream_id) return running;
    return std::nullopt;
}

std::optional<Running> BroadcastService::Impl::find_livestream(const std::string& livestream_id) const {
    const std::lock_guard lock(state_);
    for (const auto& [id, running] : running_)
        if (running.record.livestream_id == livestream_id) return running;
    return std::nullopt;
}

std::vector<Running> BroadcastService::Impl::all() const {
    const std::lock_guard lock(state_);
    std::vector<Running> all;
    for (const auto& [id, running] : running_) all.push_back(running);
    return all;
}

void BroadcastService::Impl::keep(Running running) {
    LiveEntry entry;
    const store::Broadcast& record = running.record;
    entry.session_id = record.id;
    entry.owner_id = record.owner_id;
    entry.stream_id = record.stream_id;
    entry.station_id = record.station_id;
    entry.livestream_id = record.livestream_id;
    // Of what nobody can say whether it is for everybody, nobody is told.
    entry.listed = !record.livestream_id ||
                   known_brief(context, *record.livestream_id).map(&LivestreamBrief::listed).value_or(false);
    entry.title = record.title;
    entry.description = record.description;
    entry.started_at = record.started_at;
    entry.live_at = record.live_at;
    for (const auto& destination : record.destinations) {
        if (!destination.desired) continue;
        const auto skipped = running.skipped.find(destination.destination_id);
        entry.endpoints.push_back({destination.destination_id, destination.platform, destination.name,
                                   skipped == running.skipped.end() ? std::string() : skipped->second});
    }
    {
        const std::lock_guard lock(state_);
        std::string id = record.id;
        running_.insert_or_assign(std::move(id), std::move(running));
    }
    context.board.put(std::move(entry));
}

void BroadcastService::Impl::forget(const std::string& session_id) {
    {
        const std::lock_guard lock(state_);
        running_.erase(session_id);
    }
    context.board.remove(session_id);
    health.forget(session_id);
}

base::Result<> BroadcastService::Impl::note(const std::string& session_id, const std::string& kind,
                                            const std::string& severity, const std::string& message,
                                            std::optional<std::string> destination_id) {
    store::BroadcastEvent event;
    event.broadcast_id = session_id;
    event.at = context.clock.wall();
    event.kind = kind;
    event.severity = severity;
    event.destination_id = std::move(destination_id);
    event.message = message;
    const auto added = context.store.broadcasts().add_event(event);
    if (!added) return base::fail(added.error());
    return {};
}

}  // namespace service
