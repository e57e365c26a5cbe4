#include "store/asset_repository.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "store/database.h"
#include "store/listing.h"

namespace store {

namespace {

constexpr std::string_view select_assets =
    "SELECT id, owner_id, station_id, livestream_id, broadcast_id, title, description, visibility, status, "
    "problem, place, recorded_at, duration_ms, size_bytes, created_at, updated_at FROM assets";
constexpr std::string_view select_files =
    "SELECT asset_id, number, size_bytes, init_size, duration_ms, width, height, codecs, started_at, "
    "complete, checksum, place, object_key, upload_id FROM asset_files";

Asset asset_from(const Row& row) {
    Asset asset;
    asset.id = row.text("id");
    asset.owner_id = row.text("owner_id");
    asset.station_id = row.maybe_text("station_id");
    asset.livestream_id = row.maybe_text("livestream_id");
    asset.broadcast_id = row.maybe_text("broadcast_id");
    asset.title = row.text("title");
    asset.description = row.text("description");
    asset.visibility = visibility_from(row.text("visibility")).value_or(Visibility::closed);
    asset.status = asset_status_from(row.text("status")).value_or(AssetStatus::failed);
    asset.problem = row.text("problem");
    asset.place = file_place_from(row.text("place")).value_or(FilePlace::local);
    asset.recorded_at = row.time("recorded_at");
    asset.duration_ms = row.integer("duration_ms");
    asset.size_bytes = row.integer("size_bytes");
    asset.created_at = row.time("created_at");
    asset.updated_at = row.time("updated_at");
    return asset;
}

AssetFile file_from(const Row& row) {
    AssetFile file;
    file.asset_id = row.text("asset_id");
    file.number = row.integer("number");
    file.size_bytes = row.integer("size_bytes");
    file.init_size = row.integer("init_size");
    file.duration_ms = row.integer("duration_ms");
    file.width = row.integer("width");
    file.height = row.integer("height");
    file.codecs = row.text("codecs");
    file.started_at = row.time("started_at");
    file.complete = row.flag("complete");
    file.checksum = row.text("checksum");
    file.place = file_place_from(row.text("place")).value_or(FilePlace::local);
    file.object_key = row.text("object_key");
    file.upload_id = row.text("upload_id");
    return file;
}

void bind_asset(Query& query, const Asset& asset) {
    query.bind("id", asset.id)
        .bind("station_id", asset.station_id)
        .bind("livestream_id", asset.livestream_id)
        .bind("broadcast_id", asset.broadcast_id)
        .bind("title", asset.title)
        .bind("description", asset.description)
        .bind("visibility", to_string(asset.visibility))
        .bind("status", to_string(asset.status))
        .bind("problem", asset.problem)
        .bind("place", to_string(asset.place))
        .bind("recorded_at", asset.recorded_at)
        .bind("updated_at", asset.updated_at);
}

void bind_file(Query& query, const AssetFile& file) {
    query.bind("asset_id", file.asset_id)
        .bind("number", file.number)
        .bind("size_bytes", file.size_bytes)
        .bind("init_size", file.init_size)
        .bind("duration_ms", file.duration_ms)
        .bind("width", file.width)
        .bind("height", file.height)
        .bind("codecs", file.codecs)
        .bind("started_at", file.started_at)
        .bind("complete", file.complete)
        .bind("checksum", file.checksum)
        .bind("place", to_string(file.place))
        .bind("object_key", file.object_key)
        .bind("upload_id", file.upload_id);
}

void fill_files(Connection& db, std::vector<Asset>& assets) {
    if (assets.empty()) return;
    std::map<std::string, Asset*> by_id;
    std::vector<std::string> ids;
    for (Asset& asset : assets) {
        by_id[asset.id] = &asset;
        ids.push_back(asset.id);
    }
    Query(db, select_files)
        .sql(" WHERE ")
        .in("asset_id", ids)
        .sql(" ORDER BY asset_id, number")
        .each([&](const Row& row) { by_id.at(row.text("asset_id"))->files.push_back(file_from(row)); });
}

std::int64_t number_in(const std::string& text) {
    std::int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::optional<Asset> find(Connection& db, const Scope& scope, const std::string& id,
                          bool for_update = false) {
    Query query(db, select_assets);
    query.sql(" WHERE id = :id").bind("id", id).within(scope);
    if (for_update) query.for_update();
    std::vector<Asset> found = query.all(asset_from);
    if (found.empty()) return std::nullopt;
    fill_files(db, found);
    return std::move(found.front());
}

}  // namespace

base::Result<> AssetRepository::add(const Asset& asset) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(
            db,
            "INSERT INTO assets (id, owner_id, station_id, livestream_id, broadcast_id, title, description, "
            "visibility, status, problem, place, recorded_at, duration_ms, size_bytes, created_at, "
            "updated_at) VALUES (:id, :owner_id, :station_id, :livestream_id, :broadcast_id, :title, "
            ":description, :visibility, :status, :problem, :place, :recorded_at, 0, 0, :created_at, "
            ":updated_at)");
        bind_asset(query, asset);
        query.bind("owner_id", asset.owner_id).bind("created_at", asset.created_at).run();
        return {};
    });
}

base::Result<Asset> AssetRepository::get(const Scope& scope, const std::string& id) {
    return database_.read([&](Connection& db) -> base::Result<Asset> {
        auto found = find(db, scope, id);
        if (!found) return not_found("asset");
        return std::move(*found);
    });
}

base::Result<Page<Asset>> AssetRepository::list(const Scope& scope, const AssetFilter& filter,
                                                const PageRequest& page) {
    return database_.read([&](Connection& db) -> base::Result<Page<Asset>> {
        Query query(db, select_assets);
        query.sql(" WHERE 1 = 1")
            .where("station_id", filter.station_id)
            .where("broadcast_id", filter.broadcast_id)
            .where("status", filter.status ? std::optional(to_string(*filter.status)) : std::nullopt);
        if (!filter.and_public)
            query.within(scope);
        else if (scope.owner_id())
            query.sql(" AND (owner_id = :owner_id OR (visibility = 'public' AND status = 'ready'))")
                .bind("owner_id", *scope.owner_id());
        auto found = page_of(query, {"recorded_at"}, page, asset_from,
                             [](const Asset& asset) { return base::unix_millis(asset.recorded_at); });
        fill_files(db, found.items);
        return found;
    });
}

base::Result<std::vector<Asset>> AssetRepository::unfinished() {
    return database_.read([&](Connection& db) -> base::Result<std::vector<Asset>> {
        auto found = Query(db, select_assets)
                         .sql(" WHERE status IN ('recording', 'processing') ORDER BY recorded_at, id")
                         .all(asset_from);
        fill_files(db, found);
        return found;
    });
}

base::Result<std::vector<Asset>> AssetRepository::oldest_finished(base::WallTime before, int limit,
                                                                  bool local) {
    return database_.read([&](Connection& db) -> base::Result<std::vector<Asset>> {
        Query query(db, select_assets);
        query.sql(" WHERE status IN ('ready', 'failed') AND recorded_at < :before");
        if (local) query.sql(" AND place = 'local'");
        auto found = query.sql(" ORDER BY recorded_at, id LIMIT :limit")
                         .bind("before", before)
                         .bind("limit", std::clamp(limit, 1, max_page_size))
                         .all(asset_from);
        fill_files(db, found);
        return found;
    });
}

base::Result<std::vector<Asset>> AssetRepository::to_archive(int limit) {
    return database_.read([&](Connection& db) -> base::Result<std::vector<Asset>> {
        auto found =
            Query(db, select_assets)
                .sql(" WHERE status = 'ready' AND place = 'local' ORDER BY recorded_at, id LIMIT :limit")
                .bind("limit", std::clamp(limit, 1, max_page_size))
                .all(asset_from);
        fill_files(db, found);
        return found;
    });
}

base::Result<AssetRepository::Sum> AssetRepository::count_to_archive() {
    return database_.read([&](Connection& db) -> base::Result<Sum> {
        // As text: of a sum, the two databases tell other types.
        const auto sum =
            Query(db,
                  "SELECT CAST(COUNT(*) AS TEXT) AS recordings, CAST(COALESCE(SUM(size_bytes), 0) "
                  "AS TEXT) AS bytes FROM assets WHERE status = 'ready' AND place = 'local'")
                .one([](const Row& row) {
                    return Sum{number_in(row.text("recordings")), number_in(row.text("bytes"))};
                });
        return sum.value_or(Sum());
    });
}

base::Result<std::vector<std::string>> AssetRepository::known(const std::vector<std::string>& ids) {
    if (ids.empty()) return std::vector<std::string>();
    return database_.read([&](Connection& db) -> base::Result<std::vector<std::string>> {
        return Query(db, "SELECT id FROM assets WHERE ").in("id", ids).all([](const Row& row) {
            return row.text("id");
        });
    });
}

base::Result<Asset> AssetRepository::update(const Scope& scope, const std::string& id,
                                            const std::function<base::Result<>(Asset&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<Asset> {
        const auto before = find(db, scope, id, true);
        if (!before) return not_found("asset");
        Asset asset = *before;
        if (auto changed = change(asset); !changed) return base::fail(changed.error());
        asset.id = before->id;
        asset.owner_id = before->owner_id;
        asset.files = before->files;
        asset.duration_ms = before->duration_ms;
        asset.size_bytes = before->size_bytes;
        asset.created_at = before->created_at;
        asset.updated_at = database_.now();
        Query query(
            db,
            "UPDATE assets SET station_id = :station_id, livestream_id = :livestream_id, broadcast_id = "
            ":broadcast_id, title = :title, description = :description, visibility = :visibility, status = "
            ":status, problem = :problem, place = :place, recorded_at = :recorded_at, updated_at = "
            ":updated_at WHERE id = :id");
        bind_asset(query, asset);
        query.run();
        return asset;
    });
}

base::Result<> AssetRepository::put_file(const AssetFile& file) {
    return database_.write([&](Connection& db) -> base::Result<> {
        // Locking the asset keeps the sums of two writers apart.
        Query asset(db, "SELECT id FROM assets WHERE id = :id");
        asset.bind("id", file.asset_id).for_update();
        if (!asset.one([](const Row& row) { return row.text("id"); })) return not_found("asset");
        Query query(
            db,
            "INSERT INTO asset_files (asset_id, number, size_bytes, init_size, duration_ms, width, height, "
            "codecs, started_at, complete, checksum, place, object_key, upload_id) VALUES (:asset_id, "
            ":number, :size_bytes, :init_size, :duration_ms, :width, :height, :codecs, :started_at, "
            ":complete, :checksum, :place, :object_key, :upload_id) "
            "ON CONFLICT (asset_id, number) DO UPDATE SET size_bytes = excluded.size_bytes, init_size = "
            "excluded.init_size, duration_ms = excluded.duration_ms, width = excluded.width, height = "
            "excluded.height, codecs = excluded.codecs, started_at = excluded.started_at, complete = "
            "excluded.complete");
        bind_file(query, file);
        query.run();
        Query(db,
              "UPDATE assets SET duration_ms = (SELECT SUM(duration_ms) FROM asset_files WHERE asset_id = "
              ":id), size_bytes = (SELECT SUM(size_bytes) FROM asset_files WHERE asset_id = :id), updated_at "
              "= :now WHERE id = :id")
            .bind("id", file.asset_id)
            .bind("now", database_.now())
            .run();
        return {};
    });
}

base::Result<> AssetRepository::update_file(const std::string& asset_id, std::int64_t number,
                                            const std::function<void(AssetFile&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(db, select_files);
        query.sql(" WHERE asset_id = :asset_id AND number = :number")
            .bind("asset_id", asset_id)
            .bind("number", number)
            .for_update();
        auto file = query.one(file_from);
        if (!file) return not_found("asset");
        change(*file);
        Query(db,
              "UPDATE asset_files SET checksum = :checksum, place = :place, object_key = :object_key, "
              "upload_id = :upload_id WHERE asset_id = :asset_id AND number = :number")
            .bind("checksum", file->checksum)
            .bind("place", to_string(file->place))
            .bind("object_key", file->object_key)
            .bind("upload_id", file->upload_id)
            .bind("asset_id", asset_id)
            .bind("number", number)
            .run();
        return {};
    });
}

base::Result<> AssetRepository::remove(const Scope& scope, const std::string& id) {
    return database_.write([&](Connection& db) -> base::Result<> {
        if (!find(db, scope, id, true)) return not_found("asset");
        Query(db,
              "INSERT INTO object_removals (object_key, upload_id, created_at) SELECT object_key, upload_id, "
              ":now FROM asset_files WHERE asset_id = :id AND object_key <> ''")
            .bind("id", id)
            .bind("now", database_.now())
            .run();
        Query(db, "DELETE FROM assets WHERE id = :id").bind("id", id).run();
        return {};
    });
}

base::Result<std::vector<ObjectRemoval>> AssetRepository::object_removals(int limit) {
    return database_.read([&](Connection& db) -> base::Result<std::vector<ObjectRemoval>> {
        return Query(db,
                     "SELECT object_key, upload_id FROM object_removals ORDER BY created_at, object_key "
                     "LIMIT :limit")
            .bind("limit", std::clamp(limit, 1, max_page_size))
            .all([](const Row& row) {
                return ObjectRemoval{row.text("object_key"), row.text("upload_id")};
            });
    });
}

base::Result<> AssetRepository::object_removed(const std::string& object_key) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query(db, "DELETE FROM object_removals WHERE object_key = :key").bind("key", object_key).run();
        return {};
    });
}

}  // namespace store
