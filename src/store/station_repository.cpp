#include "store/station_repository.h"

#include "store/database.h"
#include "store/listing.h"
#include "store/text.h"

namespace store {

namespace {

constexpr std::string_view select_columns =
    "SELECT id, owner_id, slug, name, description, artwork_url, stream_key, playback_id, created_at, "
    "updated_at "
    "FROM stations";

crypto::Place key_place(const std::string& id) {
    return {"stations", id, "stream_key"};
}

auto station_from(const Vault& vault) {
    return [&vault](const Row& row) {
        Station station;
        station.id = row.text("id");
        station.owner_id = row.text("owner_id");
        station.slug = row.text("slug");
        station.name = row.text("name");
        station.description = row.text("description");
        station.artwork_url = row.text("artwork_url");
        station.stream_key = vault.open(key_place(station.id), row.text("stream_key"));
        station.playback_id = row.text("playback_id");
        station.created_at = row.time("created_at");
        station.updated_at = row.time("updated_at");
        return station;
    };
}

void bind_station(Query& query, const Vault& vault, const Station& station) {
    query.bind("id", station.id)
        .bind("slug", lower_case(station.slug))
        .bind("name", station.name)
        .bind("description", station.description)
        .bind("artwork_url", station.artwork_url)
        .bind("stream_key", vault.seal(key_place(station.id), station.stream_key))
        .bind("stream_key_hash", vault.hash(stream_key_domain, station.stream_key))
        .bind("playback_id", station.playback_id)
        .bind("updated_at", station.updated_at);
}

std::optional<Station> find(Connection& db, const Vault& vault, const Scope& scope, const std::string& id,
                            bool for_update = false) {
    Query query(db, select_columns);
    query.sql(" WHERE id = :id").bind("id", id).within(scope);
    if (for_update) query.for_update();
    return query.one(station_from(vault));
}

}  // namespace

base::Result<> StationRepository::add(const Station& station) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(
            db,
            "INSERT INTO stations (id, owner_id, slug, name, description, artwork_url, stream_key, "
            "stream_key_hash, playback_id, created_at, updated_at) VALUES (:id, :owner_id, :slug, :name, "
            ":description, :artwork_url, :stream_key, :stream_key_hash, :playback_id, :created_at, "
            ":updated_at)");
        bind_station(query, database_.vault(), station);
        query.bind("owner_id", station.owner_id).bind("created_at", station.created_at).run();
        return {};
    });
}

base::Result<Station> StationRepository::get(const Scope& scope, const std::string& id) {
    return database_.read([&](Connection& db) -> base::Result<Station> {
        auto found = find(db, database_.vault(), scope, id);
        if (!found) return not_found("station");
        return std::move(*found);
    });
}

base::Result<Station> StationRepository::get_by_id_or_slug(const Scope& scope,
                                                           const std::string& id_or_slug) {
    return database_.read([&](Connection& db) -> base::Result<Station> {
        // The id first: a slug may look like somebody's id.
        auto found = find(db, database_.vault(), scope, id_or_slug);
        if (!found) {
            Query query(db, select_columns);
            query.sql(" WHERE slug = :slug").bind("slug", lower_case(id_or_slug)).within(scope);
            found = query.one(station_from(database_.vault()));
        }
        if (!found) return not_found("station");
        return std::move(*found);
    });
}

base::Result<std::optional<Station>> StationRepository::find_by_stream_key(const base::Secret& key) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<Station>> {
        return Query(db, select_columns)
            .sql(" WHERE stream_key_hash = :hash")
            .bind("hash", database_.vault().hash(stream_key_domain, key))
            .one(station_from(database_.vault()));
    });
}

base::Result<std::optional<Station>> StationRepository::find_by_playback_id(const std::string& playback_id) {
    return database_.read([&](Connection& db) -> base::Result<std::optional<Station>> {
        return Query(db, select_columns)
            .sql(" WHERE playback_id = :playback_id")
            .bind("playback_id", playback_id)
            .one(station_from(database_.vault()));
    });
}

base::Result<Page<Station>> StationRepository::list(const Scope& scope, const PageRequest& page) {
    return database_.read([&](Connection& db) -> base::Result<Page<Station>> {
        Query query(db, select_columns);
        query.sql(" WHERE 1 = 1").within(scope);
        return page_of(query, {"created_at"}, page, station_from(database_.vault()),
                       [](const Station& station) { return base::unix_millis(station.created_at); });
    });
}

base::Result<Station> StationRepository::update(const Scope& scope, const std::string& id,
                                                const std::function<base::Result<>(Station&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<Station> {
        const auto before = find(db, database_.vault(), scope, id, true);
        if (!before) return not_found("station");
        Station station = *before;
        if (auto changed = change(station); !changed) return base::fail(changed.error());
        station.id = before->id;
        station.owner_id = before->owner_id;
        station.created_at = before->created_at;
        station.slug = lower_case(station.slug);
        station.updated_at = database_.now();
        Query query(
            db,
            "UPDATE stations SET slug = :slug, name = :name, description = :description, artwork_url = "
            ":artwork_url, stream_key = :stream_key, stream_key_hash = :stream_key_hash, playback_id = "
            ":playback_id, updated_at = :updated_at WHERE id = :id");
        bind_station(query, database_.vault(), station);
        query.run();
        return station;
    });
}

base::Result<> StationRepository::remove(const Scope& scope, const std::string& id) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(db, "SELECT id FROM stations WHERE id = :id");
        query.bind("id", id).within(scope).for_update();
        if (!query.one([](const Row& row) { return row.text("id"); })) return not_found("station");
        const auto running =
            Query(db,
                  "SELECT COUNT(*) FROM broadcasts WHERE (station_id = :id OR stream_id = :id) AND "
                  "status <> 'ended'")
                .bind("id", id)
                .number();
        if (running.value_or(0) > 0)
            return base::fail({base::ErrorCode::conflict,
                               "A broadcast of this station is running. Stop it first.", "broadcast_active"});
        Query(db, "DELETE FROM stations WHERE id = :id").bind("id", id).run();
        return {};
    });
}

}  // namespace store
