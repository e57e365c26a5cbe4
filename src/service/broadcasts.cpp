// BroadcastService's use-cases: the policy, then the core.
#include "service/broadcasts.h"

#include <algorithm>

#include "ingest/ingests.h"
#include "service/broadcast_core.h"
#include "service/convert.h"
#include "service/owned.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::string_view default_title = "Live";

base::Result<store::Broadcast> row(Context& context, const Actor& actor, Action action,
                                   const std::string& id) {
    return owned(actor, action, "session", context.store.broadcasts().get(store::Scope::all(), id));
}

base::Error not_live() {
    return {base::ErrorCode::conflict, "Nothing is being broadcast from this stream now: start it first.",
            "not_live"};
}

PublicSession public_view(Context& context, const LiveEntry& entry) {
    PublicSession session;
    session.session_id = entry.session_id;
    session.station_id = entry.station_id;
    session.livestream_id = entry.livestream_id;
    session.title = entry.title;
    session.status = context.board.connected(entry.stream_id) ? SessionStatus::live
                     : entry.live_at                          ? SessionStatus::interrupted
                                                              : SessionStatus::waiting;
    session.started_at = entry.started_at;
    session.viewer_count = entry.viewer_count;
    for (const auto& endpoint : entry.endpoints) {
        const auto status = context.outputs.find(entry.session_id, endpoint.destination_id);
        session.endpoints.push_back({endpoint.platform, status ? status->state
                                                        : endpoint.skipped.empty()
                                                            ? media::OutputState::unknown
                                                            : media::OutputState::disconnected});
    }
    return session;
}

}  // namespace

std::string_view to_string(SessionStatus status) {
    switch (status) {
        case SessionStatus::waiting:
            return "waiting";
        case SessionStatus::live:
            return "live";
        case SessionStatus::interrupted:
            return "interrupted";
        case SessionStatus::ended:
            return "ended";
    }
    return "waiting";
}

BroadcastService::BroadcastService(Context& context, BroadcastSettings settings, InstanceLimits limits,
                                   RecordingService* recordings)
    : impl_(std::make_unique<Impl>(context, std::move(settings), limits, recordings)) {}

BroadcastService::~BroadcastService() = default;

base::Result<LiveAnswer> BroadcastService::go_live(const Actor& actor, const GoLive& request) {
    if (const auto may = allowed(actor, Action::go_live); !may) return base::fail(may.error());
    const auto stream = impl_->stream_of_key(request.stream_key);
    if (!stream) return base::fail(stream.error());
    // A key of somebody else's is as good as one that does not exist, for an admin too: who holds it goes
    // live.
    if (stream->owner_id != actor.user_id) return base::fail(impl_->stream_of_key(base::Secret()).error());
    const std::string station_id =
        stream->station ? stream->station->id : stream->livestream->station_id.value_or("");
    if (request.station_id && !request.station_id->empty() && *request.station_id != station_id)
        return invalid("stationId", "This stream key belongs to another station than stationId names.");
    base::Result<std::string> title = std::string();
    if (none_if_empty(request.title) && !(title = check_name("title", *request.title, max_title)))
        return base::fail(title.error());
    const auto description = check_text("description", request.description.value_or(""), max_description);
    if (!description) return base::fail(description.error());

    const auto profile_id = none_if_empty(request.profile_id);
    Wish wish;
    wish.title = *title;
    if (wish.title.empty())
        wish.title = stream->livestream ? stream->livestream->title
                     : stream->station  ? stream->station->name
                                        : std::string(default_title);
    wish.description =
        description->empty() && stream->livestream ? stream->livestream->description : *description;
    wish.use_multistream = request.use_multistream;
    wish.recording_enabled = request.recording_enabled;
    wish.profile_id = profile_id;
    if (request.use_multistream) {
        auto chosen = impl_->choose(*stream, profile_id, request.selected_endpoints);
        if (!chosen) return base::fail(std::move(chosen.error()));
        wish.destinations = std::move(*chosen);
    }
    const std::lock_guard one_at_a_time(impl_->changes_);
    const auto id = impl_->begin_or_adopt(*stream, std::move(wish));
    if (!id) return base::fail(id.error());
    impl_->check_health(*id);
    return impl_->live_answer(actor, *stream, *id);
}

base::Result<Session> BroadcastService::stop(const Actor& actor, const std::string& session_id) {
    const auto session = row(impl_->context, actor, Action::go_live, session_id);
    if (!session) return base::fail(session.error());
    if (session->status != store::BroadcastStatus::ended)
        if (const auto ended = end_stream(session->stream_id, "the owner stopped it"); !ended)
            return base::fail(ended.error());
    return impl_->detail(session_id);
}

PublicLiveStatus BroadcastService::live_status(const std::string& station_id) const {
    PublicLiveStatus status;
    for (const auto& entry : impl_->context.board.sessions()) {
        if (!entry.listed || (!station_id.empty() && entry.station_id != station_id)) continue;
        status.sessions.push_back(public_view(impl_->context, entry));
        status.is_live = status.is_live || status.sessions.back().status == SessionStatus::live;
    }
    return status;
}

LiveHealth BroadcastService::live_health() const {
    LiveHealth all;
    for (const auto& running : impl_->all()) {
        const Health health = impl_->health.find(running.record.id).value_or(Health{});
        ++all.active_sessions;
        ++(health.level == HealthLevel::healthy    ? all.healthy
           : health.level == HealthLevel::degraded ? all.degraded
                                                   : all.unhealthy);
        all.score = std::min(all.score, health.score);
        all.level = std::max(all.level, health.level);
    }
    return all;
}

base::Result<RtmpStatus> BroadcastService::rtmp_status(const Actor& actor) {
    if (const auto may = allowed(actor, Action::read); !may) return base::fail(may.error());
    RtmpStatus status;
    for (const auto& running : impl_->all())
        if (actor.manages(running.record.owner_id)) status.sessions.push_back(impl_->view(running.record));
    status.total_active = status.sessions.size();
    return status;
}

base::Result<Page<Session>> BroadcastService::history(const Actor& actor, const std::string& station_id,
                                                      const PageRequest& page) {
    if (const auto may = allowed(actor, Action::read); !may) return base::fail(may.error());
    if (const auto fits = check_page(page); !fits) return base::fail(fits.error());
    store::BroadcastFilter filter;
    if (!station_id.empty()) filter.station_id = station_id;
    const auto found = impl_->context.store.broadcasts().list(scope_of(actor), filter, to_store(page));
    if (!found) return base::fail(found.error());
    Page<Session> sessions{{}, found->next_cursor};
    for (const auto& record : found->items) sessions.items.push_back(impl_->view(record));
    return sessions;
}

base::Result<Session> BroadcastService::find(const Actor& actor, const std::string& session_id) {
    if (const auto session = row(impl_->context, actor, Action::read, session_id); !session)
        return base::fail(session.error());
    return impl_->detail(session_id);
}

base::Result<LiveAnswer> BroadcastService::start_stream(const Actor& actor, const std::string& stream_id,
                                                        const SimulcastStart& request) {
    const auto stream = owned(actor, Action::go_live, "stream", impl_->stream(stream_id));
    if (!stream) return base::fail(stream.error());
    if (none_if_empty(request.input_source))
        return base::fail(
            {base::ErrorCode::invalid_argument,
             "This server does not pull sources: leave inputSource out and publish with the stream key.",
             "unsupported",
             {{"field", "inputSource"}}});
    Wish wish;
    wish.title = stream->livestream ? stream->livestream->title : stream->station->name;
    if (stream->livestream) wish.description = stream->livestream->description;
    const bool has_own = stream->livestream &&
                         (stream->livestream->profile_id || !stream->livestream->destination_ids.empty());
    auto chosen = !request.destination_ids && has_own
                      ? impl_->own_choice(*stream->livestream)
                      : impl_->choose(*stream, std::nullopt, request.destination_ids);
    if (!chosen) return base::fail(std::move(chosen.error()));
    wish.destinations = std::move(*chosen);
    if (stream->livestream) wish.recording_enabled = stream->livestream->record;
    const std::lock_guard one_at_a_time(impl_->changes_);
    const auto id = impl_->begin_or_adopt(*stream, std::move(wish));
    if (!id) return base::fail(id.error());
    impl_->check_health(*id);
    return impl_->live_answer(actor, *stream, *id);
}

base::Result<Session> BroadcastService::stop_stream(const Actor& actor, const std::string& stream_id) {
    const auto stream = owned(actor, Action::go_live, "stream", impl_->stream(stream_id));
    if (!stream) return base::fail(stream.error());
    const auto running = impl_->find_stream(stream_id);
    if (!running) return base::fail(not_live());
    if (const auto ended = end_stream(stream_id, "the owner stopped it"); !ended)
        return base::fail(ended.error());
    return impl_->detail(running->record.id);
}

base::Result<SimulcastStatus> BroadcastService::stream_status(const Actor& actor,
                                                              const std::string& stream_id) {
    const auto stream = owned(actor, Action::read, "stream", impl_->stream(stream_id));
    if (!stream) return base::fail(stream.error());
    SimulcastStatus status;
    status.stream_id = stream_id;
    status.ingest = impl_->ingest_state(stream_id);
    store::BroadcastFilter filter;
    filter.stream_id = stream_id;
    const auto last = impl_->context.store.broadcasts().list(store::Scope::all(), filter, {1, {}});
    if (!last) return base::fail(last.error());
    if (last->items.empty()) return status;
    const auto answer = impl_->live_answer(actor, *stream, last->items.front().id);
    if (!answer) return base::fail(answer.error());
    auto session = impl_->detail(last->items.front().id);
    if (!session) return base::fail(std::move(session.error()));
    status.session = std::move(*session);
    status.bandwidth = answer->bandwidth;
    return status;
}

base::Result<Health> BroadcastService::stream_health(const Actor& actor, const std::string& stream_id) {
    const auto stream = owned(actor, Action::read, "stream", impl_->stream(stream_id));
    if (!stream) return base::fail(stream.error());
    const auto running = impl_->find_stream(stream_id);
    if (!running) return base::fail(not_live());
    if (running->health_stale || !impl_->health.find(running->record.id))
        impl_->check_health(running->record.id);
    return impl_->health.find(running->record.id).value_or(Health{});
}

base::Result<std::vector<SessionEndpoint>> BroadcastService::stream_metrics(const Actor& actor,
                                                                            const std::string& stream_id) {
    const auto stream = owned(actor, Action::read, "stream", impl_->stream(stream_id));
    if (!stream) return base::fail(stream.error());
    const auto running = impl_->find_stream(stream_id);
    if (!running) return base::fail(not_live());
    return impl_->view(running->record).endpoints;
}

base::Result<Session> BroadcastService::add_destination(const Actor& actor, const std::string& stream_id,
                                                        const std::string& destination_id) {
    const auto stream = owned(actor, Action::go_live, "stream", impl_->stream(stream_id));
    if (!stream) return base::fail(stream.error());
    const auto destination =
        impl_->context.store.destinations().get(store::Scope::of(stream->owner_id), destination_id);
    if (!destination)
        return base::fail(destination.error().code == base::ErrorCode::not_found ? not_found("destination")
                                                                                 : destination.error());
    const std::lock_guard one_at_a_time(impl_->changes_);
    const auto running = impl_->find_stream(stream_id);
    if (!running) return base::fail(not_live());
    if (const auto added = impl_->add(running->record.id, *destination); !added)
        return base::fail(added.error());
    return impl_->detail(running->record.id);
}

base::Result<Session> BroadcastService::remove_destination(const Actor& actor, const std::string& stream_id,
                                                           const std::string& destination_id) {
    const auto stream = owned(actor, Action::go_live, "stream", impl_->stream(stream_id));
    if (!stream) return base::fail(stream.error());
    const std::lock_guard one_at_a_time(impl_->changes_);
    const auto running = impl_->find_stream(stream_id);
    if (!running) return base::fail(not_live());
    const auto& parts = running->record.destinations;
    if (std::none_of(parts.begin(), parts.end(),
                     [&](const auto& part) { return part.destination_id == destination_id && part.desired; }))
        return base::fail(not_found("destination"));
    if (const auto removed = impl_->remove(running->record.id, destination_id, "its owner took it out");
        !removed)
        return base::fail(removed.error());
    return impl_->detail(running->record.id);
}

base::Result<Session> BroadcastService::retry_destination(const Actor& actor, const std::string& session_id,
                                                          const std::string& destination_id) {
    const auto session = row(impl_->context, actor, Action::go_live, session_id);
    if (!session) return base::fail(session.error());
    const auto running = impl_->find(session_id);
    if (!running) return base::fail(not_live());
    const auto& parts = running->record.destinations;
    if (std::none_of(parts.begin(), parts.end(),
                     [&](const auto& part) { return part.destination_id == destination_id && part.desired; }))
        return base::fail(not_found("destination"));
    if (const auto skipped = running->skipped.find(destination_id); skipped != running->skipped.end())
        return base::fail(
            {base::ErrorCode::conflict, "It cannot be tried: " + skipped->second, "destination_not_ready"});
    impl_->context.outputs.retry(session_id, destination_id);
    return impl_->detail(session_id);
}

base::Result<BandwidthAdvice> BroadcastService::bandwidth(const Actor& actor,
                                                          const std::vector<std::string>& destination_ids) {
    if (const auto may = allowed(actor, Action::read); !may) return base::fail(may.error());
    if (destination_ids.size() > impl_->limits.destinations_per_broadcast)
        return invalid(
            "destinationIds",
            "At most " + std::to_string(impl_->limits.destinations_per_broadcast) + " destinations fit.");
    const auto rows = impl_->context.store.destinations().get_many(scope_of(actor), destination_ids);
    if (!rows) return base::fail(rows.error());
    return impl_->bandwidth(*rows, std::nullopt);
}

}  // namespace service
