// BroadcastService, as the other use-cases, the event router and app/ call it.
#include "ingest/ingests.h"
#include "service/broadcast_core.h"
#include "service/convert.h"
#include "service/livestream_records.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::chrono::seconds counters_interval{30};

bool takes_part(const Running& running, const std::string& destination_id) {
    for (const auto& part : running.record.destinations)
        if (part.desired && part.destination_id == destination_id) return true;
    return false;
}

}  // namespace

void BroadcastService::destination_changed(const std::string& destination_id) {
    const std::lock_guard one_at_a_time(impl_->changes_);
    for (const auto& running : impl_->all()) {
        if (!takes_part(running, destination_id)) continue;
        if (const auto synced = impl_->sync(running.record.id); !synced)
            impl_->context.log.error("a changed destination was not taken up",
                                     {{"session", running.record.id},
                                      {"destination", destination_id},
                                      {"error", synced.error().message}});
    }
}

base::Result<> BroadcastService::destination_removed(const std::string& destination_id) {
    const std::lock_guard one_at_a_time(impl_->changes_);
    for (const auto& running : impl_->all())
        if (takes_part(running, destination_id))
            if (const auto left = impl_->remove(running.record.id, destination_id, "it was deleted"); !left)
                return left;
    return {};
}

base::Result<> BroadcastService::end_stream(const std::string& stream_id, const std::string& reason) {
    const std::lock_guard one_at_a_time(impl_->changes_);
    const auto running = impl_->find_stream(stream_id);
    if (running)
        if (const auto ended = impl_->end(running->record.id, reason); !ended) return ended;
    // A station's key goes on to work: its encoder stays, as a preview. A livestream is over for good, if it
    // was live.
    if (running && running->record.live_at && stream_id.starts_with("ls_"))
        impl_->context.ingests.end(stream_id, reason);
    return {};
}

base::Result<> BroadcastService::end_user(const std::string& user_id, const std::string& reason) {
    const std::lock_guard one_at_a_time(impl_->changes_);
    // Sessions that wait for an encoder, and encoders without a session, both belong to it.
    for (const auto& snapshot : impl_->context.ingests.snapshot())
        if (impl_->owner_of(snapshot.stream_id) == user_id)
            impl_->context.ingests.end(snapshot.stream_id, reason);
    for (const auto& running : impl_->all())
        if (running.record.owner_id == user_id)
            if (const auto ended = impl_->end(running.record.id, reason); !ended) return ended;
    return {};
}

base::Result<> BroadcastService::end_livestream(const std::string& livestream_id, LivestreamStatus to,
                                                const std::string& reason) {
    const std::lock_guard one_at_a_time(impl_->changes_);
    return impl_->end_livestream(livestream_id, to, reason);
}

void BroadcastService::cut_encoder(const std::string& stream_id, const std::string& reason) {
    impl_->context.ingests.send_away(stream_id, reason);
}

std::optional<std::string> BroadcastService::session_of_destination(const std::string& destination_id) const {
    for (const auto& entry : impl_->context.board.sessions())
        for (const auto& endpoint : entry.endpoints)
            if (endpoint.destination_id == destination_id) return entry.session_id;
    return std::nullopt;
}

base::Result<> BroadcastService::external_started(const std::string& livestream_id) {
    const auto changed = impl_->context.store.livestreams().update(
        store::Scope::all(), livestream_id, [&](store::Livestream& row) -> base::Result<> {
            // An encoder that reconnects is announced again.
            if (row.status == store::LivestreamStatus::live) return {};
            if (const auto may = may_change(to_service(row.status), LivestreamStatus::live); !may)
                return base::fail(may.error());
            row.status = store::LivestreamStatus::live;
            row.started_at = impl_->context.clock.wall();
            return {};
        });
    if (!changed) return base::fail(changed.error());
    announce(impl_->context, *changed);
    return {};
}

base::Result<> BroadcastService::external_ended(const std::string& livestream_id) {
    // An encoder of ours that publishes the same livestream decides itself when it is over.
    if (impl_->find_livestream(livestream_id)) return {};
    const auto changed = impl_->context.store.livestreams().update(
        store::Scope::all(), livestream_id, [&](store::Livestream& row) -> base::Result<> {
            if (row.status != store::LivestreamStatus::live) return {};
            row.status = store::LivestreamStatus::ended;
            row.ended_at = impl_->context.clock.wall();
            return {};
        });
    if (!changed) return base::fail(changed.error());
    announce(impl_->context, *changed);
    return {};
}

base::Result<> BroadcastService::resume() {
    const std::lock_guard one_at_a_time(impl_->changes_);
    const auto active = impl_->context.store.broadcasts().active();
    if (!active) return base::fail(active.error());
    for (const auto& record : *active) {
        Running running;
        running.record = record;
        const bool was_live = record.status == store::BroadcastStatus::live;
        if (was_live) running.return_by = impl_->context.clock.now() + impl_->settings.restart_grace;
        running.health_due = running.counters_due = impl_->context.clock.now();
        impl_->keep(std::move(running));
        if (record.livestream_id) {
            const auto show =
                impl_->context.store.livestreams().get(store::Scope::all(), *record.livestream_id);
            if (!show && show.error().code == base::ErrorCode::unavailable) return base::fail(show.error());
            if (show && !may_publish(to_service(show->status))) {
                if (const auto ended = impl_->end(record.id, "the server stopped while the show was ending");
                    !ended)
                    return ended;
                continue;
            }
        }
        if (const auto noted =
                impl_->note(record.id, "server_restarted", "warning",
                            was_live ? "The server restarted. The destinations are taken up again as soon as "
                                       "the encoder is back."
                                     : "The server restarted. The session still waits for its encoder.");
            !noted)
            return noted;
        if (const auto synced = impl_->sync(record.id); !synced) return synced;
        impl_->context.log.info("session resumed", {{"session", record.id}, {"stream", record.stream_id}});
    }
    return {};
}

base::Result<> BroadcastService::on_event(const media::Event& event) {
    return std::visit(
        [&]<class Fact>(const Fact& fact) -> base::Result<> {
            if constexpr (media::is_about_recording<Fact>)
                return impl_->recordings ? impl_->recordings->on_event(event) : base::Result<>();
            else
                return impl_->apply(fact);
        },
        event);
}

void BroadcastService::tick() {
    const auto now = impl_->context.clock.now();
    for (const auto& running : impl_->all()) {
        const std::string& id = running.record.id;
        const bool connected = impl_->context.board.connected(running.record.stream_id);
        if (running.return_by && *running.return_by <= now && !connected) {
            const std::lock_guard one_at_a_time(impl_->changes_);
            const auto ended =
                impl_->end(id, "the encoder did not come back within " +
                                   std::to_string(impl_->settings.restart_grace.count()) + " s");
            if (!ended)
                impl_->context.log.warn("a session could not be ended yet",
                                        {{"session", id}, {"error", ended.error().message}});
            continue;
        }
        if (running.health_due <= now) impl_->check_health(id);
        impl_->tell_metrics(running);
        if (running.counters_due > now) continue;
        impl_->edit(id, [&](Running& r) { r.counters_due = now + counters_interval; });
        for (const auto& status : impl_->context.outputs.snapshot(id)) impl_->write_counters(status);
    }
}

}  // namespace service
