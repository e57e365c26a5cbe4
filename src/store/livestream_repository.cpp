#include "store/livestream_repository.h"

#include <limits>
#include <map>
#include <set>

#include "store/database.h"
#include "store/listing.h"
#include "store/viewers.h"

namespace store {

namespace {

// A show that did not begin this long after its time is not "next" any more.
constexpr std::chrono::hours upcoming_grace{12};
constexpr std::int64_t no_schedule = std::numeric_limits<std::int64_t>::max();

constexpr std::string_view select_columns =
    "SELECT id, owner_id, station_id, title, description, status, ready, scheduled_at, token_gate_amount, "
    "visibility, record, "
    "profile_id, stream_key, playback_id, peak_viewers, total_viewers, started_at, ended_at, created_at, "
    "updated_at "
    "FROM livestreams";

crypto::Place key_place(const std::string& id) {
    return {"livestreams", id, "stream_key"};
}

auto livestream_from(const Vault& vault) {
    return [&vault](const Row& row) {
        Livestream livestream;
        livestream.id = row.text("id");
        livestream.owner_id = row.text("owner_id");
        livestream.station_id = row.maybe_text("station_id");
        livestream.title = row.text("title");
        livestream.description = row.text("description");
        livestream.status = livestream_status_from(row.text("status")).value_or(LivestreamStatus::cancelled);
        livestream.ready = row.flag("ready");
        livestream.scheduled_at = row.maybe_time("scheduled_at");
        livestream.token_gate_amount = row.integer("token_gate_amount");
        livestream.visibility = visibility_from(row.text("visibility")).value_or(Visibility::closed);
        livestream.record = row.flag("record");
        livestream.profile_id = row.maybe_text("profile_id");
        livestream.stream_key = vault.open(key_place(livestream.id), row.text("stream_key"));
        livestream.playback_id = row.text("playback_id");
        livestream.peak_viewers = row.integer("peak_viewers");
        livestream.total_viewers = row.integer("total_viewers");
        livestream.started_at = row.maybe_time("started_at");
        livestream.ended_at = row.maybe_time("ended_at");
        livestream.created_at = row.time("created_at");
        livestream.updated_at = row.time("updated_at");
        return livestream;
    };
}

void bind_livestream(Query& query, const Vault& vault, const Livestream& livestream) {
    query.bind("id", livestream.id)
        .bind("station_id", livestream.station_id)
        .bind("title", livestream.title)
        .bind("description", livestream.description)
        .bind("status", to_string(livestream.status))
        .bind("ready", livestream.ready)
        .bind("scheduled_at", livestream.scheduled_at)
        .bind("token_gate_amount", livestream.token_gate_amount)
        .bind("visibility", to_string(livestream.visibility))
        .bind("record", livestream.record)
        .bind("profile_id", livestream.profile_id)
        .bind("stream_key", vault.seal(key_place(livestream.id), livestream.stream_key))
        .bind("stream_key_hash", vault.hash(stream_key_domain, livestream.stream_key))
        .bind("playback_id", livestream.playback_id)
        .bind("peak_viewers", livestream.peak_viewers)
        .bind("total_viewers", livestream.total_viewers)
        .bind("started_at", livestream.started_at)
        .bind("ended_at", livestream.ended_at)
        .bind("updated_at", livestream.updated_at);
}

void fill_destinations(Connection& db, std::vector<Livestream>& livestreams) {
    if (livestreams.empty()) return;
    std::map<std::string, Livestream*> by_id;
    std::vector<std::string> ids;
    for (Livestream& livestream : livestreams) {
        by_id[livestream.id] = &livestream;
        ids.push_back(livestream.id);
    }
    Query(db, "SELECT livestream_id, destination_id FROM livestream_destinations WHERE ")
        .in("livestream_id", ids)
        .sql(" ORDER BY livestream_id, position")
        .each([&](const Row& row) {
            by_id.at(row.text("livestream_id"))->destination_ids.push_back(row.text("destination_id"));
        });
}

std::optional<Livestream> first_of(Connection& db, const Vault& vault, Query& query) {
    std::vector<Livestream> found = query.all(livestream_from(vault));
    if (found.empty()) return std::nullopt;
    found.erase(found.begin() + 1, found.end());
    fill_destinations(db, found);
    return std::move(found.front());
}

std::optional<Livestream> find(Connection& db, const Vault& vault, const Scope& scope, const std::string& id,
                               bool for_update = false) {
    Query query(db, select_columns);
    query.sql(" WHERE id = :id").bind("id", id).within(scope);
    if (for_update) query.for_update();
    return first_of(db, vault, query);
}

base::Result<> write_destinations(Connection& db, const Livestream& livestream) {
    const auto wrong = [](const std::string& message) {
        return base::fail({base::ErrorCode::invalid_argument, message, {}, {{"field", "destinationIds"}}});
    };
    const std::vector<std::string>& ids = livestream.destination_ids;
    if (std::set<std::string>(ids.begin(), ids.end()).size() != ids.size())
        return wrong("A destination is named twice.");
    if (!ids.empty()) {
        const auto theirs = Query(db, "SELECT COUNT(*) FROM destinations WHERE owner_id = :owner_id AND ")
                                .bind("owner_id", livestream.owner_id)
                                .in("id", ids)
                                .number();
        if (theirs.value_or(0) != static_cast<std::int64_t>(ids.size()))
            return wrong("A destination does not exist, or belongs to somebody else.");
    }
    Query(db, "DELETE FROM livestream_destinations WHERE livestream_id = :id")
        .bind("id", livestream.id)
        .run();
    std::int64_t position = 0;
    for (const std::string& id : ids)
        Query(db,
              "INSERT INTO livestream_destinations (livestream_id, destination_id, position) VALUES "
              "(:livestream_id, "
              ":destination_id, :position)")
            .bind("livestream_id", livestream.id)
            .bind("destination_id", id)
            .bind("position", position++)
            .run();
    return {};
}

bool for_all(const Livestream& livestream) {
    return livestream.visibility == Visibility::open && livestream.token_gate_amount == 0;
}

// What is taken from everybody is taken with its recordings, also with one that is being written.
void close_recordings(Connection& db, const Livestream& livestream) {
    Query(db,
          "UPDATE assets SET visibility = 'private', updated_at = :updated_at WHERE livestream_id = "
          ":livestream_id AND visibility = 'public'")
        .bind("livestream_id", livestream.id)
        .bind("updated_at", livestream.updated_at)
        .run();
}

std::int64_t millis_or(const std::optional<base::WallTime>& time, std::int64_t otherwise) {
    return time ? base::unix_millis(*time) : otherwise;
}

}  // namespace

base::Result<> LivestreamRepository::add(const Livestream& livestream) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(
            db,
            "INSERT INTO livestreams (id, owner_id, station_id, title, description, status, ready, "
            "scheduled_at, token_gate_amount, visibility, record, profile_id, stream_key, stream_key_hash, "
            "playback_id, peak_viewers, total_viewers, started_at, ended_at, created_at, updated_at) VALUES "
            "(:id, "
            ":owner_id, :station_id, :title, :description, :status, :ready, :scheduled_at, "
            ":token_gate_amount, :visibility, :record, :profile_id, :stream_key, :stream_key_hash, "
            ":playback_id, :peak_viewers, :total_viewers, :started_at, :ended_at, :created_at, :updated_at)");
        bind_livestream(query, database_.vault(), livestream);
        query.bind("owner_id", livestream.owner_id).bind("created_at", livestream.created_at).run();
        return write_destinations(db, livestream);
    });
}

base::Result<Livestream> LivestreamRepository::get(const Scope& scope, const std::string& id) {
    return database_.read([&](Connection& db) -> base::Result<Livestream> {
        auto found = find(db, database_.vault(), scope, id);
        if (!found) return not_found("livestream");
        return std::move(*found);
    });
}

base::Result<std::optional<Livestream>> LivestreamRepository::find_by_stream_key(const base::Secret& key) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<Livestream>> {
        Query query(db, select_columns);
        query.sql(" WHERE stream_key_hash = :hash")
            .bind("hash", database_.vault().hash(stream_key_domain, key));
        return first_of(db, database_.vault(), query);
    });
}

base::Result<std::optional<Livestream>> LivestreamRepository::find_by_playback_id(
    const std::string& playback_id) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<Livestream>> {
        Query query(db, select_columns);
        query.sql(" WHERE playback_id = :playback_id").bind("playback_id", playback_id);
        return first_of(db, database_.vault(), query);
    });
}

base::Result<std::optional<Livestream>> LivestreamRepository::find_live_on_station(
    const std::string& station_id) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<Livestream>> {
        Query query(db, select_columns);
        query
            .sql(
                " WHERE station_id = :station_id AND status = 'live' ORDER BY COALESCE(started_at, 0) DESC, "
                "id LIMIT "
                "1")
            .bind("station_id", station_id);
        return first_of(db, database_.vault(), query);
    });
}

base::Result<Page<Livestream>> LivestreamRepository::list(const Scope& scope, const LivestreamFilter& filter,
                                                          const PageRequest& page) {
    return database_.read([&](Connection& db) -> base::Result<Page<Livestream>> {
        Query query(db, select_columns);
        query.sql(" WHERE 1 = 1")
            .where("station_id", filter.station_id)
            .where("status", filter.status ? std::optional(to_string(*filter.status)) : std::nullopt);
        if (!filter.and_public)
            query.within(scope);
        else if (scope.owner_id())
            query.sql(" AND (owner_id = :owner_id OR visibility = 'public')")
                .bind("owner_id", *scope.owner_id());
        const auto by = [&](const Order& order, auto key_of) {
            auto found = page_of(query, order, page, livestream_from(database_.vault()), key_of);
            fill_destinations(db, found.items);
            return found;
        };
        switch (filter.show) {
            case LivestreamFilter::Show::active:
                query.sql(" AND status = 'live'");
                return by({"COALESCE(started_at, 0)"},
                          [](const Livestream& show) { return millis_or(show.started_at, 0); });
            case LivestreamFilter::Show::upcoming:
                query
                    .sql(" AND status = 'scheduled' AND (scheduled_at IS NULL OR scheduled_at > :not_before)")
                    .bind("not_before", database_.now() - upcoming_grace);
                return by({"COALESCE(scheduled_at, 9223372036854775807)", false},
                          [](const Livestream& show) { return millis_or(show.scheduled_at, no_schedule); });
            case LivestreamFilter::Show::all:
                break;
        }
        return by({"created_at"}, [](const Livestream& show) { return base::unix_millis(show.created_at); });
    });
}

base::Result<Livestream> LivestreamRepository::update(
    const Scope& scope, const std::string& id, const std::function<base::Result<>(Livestream&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<Livestream> {
        const auto before = find(db, database_.vault(), scope, id, true);
        if (!before) return not_found("livestream");
        Livestream livestream = *before;
        if (auto changed = change(livestream); !changed) return base::fail(changed.error());
        livestream.id = before->id;
        livestream.owner_id = before->owner_id;
        livestream.created_at = before->created_at;
        livestream.updated_at = database_.now();
        if (livestream.destination_ids != before->destination_ids) {
            if (auto written = write_destinations(db, livestream); !written)
                return base::fail(written.error());
        }
        Query query(
            db,
            "UPDATE livestreams SET station_id = :station_id, title = :title, description = :description, "
            "status = :status, ready = :ready, scheduled_at = :scheduled_at, token_gate_amount = "
            ":token_gate_amount, visibility = :visibility, record = :record, profile_id = :profile_id, "
            "stream_key = :stream_key, "
            "stream_key_hash = :stream_key_hash, playback_id = :playback_id, peak_viewers = :peak_viewers, "
            "total_viewers = :total_viewers, started_at = :started_at, ended_at = :ended_at, updated_at = "
            ":updated_at WHERE id = :id");
        bind_livestream(query, database_.vault(), livestream);
        query.run();
        if (for_all(*before) && !for_all(livestream)) close_recordings(db, livestream);
        return livestream;
    });
}

base::Result<> LivestreamRepository::record_viewers(const std::string& id, std::int64_t now_watching,
                                                    std::int64_t total) {
    return database_.write([&](Connection& db) -> base::Result<> {
        raise_viewers(Query(db, "UPDATE livestreams SET "), id, now_watching, total);
        return {};
    });
}

base::Result<> LivestreamRepository::remove(const Scope& scope, const std::string& id) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(db, "DELETE FROM livestreams WHERE id = :id");
        if (query.bind("id", id).within(scope).run() == 0) return not_found("livestream");
        return {};
    });
}

}  // namespace store
