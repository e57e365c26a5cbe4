#include "service/profiles.h"

#include <set>

#include "base/ids.h"
#include "base/limit_hits.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/destination_rules.h"
#include "service/owned.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::string_view noun = "profile";

base::Error told(base::Error error) {
    return error.code == base::ErrorCode::not_found ? not_found(noun) : error;
}

Profile shown(const store::Profile& record) {
    Profile profile;
    profile.id = record.id;
    profile.owner_id = record.owner_id;
    profile.station_id = record.station_id;
    profile.name = record.name;
    profile.description = record.description;
    profile.is_default = record.is_default;
    profile.recording_enabled = record.recording_enabled;
    for (const auto& entry : record.entries) {
        ProfileEntry to{entry.destination_id, std::nullopt};
        if (entry.settings) to.settings = to_service(*entry.settings);
        profile.entries.push_back(std::move(to));
    }
    profile.created_at = record.created_at;
    profile.updated_at = record.updated_at;
    return profile;
}

base::Result<std::vector<store::ProfileEntry>> checked(const std::vector<ProfileEntry>& entries,
                                                       std::size_t most) {
    if (entries.size() > most)
        return invalid("destinationIds",
                       "At most " + std::to_string(most) + " destinations fit into a profile.");
    std::vector<store::ProfileEntry> to;
    std::set<std::string> seen;
    for (const auto& entry : entries) {
        if (!seen.insert(entry.destination_id).second)
            return invalid("destinationIds", "A destination stands twice in this profile.");
        store::ProfileEntry kept{entry.destination_id, std::nullopt};
        if (entry.settings) {
            if (const auto fit = check_settings(*entry.settings); !fit) return base::fail(fit.error());
            kept.settings = to_store(*entry.settings);
        }
        to.push_back(std::move(kept));
    }
    return to;
}

// The same answer for a station that does not exist and for somebody else's.
base::Result<> check_station(Context& context, const std::string& owner_id,
                             const std::optional<std::string>& station) {
    if (!station) return {};
    const auto found = context.store.stations().get(store::Scope::of(owner_id), *station);
    if (!found && found.error().code == base::ErrorCode::not_found)
        return invalid("stationId", "stationId names no station of yours.");
    if (!found) return base::fail(found.error());
    return {};
}

base::Result<store::Profile> row(Context& context, const Actor& actor, Action action, const std::string& id) {
    return owned(actor, action, noun, context.store.profiles().get(store::Scope::all(), id));
}

}  // namespace

base::Result<Page<Profile>> ProfileService::list(const Actor& actor, const std::string& station_id,
                                                 const PageRequest& page) {
    if (const auto may = allowed(actor, Action::read); !may) return base::fail(may.error());
    if (const auto fits = check_page(page); !fits) return base::fail(fits.error());
    store::ProfileFilter filter;
    if (!station_id.empty()) filter.station_id = station_id;
    const auto found = context_.store.profiles().list(scope_of(actor), filter, to_store(page));
    if (!found) return base::fail(found.error());
    Page<Profile> profiles{{}, found->next_cursor};
    for (const auto& record : found->items) profiles.items.push_back(shown(record));
    return profiles;
}

base::Result<Profile> ProfileService::find(const Actor& actor, const std::string& id) {
    return row(context_, actor, Action::read, id).map(shown);
}

base::Result<Profile> ProfileService::create(const Actor& actor, const NewProfile& request) {
    if (const auto may = allowed(actor, Action::create); !may) return base::fail(may.error());
    const auto name = check_name("name", request.name);
    if (!name) return base::fail(name.error());
    const auto description = check_text("description", request.description, max_description);
    if (!description) return base::fail(description.error());
    auto entries = checked(request.entries, limits_.destinations_per_broadcast);
    if (!entries) return base::fail(std::move(entries.error()));
    const auto station = none_if_empty(request.station_id);
    if (const auto fits = check_station(context_, actor.user_id, station); !fits)
        return base::fail(fits.error());
    const auto held = context_.store.profiles().list(store::Scope::of(actor.user_id), {},
                                                     {static_cast<int>(limits_.profiles_per_user), {}});
    if (!held) return base::fail(held.error());
    if (held->items.size() >= limits_.profiles_per_user)
        return base::fail(base::about_limit(
            "profiles_per_user",
            {base::ErrorCode::conflict,
             "You have " + std::to_string(held->items.size()) + " profiles, which is the limit.",
             "limit_reached"}));

    store::Profile record;
    record.id = base::random_id("pr_");
    record.owner_id = actor.user_id;
    record.station_id = station;
    record.name = *name;
    record.description = *description;
    record.is_default = request.is_default;
    record.recording_enabled = request.recording_enabled;
    record.entries = std::move(*entries);
    record.created_at = record.updated_at = context_.clock.wall();
    if (const auto added = context_.store.profiles().add(record); !added) return base::fail(added.error());
    return shown(record);
}

base::Result<Profile> ProfileService::update(const Actor& actor, const std::string& id,
                                             const ProfileChange& change) {
    const auto before = row(context_, actor, Action::update, id);
    if (!before) return base::fail(before.error());
    base::Result<std::string> name = before->name;
    base::Result<std::string> description = before->description;
    base::Result<std::vector<store::ProfileEntry>> entries = before->entries;
    if (change.name && !(name = check_name("name", *change.name))) return base::fail(name.error());
    if (change.description &&
        !(description = check_text("description", *change.description, max_description)))
        return base::fail(description.error());
    if (change.entries && !(entries = checked(*change.entries, limits_.destinations_per_broadcast)))
        return base::fail(entries.error());
    const auto station = none_if_empty(change.station_id);
    if (const auto fits = check_station(context_, before->owner_id, station); !fits)
        return base::fail(fits.error());
    return context_.store.profiles()
        .update(scope_of(actor), id,
                [&](store::Profile& record) -> base::Result<> {
                    if (change.name) record.name = *name;
                    if (change.description) record.description = *description;
                    if (change.station_id) record.station_id = station;
                    if (change.entries) record.entries = *entries;
                    if (change.is_default) record.is_default = *change.is_default;
                    if (change.recording_enabled) record.recording_enabled = *change.recording_enabled;
                    return {};
                })
        .map(shown)
        .map_error(told);
}

base::Result<> ProfileService::remove(const Actor& actor, const std::string& id) {
    if (const auto before = row(context_, actor, Action::remove, id); !before)
        return base::fail(before.error());
    return context_.store.profiles().remove(scope_of(actor), id).map_error(told);
}

}  // namespace service
