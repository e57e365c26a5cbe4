#include "store/profile_repository.h"

#include <map>
#include <set>

#include "store/database.h"
#include "store/listing.h"
#include "store/settings_text.h"

namespace store {

namespace {

constexpr std::string_view select_columns =
    "SELECT id, owner_id, station_id, name, description, is_default, recording_enabled, created_at, "
    "updated_at "
    "FROM profiles";

Profile profile_from(const Row& row) {
    Profile profile;
    profile.id = row.text("id");
    profile.owner_id = row.text("owner_id");
    profile.station_id = row.maybe_text("station_id");
    profile.name = row.text("name");
    profile.description = row.text("description");
    profile.is_default = row.flag("is_default");
    profile.recording_enabled = row.flag("recording_enabled");
    profile.created_at = row.time("created_at");
    profile.updated_at = row.time("updated_at");
    return profile;
}

void bind_profile(Query& query, const Profile& profile) {
    query.bind("id", profile.id)
        .bind("station_id", profile.station_id)
        .bind("name", profile.name)
        .bind("description", profile.description)
        .bind("is_default", profile.is_default)
        .bind("recording_enabled", profile.recording_enabled)
        .bind("updated_at", profile.updated_at);
}

void fill_entries(Connection& db, std::vector<Profile>& profiles) {
    if (profiles.empty()) return;
    std::map<std::string, Profile*> by_id;
    std::vector<std::string> ids;
    for (Profile& profile : profiles) {
        by_id[profile.id] = &profile;
        ids.push_back(profile.id);
    }
    Query(db, "SELECT profile_id, destination_id, settings FROM profile_destinations WHERE ")
        .in("profile_id", ids)
        .sql(" ORDER BY profile_id, position")
        .each([&](const Row& row) {
            by_id.at(row.text("profile_id"))
                ->entries.push_back({row.text("destination_id"), settings_from(row.maybe_text("settings"))});
        });
}

std::optional<Profile> find(Connection& db, const Scope& scope, const std::string& id,
                            bool for_update = false) {
    Query query(db, select_columns);
    query.sql(" WHERE id = :id").bind("id", id).within(scope);
    if (for_update) query.for_update();
    std::vector<Profile> found = query.all(profile_from);
    if (found.empty()) return std::nullopt;
    fill_entries(db, found);
    return std::move(found.front());
}

base::Result<> check_entries(Connection& db, const Profile& profile) {
    std::set<std::string> ids;
    for (const ProfileEntry& entry : profile.entries) ids.insert(entry.destination_id);
    const auto wrong = [](const std::string& message) {
        return base::fail({base::ErrorCode::invalid_argument, message, {}, {{"field", "destinationIds"}}});
    };
    if (ids.size() != profile.entries.size()) return wrong("A destination is named twice.");
    if (ids.empty()) return {};
    const auto theirs = Query(db, "SELECT COUNT(*) FROM destinations WHERE owner_id = :owner_id AND ")
                            .bind("owner_id", profile.owner_id)
                            .in("id", {ids.begin(), ids.end()})
                            .number();
    if (theirs.value_or(0) != static_cast<std::int64_t>(ids.size()))
        return wrong("A destination does not exist, or belongs to somebody else.");
    return {};
}

void write_entries(Connection& db, const Profile& profile) {
    Query(db, "DELETE FROM profile_destinations WHERE profile_id = :id").bind("id", profile.id).run();
    std::int64_t position = 0;
    for (const ProfileEntry& entry : profile.entries)
        Query(db,
              "INSERT INTO profile_destinations (profile_id, destination_id, position, settings) VALUES "
              "(:profile_id, "
              ":destination_id, :position, :settings)")
            .bind("profile_id", profile.id)
            .bind("destination_id", entry.destination_id)
            .bind("position", position++)
            .bind("settings", to_text(entry.settings))
            .run();
}

// One default per owner and station: the newest says it.
void take_default_from_others(Connection& db, const Profile& profile) {
    if (!profile.is_default) return;
    Query(
        db,
        "UPDATE profiles SET is_default = 0 WHERE owner_id = :owner_id AND id <> :id AND is_default <> 0 AND "
        "COALESCE(station_id, '') = :station_id")
        .bind("owner_id", profile.owner_id)
        .bind("id", profile.id)
        .bind("station_id", profile.station_id.value_or(""))
        .run();
}

}  // namespace

base::Result<> ProfileRepository::add(const Profile& profile) {
    return database_.write([&](Connection& db) -> base::Result<> {
        if (auto checked = check_entries(db, profile); !checked) return checked;
        Query query(db,
                    "INSERT INTO profiles (id, owner_id, station_id, name, description, is_default, "
                    "recording_enabled, created_at, updated_at) VALUES (:id, :owner_id, :station_id, :name, "
                    ":description, :is_default, :recording_enabled, :created_at, :updated_at)");
        bind_profile(query, profile);
        query.bind("owner_id", profile.owner_id).bind("created_at", profile.created_at).run();
        write_entries(db, profile);
        take_default_from_others(db, profile);
        return {};
    });
}

base::Result<Profile> ProfileRepository::get(const Scope& scope, const std::string& id) {
    return database_.read([&](Connection& db) -> base::Result<Profile> {
        auto found = find(db, scope, id);
        if (!found) return not_found("profile");
        return std::move(*found);
    });
}

base::Result<Page<Profile>> ProfileRepository::list(const Scope& scope, const ProfileFilter& filter,
                                                    const PageRequest& page) {
    return database_.read([&](Connection& db) -> base::Result<Page<Profile>> {
        Query query(db, select_columns);
        query.sql(" WHERE 1 = 1").within(scope).where("station_id", filter.station_id);
        auto found = page_of(query, {"created_at"}, page, profile_from,
                             [](const Profile& profile) { return base::unix_millis(profile.created_at); });
        fill_entries(db, found.items);
        return found;
    });
}

base::Result<Profile> ProfileRepository::update(const Scope& scope, const std::string& id,
                                                const std::function<base::Result<>(Profile&)>& change) {
    return database_.write([&](Connection& db) -> base::Result<Profile> {
        const auto before = find(db, scope, id, true);
        if (!before) return not_found("profile");
        Profile profile = *before;
        if (auto changed = change(profile); !changed) return base::fail(changed.error());
        profile.id = before->id;
        profile.owner_id = before->owner_id;
        profile.created_at = before->created_at;
        profile.updated_at = database_.now();
        if (profile.entries != before->entries) {
            if (auto checked = check_entries(db, profile); !checked) return base::fail(checked.error());
            write_entries(db, profile);
        }
        Query query(db,
                    "UPDATE profiles SET station_id = :station_id, name = :name, description = :description, "
                    "is_default = :is_default, recording_enabled = :recording_enabled, updated_at = "
                    ":updated_at WHERE "
                    "id = :id");
        bind_profile(query, profile);
        query.run();
        take_default_from_others(db, profile);
        return profile;
    });
}

base::Result<> ProfileRepository::remove(const Scope& scope, const std::string& id) {
    return database_.write([&](Connection& db) -> base::Result<> {
        Query query(db, "DELETE FROM profiles WHERE id = :id");
        if (query.bind("id", id).within(scope).run() == 0) return not_found("profile");
        return {};
    });
}

}  // namespace store
