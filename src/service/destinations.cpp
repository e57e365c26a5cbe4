#include "service/destinations.h"

#include "base/ids.h"
#include "base/limit_hits.h"
#include "output/outputs.h"
#include "platform/advice.h"
#include "service/broadcasts.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/destination_rules.h"
#include "service/live_board.h"
#include "service/login_guard.h"
#include "service/owned.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::string_view noun = "destination";

base::Error told(base::Error error) {
    return error.code == base::ErrorCode::not_found ? not_found(noun) : error;
}

base::Result<store::Destination> row(Context& context, const Actor& actor, Action action,
                                     const std::string& id) {
    return owned(actor, action, noun, context.store.destinations().get(store::Scope::all(), id));
}

base::Result<> check_station(Context& context, const store::Destination& record) {
    if (!record.station_id) return {};
    const auto found = context.store.stations().get(store::Scope::of(record.owner_id), *record.station_id);
    if (!found && found.error().code == base::ErrorCode::not_found)
        return invalid("stationId", "stationId names no station of yours.");
    if (!found) return base::fail(found.error());
    return {};
}

void edit(store::Destination& record, const DestinationChange& change) {
    // Another platform's URL is of no use there.
    if (change.platform && *change.platform != record.platform && !change.rtmp_url) record.rtmp_url.clear();
    if (change.platform) record.platform = *change.platform;
    if (change.name) record.name = *change.name;
    if (change.rtmp_url) record.rtmp_url = *change.rtmp_url;
    if (change.stream_key) record.stream_key = *change.stream_key;
    if (change.bridge_proxy_url) record.bridge_proxy_url = *change.bridge_proxy_url;
    if (change.station_id) record.station_id = none_if_empty(change.station_id);
    if (change.is_active) record.is_active = *change.is_active;
    if (change.settings) record.settings = to_store(*change.settings);
    if (change.max_retries) record.max_retries = *change.max_retries;
    if (change.playback_url) record.playback_url = *change.playback_url;
    if (change.platform_stream_id) record.platform_stream_id = *change.platform_stream_id;
}

}  // namespace

DestinationService::DestinationService(Context& context, BroadcastService& broadcasts, InstanceLimits limits)
    : context_(context),
      broadcasts_(broadcasts),
      limits_(limits),
      tests_(context.clock, tests_per_minute, std::chrono::minutes(1)) {}

Destination DestinationService::view(const store::Destination& record) const {
    Destination shown;
    shown.id = record.id;
    shown.owner_id = record.owner_id;
    shown.platform = record.platform;
    shown.name = record.name;
    shown.rtmp_url = record.rtmp_url;
    shown.stream_key_masked = record.stream_key.empty() ? std::string() : record.stream_key.masked();
    shown.bridge_proxy_url = record.bridge_proxy_url;
    shown.station_id = record.station_id;
    shown.is_active = record.is_active;
    shown.settings = to_service(record.settings);
    shown.max_retries = static_cast<int>(record.max_retries);
    shown.last_status = output_state_from(record.last_status);
    shown.last_error = record.last_error;
    shown.last_connected_at = record.last_connected_at;
    shown.retry_count = record.retry_count;
    shown.playback_url = record.playback_url;
    shown.platform_stream_id = record.platform_stream_id;
    shown.created_at = record.created_at;
    shown.updated_at = record.updated_at;
    shown.not_ready_reason = target_of(record).skipped;
    std::optional<media::IngestFacts> source;
    if (const auto session = broadcasts_.session_of_destination(record.id)) {
        if (const auto status = context_.outputs.find(*session, record.id)) {
            shown.last_status = status->state;
            shown.last_error = status->last_error;
            shown.retry_count = status->retry_count;
            if (status->connected_at) shown.last_connected_at = status->connected_at;
        }
        if (const auto entry = context_.board.session(*session))
            if (const auto ingest = context_.board.ingest(entry->stream_id); ingest && ingest->connected)
                source = ingest->facts;
    }
    shown.advice = advice_for(record.platform, record.settings, source);
    if (const auto* platform = platform::find(record.platform))
        for (auto& advice : platform::check_key(*platform, record.stream_key, context_.clock.wall()))
            shown.advice.push_back({std::move(advice.code), std::string(platform::to_string(advice.severity)),
                                    std::move(advice.message)});
    return shown;
}

base::Result<Page<Destination>> DestinationService::list(const Actor& actor, const DestinationFilter& filter,
                                                         const PageRequest& page) {
    if (const auto may = allowed(actor, Action::read); !may) return base::fail(may.error());
    if (const auto fits = check_page(page); !fits) return base::fail(fits.error());
    store::DestinationFilter wanted;
    if (!filter.station_id.empty()) wanted.station_id = filter.station_id;
    if (!filter.platform.empty()) wanted.platform = filter.platform;
    const auto found = context_.store.destinations().list(scope_of(actor), wanted, to_store(page));
    if (!found) return base::fail(found.error());
    Page<Destination> destinations{{}, found->next_cursor};
    for (const auto& record : found->items) destinations.items.push_back(view(record));
    return destinations;
}

base::Result<Destination> DestinationService::find(const Actor& actor, const std::string& id) {
    const auto record = row(context_, actor, Action::read, id);
    if (!record) return base::fail(record.error());
    return view(*record);
}

base::Result<Destination> DestinationService::create(const Actor& actor, const NewDestination& request) {
    if (const auto may = allowed(actor, Action::create); !may) return base::fail(may.error());
    store::Destination record;
    record.id = base::random_id("de_");
    record.owner_id = actor.user_id;
    record.platform = request.platform;
    record.name = request.name;
    record.rtmp_url = request.rtmp_url.value_or("");
    record.stream_key = request.stream_key.value_or(base::Secret());
    record.bridge_proxy_url = request.bridge_proxy_url.value_or("");
    record.station_id = none_if_empty(request.station_id);
    record.is_active = request.is_active;
    record.settings = to_store(request.settings);
    record.max_retries = request.max_retries.value_or(0);
    record.playback_url = request.playback_url.value_or("");
    record.platform_stream_id = request.platform_stream_id.value_or("");
    record.created_at = record.updated_at = context_.clock.wall();
    if (const auto fit = check_settings(request.settings); !fit) return base::fail(fit.error());
    if (const auto fit = complete(record); !fit) return base::fail(fit.error());
    if (const auto fit = check_station(context_, record); !fit) return base::fail(fit.error());
    const auto held = context_.store.destinations().count(store::Scope::of(actor.user_id));
    if (!held) return base::fail(held.error());
    if (*held >= static_cast<std::int64_t>(limits_.destinations_per_user))
        return base::fail(base::about_limit(
            "destinations_per_user",
            {base::ErrorCode::conflict,
             "You have " + std::to_string(*held) + " destinations, which is the limit: delete one first.",
             "limit_reached"}));
    if (const auto added = context_.store.destinations().add(record); !added)
        return base::fail(added.error());
    return view(record);
}

base::Result<Destination> DestinationService::update(const Actor& actor, const std::string& id,
                                                     const DestinationChange& change) {
    const auto before = row(context_, actor, Action::update, id);
    if (!before) return base::fail(before.error());
    if (change.settings)
        if (const auto fit = check_settings(*change.settings); !fit) return base::fail(fit.error());
    store::Destination preview = *before;
    edit(preview, change);
    if (const auto fit = complete(preview); !fit) return base::fail(fit.error());
    if (const auto fit = check_station(context_, preview); !fit) return base::fail(fit.error());
    const auto after = context_.store.destinations().update(
        scope_of(actor), id, [&](store::Destination& record) -> base::Result<> {
            edit(record, change);
            return complete(record);
        });
    if (!after) return base::fail(told(after.error()));
    broadcasts_.destination_changed(id);
    return view(*after);
}

base::Result<> DestinationService::remove(const Actor& actor, const std::string& id) {
    if (const auto before = row(context_, actor, Action::remove, id); !before)
        return base::fail(before.error());
    if (const auto left = broadcasts_.destination_removed(id); !left) return left;
    return context_.store.destinations().remove(scope_of(actor), id).map_error(told);
}

base::Result<DestinationState> DestinationService::state(const Actor& actor, const std::string& id) {
    const auto record = row(context_, actor, Action::read, id);
    if (!record) return base::fail(record.error());
    DestinationState state;
    state.destination_id = id;
    state.state = output_state_from(record->last_status);
    state.last_error = record->last_error;
    state.last_connected_at = record->last_connected_at;
    state.retry_count = record->retry_count;
    const std::string skipped = target_of(*record).skipped;
    state.session_id = broadcasts_.session_of_destination(id);
    if (!skipped.empty()) {
        state.problem = media::OutputProblem::misconfigured;
        state.detail = skipped;
    }
    if (!state.session_id) return state;
    if (const auto status = context_.outputs.find(*state.session_id, id)) {
        state.state = status->state;
        state.problem = status->problem;
        state.detail = status->detail;
        state.last_error = status->last_error;
        if (status->connected_at) state.last_connected_at = status->connected_at;
        state.retry_count = status->retry_count;
        state.metrics = status->metrics;
    }
    return state;
}

base::Result<ConnectionTest> DestinationService::test_connection(const Actor& actor, const std::string& id) {
    const auto record = row(context_, actor, Action::update, id);
    if (!record) return base::fail(record.error());
    if (broadcasts_.session_of_destination(id))
        return base::fail(
            {base::ErrorCode::conflict,
             "A broadcast is pushing to this destination now; its status tells more than a test could.",
             "destination_in_use"});
    if (const auto wait = tests_.try_count(actor.user_id))
        return base::fail(base::about_limit("connection_tests_per_minute",
                                            rate_limited(*wait, "Too many connection tests.")));
    ConnectionTest test;
    store::Destination candidate = *record;
    candidate.is_active = true;
    const Target target = target_of(candidate);
    if (!target.output) {
        test.failed_step = "settings";
        test.message = target.skipped;
        test.steps.push_back({"settings", false, 0, target.skipped});
        return test;
    }
    const output::TestReport report = context_.outputs.test(*target.output);
    test.ok = report.ok;
    for (const auto& step : report.steps) {
        test.steps.push_back({step.name, step.ok, step.took_ms, step.message});
        if (step.ok || !test.failed_step.empty()) continue;
        test.failed_step = step.name;
        test.message = step.message;
    }
    return test;
}

}  // namespace service
