#include "store/destination_repository.h"

#include <map>

#include "store/database.h"
#include "store/listing.h"
#include "store/settings_text.h"

namespace store {

namespace {

constexpr std::string_view select_columns =
    "SELECT id, owner_id, station_id, platform, name, rtmp_url, stream_key, bridge_proxy_url, is_active, "
    "settings, "
    "max_retries, playback_url, platform_stream_id, last_status, last_error, last_connected_at, retry_count, "
    "created_at, updated_at FROM destinations";

crypto::Place key_place(const std::string& id) {
    return {"destinations", id, "stream_key"};
}
// A URL that a platform or a bridge gave may hold a token.
crypto::Place url_place(const std::string& id) {
    return {"destinations", id, "rtmp_url"};
}
crypto::Place bridge_place(const std::string& id) {
    return {"destinations", id, "bridge_proxy_url"};
}

auto destination_from(const Vault& vault) {
    return [&vault](const Row& row) {
        Destination destination;
        destination.id = row.text("id");
        destination.owner_id = row.text("owner_id");
        destination.station_id = row.maybe_text("station_id");
        destination.platform = row.text("platform");
        destination.name = row.text("name");
        destination.rtmp_url = vault.open(url_place(destination.id), row.text("rtmp_url")).reveal();
        destination.stream_key = vault.open(key_place(destination.id), row.text("stream_key"));
        destination.bridge_proxy_url =
            vault.open(bridge_place(destination.id), row.text("bridge_proxy_url")).reveal();
        destination.is_active = row.flag("is_active");
        destination.settings = settings_from(row.text("settings"));
        destination.max_retries = row.integer("max_retries");
        destination.playback_url = row.text("playback_url");
        destination.platform_stream_id = row.text("platform_stream_id");
        destination.last_status = row.text("last_status");
        destination.last_error = row.text("last_error");
        destination.last_connected_at = row.maybe_time("last_connected_at");
        destination.retry_count = row.integer("retry_count");
        destination.created_at = row.time("created_at");
        destination.updated_at = row.time("updated_at");
        return destination;
    };
}

void bind_destination(Query& query, const Vault& vault, const Destination& destination) {
    query.bind("id", destination.id)
        .bind("station_id", destination.station_id)
        .bind("platform", destination.platform)
        .bind("name", destination.name)
        .bind("rtmp_url", vault.seal(url_place(destination.id), base::Secret(destination.rtmp_url)))
        .bind("stream_key", vault.seal(key_place(destination.id), destination.stream_key))
        .bind("bridge_proxy_url",
              vault.seal(bridge_place(destination.id), base::Secret(destination.bridge_proxy_url)))
        .bind("is_active", destination.is_active)
        .bind("settings", to_text(destination.settings))
        .bind("max_retries", destination.max_retries)
        .bind("playback_url", destination.playback_url)
        .bind("platform_stream_id", destination.platform_stream_id)
        .bind("updated_at", destination.updated_at);
}

std::optional<Destination> find(Connection& db, const Vault& vault, const Scope& scope, const std::string& id,
                                bool for_update = false) {
    Query query(db, select_columns);
    query.sql(" WHERE id = :id").bind("id", id).within(scope);
    if (for_update) query.for_update();
    return query.one(destination_from(vault));
}

}  // namespace

base::Result<> DestinationRepository::add(const Destination& destination) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(
            db,
            "INSERT INTO destinations (id, owner_id, station_id, platform, name, rtmp_url, stream_key, "
            "bridge_proxy_url, is_active, settings, max_retries, playback_url, platform_stream_id, "
            "last_status, last_error, last_connected_at, retry_count, created_at, updated_at) VALUES (:id, "
            ":owner_id, :station_id, :platform, :name, :rtmp_url, :stream_key, :bridge_proxy_url, "
            ":is_active, :settings, :max_retries, :playback_url, :platform_stream_id, :last_status, "
            ":last_error, :last_connected_at, :retry_count, :created_at, :updated_at)");
        bind_destination(query, database_.vault(), destination);
        query.bind("owner_id", destination.owner_id)
            .bind("last_status", destination.last_status)
            .bind("last_error", destination.last_error)
            .bind("last_connected_at", destination.last_connected_at)
            .bind("retry_count", destination.retry_count)
            .bind("created_at", destination.created_at)
            .run();
        return {};
    });
}

base::Result<Destination> DestinationRepository::get(const Scope& scope, const std::string& id) {
    return database_.read([&](Connection& db) -> base::Result<Destination> {
        auto found = find(db, database_.vault(), scope, id);
        if (!found) return not_found("destination");
        return std::move(*found);
    });
}

base::Result<std::vector<Destination>> DestinationRepository::get_many(const Scope& scope,
                                                                       const std::vector<std::string>& ids) {
    if (ids.empty()) return std::vector<Destination>{};
    return database_.read([&](Connection& db) -> base::Result<std::vector<Destination>> {
        Query query(db, select_columns);
        query.sql(" WHERE ").in("id", ids).within(scope);
        std::map<std::string, Destination> found;
        for (Destination& destination : query.all(destination_from(database_.vault()))) {
            const std::string id = destination.id;
            found.emplace(id, std::move(destination));
        }
        std::vector<Destination> in_order;
        for (const std::string& id : ids)
            if (auto node = found.extract(id)) in_order.push_back(std::move(node.mapped()));
        return in_order;
    });
}

base::Result<Page<Destination>> DestinationRepository::list(const Scope& scope,
                                                            const DestinationFilter& filter,
                                                            const PageRequest& page) {
    return database_.read([&](Connection& db) -> base::Result<Page<Destination>> {
        Query query(db, select_columns);
        query.sql(" WHERE 1 = 1")
            .within(scope)
            .where("station_id", filter.station_id)
            .where("platform", filter.platform)
            .where("is_active", filter.is_active);
        return page_of(
            query, {"created_at"}, page, destination_from(database_.vault()),
            [](const Destination& destination) { return base::unix_millis(destination.created_at); });
    });
}

base::Result<std::int64_t> DestinationRepository::count(const Scope& scope) {
    return database_.read([&](Connection& db) -> base::Result<std::int64_t> {
        Query query(db, "SELECT COUNT(*) FROM destinations WHERE 1 = 1");
        return query.within(scope).number().value_or(0);
    });
}

base::Result<Destination> DestinationRepository::update(
    const Scope& scope, const std::string& id, const std::function<base::Result<>(Destination&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<Destination> {
        const auto before = find(db, database_.vault(), scope, id, true);
        if (!before) return not_found("destination");
        Destination destination = *before;
        if (auto changed = change(destination); !changed) return base::fail(changed.error());
        destination.id = before->id;
        destination.owner_id = before->owner_id;
        destination.created_at = before->created_at;
        destination.last_status = before->last_status;
        destination.last_error = before->last_error;
        destination.last_connected_at = before->last_connected_at;
        destination.retry_count = before->retry_count;
        destination.updated_at = database_.now();
        Query query(
            db,
            "UPDATE destinations SET station_id = :station_id, platform = :platform, name = :name, rtmp_url "
            "= "
            ":rtmp_url, stream_key = :stream_key, bridge_proxy_url = :bridge_proxy_url, is_active = "
            ":is_active, settings = :settings, max_retries = :max_retries, playback_url = :playback_url, "
            "platform_stream_id = :platform_stream_id, updated_at = :updated_at WHERE id = :id");
        bind_destination(query, database_.vault(), destination);
        query.run();
        return destination;
    });
}

base::Result<> DestinationRepository::record_status(const std::string& id, const DestinationSeen& seen) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query(db,
              "UPDATE destinations SET last_status = :status, last_error = :error, last_connected_at = "
              "COALESCE(:connected_at, last_connected_at), retry_count = :retry_count WHERE id = :id")
            .bind("status", seen.status)
            .bind("error", seen.last_error)
            .bind("connected_at", seen.connected_at)
            .bind("retry_count", seen.retry_count)
            .bind("id", id)
            .run();
        return {};
    });
}

base::Result<> DestinationRepository::remove(const Scope& scope, const std::string& id) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(db, "DELETE FROM destinations WHERE id = :id");
        if (query.bind("id", id).within(scope).run() == 0) return not_found("destination");
        return {};
    });
}

}  // namespace store
