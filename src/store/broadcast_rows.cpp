#include "store/broadcast_rows.h"

#include <map>

#include "store/settings_text.h"

namespace store {

namespace {

constexpr std::size_t max_reasons = 20;

constexpr std::string_view select_destinations =
    "SELECT broadcast_id, destination_id, name, platform, desired, settings, outcome, last_status, "
    "last_detail, "
    "last_problem, last_error, last_error_at, bytes_sent, frames_sent, frames_dropped, retries, reconnects, "
    "reasons, joined_at, first_connected_at, last_connected_at, left_at FROM broadcast_destinations";

crypto::Place source_place(const std::string& id) {
    return {"broadcasts", id, "input_source"};
}

BroadcastDestination destination_from(const Row& row) {
    BroadcastDestination destination;
    destination.destination_id = row.text("destination_id");
    destination.name = row.text("name");
    destination.platform = row.text("platform");
    destination.desired = row.flag("desired");
    destination.settings = settings_from(row.maybe_text("settings"));
    destination.outcome = outcome_from(row.text("outcome")).value_or(Outcome::pending);
    destination.last_status = row.text("last_status");
    destination.last_detail = row.text("last_detail");
    destination.last_problem = row.text("last_problem");
    destination.last_error = row.text("last_error");
    destination.last_error_at = row.maybe_time("last_error_at");
    destination.bytes_sent = row.integer("bytes_sent");
    destination.frames_sent = row.integer("frames_sent");
    destination.frames_dropped = row.integer("frames_dropped");
    destination.retries = row.integer("retries");
    destination.reconnects = row.integer("reconnects");
    destination.reasons = list_from(row.text("reasons"));
    destination.joined_at = row.time("joined_at");
    destination.first_connected_at = row.maybe_time("first_connected_at");
    destination.last_connected_at = row.maybe_time("last_connected_at");
    destination.left_at = row.maybe_time("left_at");
    return destination;
}

void bind_broadcast(Query& query, const Vault& vault, const Broadcast& broadcast) {
    query.bind("id", broadcast.id)
        .bind("station_id", broadcast.station_id)
        .bind("livestream_id", broadcast.livestream_id)
        .bind("title", broadcast.title)
        .bind("description", broadcast.description)
        .bind("status", to_string(broadcast.status))
        .bind("use_multistream", broadcast.use_multistream)
        .bind("recording_enabled", broadcast.recording_enabled)
        .bind("profile_id", broadcast.profile_id)
        .bind("input_source", vault.seal(source_place(broadcast.id), broadcast.input_source))
        .bind("peak_viewers", broadcast.peak_viewers)
        .bind("total_viewers", broadcast.total_viewers)
        .bind("end_reason", broadcast.end_reason)
        .bind("live_at", broadcast.live_at)
        .bind("ended_at", broadcast.ended_at);
}

void bind_destination(Query& query, const std::string& broadcast_id,
                      const BroadcastDestination& destination) {
    std::vector<std::string> reasons = destination.reasons;
    if (reasons.size() > max_reasons) reasons.resize(max_reasons);
    query.bind("broadcast_id", broadcast_id)
        .bind("destination_id", destination.destination_id)
        .bind("name", destination.name)
        .bind("platform", destination.platform)
        .bind("desired", destination.desired)
        .bind("settings", to_text(destination.settings))
        .bind("outcome", to_string(destination.outcome))
        .bind("last_status", destination.last_status)
        .bind("last_detail", destination.last_detail)
        .bind("last_problem", destination.last_problem)
        .bind("last_error", destination.last_error)
        .bind("last_error_at", destination.last_error_at)
        .bind("bytes_sent", destination.bytes_sent)
        .bind("frames_sent", destination.frames_sent)
        .bind("frames_dropped", destination.frames_dropped)
        .bind("retries", destination.retries)
        .bind("reconnects", destination.reconnects)
        .bind("reasons", to_text(reasons))
        .bind("joined_at", destination.joined_at)
        .bind("first_connected_at", destination.first_connected_at)
        .bind("last_connected_at", destination.last_connected_at)
        .bind("left_at", destination.left_at);
}

}  // namespace

Query select_broadcasts(Connection& db) {
    return Query(db,
                 "SELECT id, owner_id, stream_id, station_id, livestream_id, title, description, status, "
                 "use_multistream, recording_enabled, profile_id, input_source, peak_viewers, total_viewers, "
                 "end_reason, started_at, live_at, ended_at FROM broadcasts");
}

Broadcast broadcast_from(const Vault& vault, const Row& row) {
    Broadcast broadcast;
    broadcast.id = row.text("id");
    broadcast.owner_id = row.text("owner_id");
    broadcast.stream_id = row.text("stream_id");
    broadcast.station_id = row.maybe_text("station_id");
    broadcast.livestream_id = row.maybe_text("livestream_id");
    broadcast.title = row.text("title");
    broadcast.description = row.text("description");
    broadcast.status = broadcast_status_from(row.text("status")).value_or(BroadcastStatus::ended);
    broadcast.use_multistream = row.flag("use_multistream");
    broadcast.recording_enabled = row.flag("recording_enabled");
    broadcast.profile_id = row.maybe_text("profile_id");
    broadcast.input_source = vault.open(source_place(broadcast.id), row.text("input_source"));
    broadcast.peak_viewers = row.integer("peak_viewers");
    broadcast.total_viewers = row.integer("total_viewers");
    broadcast.end_reason = row.text("end_reason");
    broadcast.started_at = row.time("started_at");
    broadcast.live_at = row.maybe_time("live_at");
    broadcast.ended_at = row.maybe_time("ended_at");
    return broadcast;
}

void insert_broadcast(Connection& db, const Vault& vault, const Broadcast& broadcast) {
    Query query(
        db,
        "INSERT INTO broadcasts (id, owner_id, stream_id, station_id, livestream_id, title, description, "
        "status, use_multistream, recording_enabled, profile_id, input_source, peak_viewers, total_viewers, "
        "end_reason, started_at, live_at, ended_at) VALUES (:id, :owner_id, :stream_id, :station_id, "
        ":livestream_id, :title, :description, :status, :use_multistream, :recording_enabled, :profile_id, "
        ":input_source, :peak_viewers, :total_viewers, :end_reason, :started_at, :live_at, :ended_at)");
    bind_broadcast(query, vault, broadcast);
    query.bind("owner_id", broadcast.owner_id)
        .bind("stream_id", broadcast.stream_id)
        .bind("started_at", broadcast.started_at)
        .run();
}

void update_broadcast(Connection& db, const Vault& vault, const Broadcast& broadcast) {
    Query query(
        db,
        "UPDATE broadcasts SET station_id = :station_id, livestream_id = :livestream_id, title = :title, "
        "description = :description, status = :status, use_multistream = :use_multistream, "
        "recording_enabled = :recording_enabled, profile_id = :profile_id, input_source = :input_source, "
        "peak_viewers = :peak_viewers, total_viewers = :total_viewers, end_reason = :end_reason, live_at = "
        ":live_at, ended_at = :ended_at WHERE id = :id");
    bind_broadcast(query, vault, broadcast);
    query.run();
}

void fill_destinations(Connection& db, std::vector<Broadcast>& broadcasts) {
    if (broadcasts.empty()) return;
    std::map<std::string, Broadcast*> by_id;
    std::vector<std::string> ids;
    for (Broadcast& broadcast : broadcasts) {
        by_id[broadcast.id] = &broadcast;
        ids.push_back(broadcast.id);
    }
    Query(db, select_destinations)
        .sql(" WHERE ")
        .in("broadcast_id", ids)
        .sql(" ORDER BY broadcast_id, position, destination_id")
        .each([&](const Row& row) {
            by_id.at(row.text("broadcast_id"))->destinations.push_back(destination_from(row));
        });
}

std::optional<BroadcastDestination> find_destination(Connection& db, const std::string& broadcast_id,
                                                     const std::string& destination_id) {
    return Query(db, select_destinations)
        .sql(" WHERE broadcast_id = :broadcast_id AND destination_id = :destination_id")
        .bind("broadcast_id", broadcast_id)
        .bind("destination_id", destination_id)
        .for_update()
        .one(destination_from);
}

void insert_destination(Connection& db, const std::string& broadcast_id,
                        const BroadcastDestination& destination, std::int64_t position) {
    Query query(
        db,
        "INSERT INTO broadcast_destinations (broadcast_id, destination_id, position, name, platform, "
        "desired, "
        "settings, outcome, last_status, last_detail, last_problem, last_error, last_error_at, bytes_sent, "
        "frames_sent, frames_dropped, retries, reconnects, reasons, joined_at, first_connected_at, "
        "last_connected_at, left_at) VALUES (:broadcast_id, :destination_id, :position, :name, :platform, "
        ":desired, :settings, :outcome, :last_status, :last_detail, :last_problem, :last_error, "
        ":last_error_at, :bytes_sent, :frames_sent, :frames_dropped, :retries, :reconnects, :reasons, "
        ":joined_at, :first_connected_at, :last_connected_at, :left_at)");
    bind_destination(query, broadcast_id, destination);
    query.bind("position", position).run();
}

void update_destination_row(Connection& db, const std::string& broadcast_id,
                            const BroadcastDestination& destination) {
    Query query(
        db,
        "UPDATE broadcast_destinations SET name = :name, platform = :platform, desired = :desired, settings "
        "= "
        ":settings, outcome = :outcome, last_status = :last_status, last_detail = :last_detail, last_problem "
        "= "
        ":last_problem, last_error = :last_error, last_error_at = :last_error_at, bytes_sent = :bytes_sent, "
        "frames_sent = :frames_sent, frames_dropped = :frames_dropped, retries = :retries, reconnects = "
        ":reconnects, reasons = :reasons, joined_at = :joined_at, first_connected_at = :first_connected_at, "
        "last_connected_at = "
        ":last_connected_at, left_at = :left_at WHERE broadcast_id = :broadcast_id AND destination_id = "
        ":destination_id");
    bind_destination(query, broadcast_id, destination);
    query.run();
}

}  // namespace store
