#include "api/rest/profile_dto.h"

#include "api/rest/destination_dto.h"
#include "api/rest/fields.h"
#include "api/rest/respond.h"

namespace api::rest {
namespace {

boost::json::object entry_json(const service::ProfileEntry& entry) {
    return {
        {"destinationId", text(entry.destination_id)},
        {"settings",
         entry.settings ? boost::json::value(to_json(*entry.settings)) : boost::json::value(nullptr)},
    };
}

}  // namespace

boost::json::object to_json(const service::Profile& profile) {
    return {
        {"id", text(profile.id)},
        {"ownerId", text(profile.owner_id)},
        {"stationId", text_or_null(profile.station_id)},
        {"name", text(profile.name)},
        {"description", text(profile.description)},
        {"destinations", array_of(profile.entries, entry_json)},
        {"isDefault", profile.is_default},
        {"recordingEnabled", profile.recording_enabled},
        {"createdAt", time(profile.created_at)},
        {"updatedAt", time(profile.updated_at)},
    };
}

std::optional<std::vector<service::ProfileEntry>> read_entries(input::ObjectReader& in) {
    std::vector<service::ProfileEntry> entries;
    const auto ids = in.optional_texts("destinationIds", max_destinations);
    const bool full = in.optional_objects("destinations", max_destinations, [&](input::ObjectReader& nested) {
        service::ProfileEntry& entry = entries.emplace_back();
        entry.destination_id = nested.text("destinationId", id_rule);
        nested.optional_object("settings", [&](input::ObjectReader& settings) {
            entry.settings.emplace();
            read_settings(settings, *entry.settings);
        });
    });
    if (ids && full) in.refuse("destinationIds", "cannot stand beside destinations: use one of the two.");
    if (ids && !full)
        for (const std::string& id : *ids) entries.push_back({.destination_id = id});
    if (!ids && !full) return std::nullopt;
    return entries;
}

}  // namespace api::rest
