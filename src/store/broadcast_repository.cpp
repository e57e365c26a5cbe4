#include "store/broadcast_repository.h"

#include <algorithm>
#include <set>

#include "store/broadcast_rows.h"
#include "store/database.h"
#include "store/listing.h"
#include "store/viewers.h"

namespace store {

namespace {

auto reader(const Vault& vault) {
    return [&vault](const Row& row) { return broadcast_from(vault, row); };
}

std::optional<Broadcast> first_of(Connection& db, const Vault& vault, Query& query) {
    std::vector<Broadcast> found = query.all(reader(vault));
    if (found.empty()) return std::nullopt;
    found.erase(found.begin() + 1, found.end());
    fill_destinations(db, found);
    return std::move(found.front());
}

std::optional<Broadcast> find(Connection& db, const Vault& vault, const Scope& scope, const std::string& id,
                              bool for_update = false) {
    Query query = select_broadcasts(db);
    query.sql(" WHERE id = :id").bind("id", id).within(scope);
    if (for_update) query.for_update();
    return first_of(db, vault, query);
}

std::optional<Broadcast> find_active_of(Connection& db, const Vault& vault, const std::string& stream_id) {
    Query query = select_broadcasts(db);
    query.sql(" WHERE stream_id = :stream_id AND status <> 'ended'").bind("stream_id", stream_id);
    return first_of(db, vault, query);
}

tl::unexpected<base::Error> already_active() {
    return base::fail({base::ErrorCode::conflict,
                       "A broadcast of this stream is running already. Stop it first, or use it.",
                       "broadcast_active",
                       {{"field", "streamId"}}});
}

base::Result<> write_destinations(Connection& db, const Broadcast& before, const Broadcast& after) {
    std::set<std::string> wanted;
    for (const BroadcastDestination& destination : after.destinations)
        if (!wanted.insert(destination.destination_id).second)
            return base::fail({base::ErrorCode::invalid_argument,
                               "A destination is named twice.",
                               {},
                               {{"field", "destinationIds"}}});
    std::set<std::string> known;
    for (const BroadcastDestination& destination : before.destinations) {
        known.insert(destination.destination_id);
        if (wanted.contains(destination.destination_id)) continue;
        Query(db,
              "DELETE FROM broadcast_destinations WHERE broadcast_id = :id AND destination_id = "
              ":destination_id")
            .bind("id", before.id)
            .bind("destination_id", destination.destination_id)
            .run();
    }
    std::int64_t position =
        Query(db, "SELECT MAX(position) FROM broadcast_destinations WHERE broadcast_id = :id")
            .bind("id", before.id)
            .number()
            .value_or(0);
    for (const BroadcastDestination& destination : after.destinations) {
        if (known.contains(destination.destination_id))
            update_destination_row(db, before.id, destination);
        else
            insert_destination(db, before.id, destination, ++position);
    }
    return {};
}

}  // namespace

base::Result<> BroadcastRepository::add(const Broadcast& broadcast) {
    auto added = database_.write([&](Connection& db) -> base::Result<> {
        if (broadcast.status != BroadcastStatus::ended &&
            find_active_of(db, database_.vault(), broadcast.stream_id))
            return already_active();
        insert_broadcast(db, database_.vault(), broadcast);
        Broadcast nothing_yet;
        nothing_yet.id = broadcast.id;
        return write_destinations(db, nothing_yet, broadcast);
    });
    // Of two who looked at the same moment the index stops one.
    if (!added && added.error().code == base::ErrorCode::conflict) return already_active();
    return added;
}

base::Result<Broadcast> BroadcastRepository::get(const Scope& scope, const std::string& id) {
    return database_.read([&](Connection& db) -> base::Result<Broadcast> {
        auto found = find(db, database_.vault(), scope, id);
        if (!found) return not_found("session");
        return std::move(*found);
    });
}

base::Result<std::optional<Broadcast>> BroadcastRepository::find_active(const std::string& stream_id) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<Broadcast>> {
        return find_active_of(db, database_.vault(), stream_id);
    });
}

base::Result<std::vector<Broadcast>> BroadcastRepository::active() {
    return database_.read([&](Connection& db) -> base::Result<std::vector<Broadcast>> {
        std::vector<Broadcast> found = select_broadcasts(db)
                                           .sql(" WHERE status <> 'ended' ORDER BY started_at, id")
                                           .all(reader(database_.vault()));
        fill_destinations(db, found);
        return found;
    });
}

base::Result<Page<Broadcast>> BroadcastRepository::list(const Scope& scope, const BroadcastFilter& filter,
                                                        const PageRequest& page) {
    return database_.read([&](Connection& db) -> base::Result<Page<Broadcast>> {
        Query query = select_broadcasts(db);
        query.sql(" WHERE 1 = 1")
            .within(scope)
            .where("station_id", filter.station_id)
            .where("livestream_id", filter.livestream_id)
            .where("stream_id", filter.stream_id);
        if (filter.active)
            query.sql(*filter.active ? Sql(" AND status <> 'ended'") : Sql(" AND status = 'ended'"));
        auto found =
            page_of(query, {"started_at"}, page, reader(database_.vault()),
                    [](const Broadcast& broadcast) { return base::unix_millis(broadcast.started_at); });
        fill_destinations(db, found.items);
        return found;
    });
}

base::Result<Broadcast> BroadcastRepository::update(const Scope& scope, const std::string& id,
                                                    const std::function<base::Result<>(Broadcast&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<Broadcast> {
        const auto before = find(db, database_.vault(), scope, id, true);
        if (!before) return not_found("session");
        Broadcast broadcast = *before;
        if (auto changed = change(broadcast); !changed) return base::fail(changed.error());
        broadcast.id = before->id;
        broadcast.owner_id = before->owner_id;
        broadcast.stream_id = before->stream_id;
        broadcast.started_at = before->started_at;
        if (auto written = write_destinations(db, *before, broadcast); !written)
            return base::fail(written.error());
        update_broadcast(db, database_.vault(), broadcast);
        return broadcast;
    });
}

base::Result<BroadcastDestination> BroadcastRepository::update_destination(
    const std::string& id, const std::string& destination_id,
    const std::function<base::Result<>(BroadcastDestination&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<BroadcastDestination> {
        const auto before = find_destination(db, id, destination_id);
        if (!before) return not_found("destination");
        BroadcastDestination destination = *before;
        if (auto changed = change(destination); !changed) return base::fail(changed.error());
        destination.destination_id = before->destination_id;
        update_destination_row(db, id, destination);
        return destination;
    });
}

base::Result<> BroadcastRepository::record_viewers(const std::string& id, std::int64_t now_watching,
                                                   std::int64_t total) {
    return database_.write([&](Connection& db) -> base::Result<> {
        raise_viewers(Query(db, "UPDATE broadcasts SET "), id, now_watching, total);
        return {};
    });
}

base::Result<std::int64_t> BroadcastRepository::add_event(const BroadcastEvent& event) {
    return database_.write([&](Connection& db) -> base::Result<std::int64_t> {
        // Locking the broadcast keeps two writers from taking the same number.
        Query broadcast(db, "SELECT id FROM broadcasts WHERE id = :id");
        broadcast.bind("id", event.broadcast_id).for_update();
        if (!broadcast.one([](const Row& row) { return row.text("id"); })) return not_found("session");
        const std::int64_t sequence =
            1 + Query(db, "SELECT MAX(sequence) FROM broadcast_events WHERE broadcast_id = :id")
                    .bind("id", event.broadcast_id)
                    .number()
                    .value_or(0);
        Query(db,
              "INSERT INTO broadcast_events (broadcast_id, sequence, happened_at, kind, severity, "
              "destination_id, "
              "message) VALUES (:broadcast_id, :sequence, :happened_at, :kind, :severity, :destination_id, "
              ":message)")
            .bind("broadcast_id", event.broadcast_id)
            .bind("sequence", sequence)
            .bind("happened_at", event.at)
            .bind("kind", event.kind)
            .bind("severity", event.severity)
            .bind("destination_id", event.destination_id)
            .bind("message", event.message)
            .run();
        Query(db, "DELETE FROM broadcast_events WHERE broadcast_id = :id AND sequence <= :last")
            .bind("id", event.broadcast_id)
            .bind("last", sequence - max_events_per_broadcast)
            .run();
        return sequence;
    });
}

base::Result<std::vector<BroadcastEvent>> BroadcastRepository::events(const Scope& scope,
                                                                      const std::string& id, int limit) {
    return database_.read([&](Connection& db) -> base::Result<std::vector<BroadcastEvent>> {
        Query broadcast(db, "SELECT id FROM broadcasts WHERE id = :id");
        broadcast.bind("id", id).within(scope);
        if (!broadcast.one([](const Row& row) { return row.text("id"); })) return not_found("session");
        auto events =
            Query(db,
                  "SELECT broadcast_id, sequence, happened_at, kind, severity, destination_id, message FROM "
                  "broadcast_events WHERE broadcast_id = :id ORDER BY sequence DESC LIMIT :limit")
                .bind("id", id)
                .bind("limit", std::clamp<std::int64_t>(limit, 1, max_events_per_broadcast))
                .all([](const Row& row) {
                    BroadcastEvent event;
                    event.broadcast_id = row.text("broadcast_id");
                    event.sequence = row.integer("sequence");
                    event.at = row.time("happened_at");
                    event.kind = row.text("kind");
                    event.severity = row.text("severity");
                    event.destination_id = row.maybe_text("destination_id");
                    event.message = row.text("message");
                    return event;
                });
        std::reverse(events.begin(), events.end());
        return events;
    });
}

}  // namespace store
