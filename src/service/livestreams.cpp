#include "service/livestreams.h"

#include <algorithm>
#include <set>

#include "base/ids.h"
#include "base/limit_hits.h"
#include "service/broadcasts.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/livestream_records.h"
#include "service/owned.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::string_view noun = "livestream";
constexpr std::size_t stream_key_size = 32;
// A show may be announced a little late, but not for last year.
constexpr std::chrono::hours late_announcement{24};
constexpr std::int64_t max_gate = 1'000'000'000;

base::Error told(base::Error error) {
    return error.code == base::ErrorCode::not_found ? not_found(noun) : error;
}

base::Result<> check_time(const std::optional<base::WallTime>& at, base::WallTime now) {
    if (at && *at < now - late_announcement) return invalid("scheduled_at", "scheduled_at lies in the past.");
    return {};
}

base::Result<store::Livestream> row(Context& context, const Actor& actor, Action action,
                                    const std::string& id) {
    return owned(actor, action, noun, context.store.livestreams().get(store::Scope::all(), id));
}

// A private one is there for those alone who manage it.
base::Result<> may_see(const Actor& actor, const LivestreamBrief& show) {
    if (show.visibility != Visibility::closed) return {};
    if (!actor.manages(show.owner_id)) return base::fail(not_found(noun));
    return allowed(actor, Action::read, show.owner_id, noun);
}

}  // namespace

LivestreamService::LivestreamService(Context& context, BroadcastService& broadcasts,
                                     BroadcastSettings settings, InstanceLimits limits)
    : context_(context),
      broadcasts_(broadcasts),
      settings_(std::move(settings)),
      limits_(limits),
      links_(context, settings_) {}

base::Result<bool> LivestreamService::may_watch(const Actor& actor, const LivestreamBrief& show) {
    if (!show.restricted() || actor.manages(show.owner_id)) return true;
    if (!actor.signed_in() || show.visibility == Visibility::closed) return false;
    const auto user = context_.store.users().get(actor.user_id);
    if (!user) return base::fail(user.error());
    return user->token_balance >= show.token_gate_amount;
}

Playback LivestreamService::playback(const Actor& actor, const std::string& id, const LivestreamBrief& brief,
                                     const std::optional<LiveEntry>& session) {
    std::string playback_id = brief.playback_id;
    // A show on its station's key is played where the station is.
    if (session && session->stream_id != id) {
        auto station = context_.board.station(session->stream_id);
        if (!station)
            if (const auto record = context_.store.stations().get(store::Scope::all(), session->stream_id)) {
                station = brief_of(*record);
                context_.board.learn_station(record->id, *station);
            }
        if (station) playback_id = station->playback_id;
    }
    Playback playback = links_.of(playback_id, brief.restricted(), actor);
    // Its encoder publishes at another server: nothing comes here.
    if (!session) playback.hls_url = playback.rtmp_url = std::nullopt;
    return playback;
}

base::Result<Livestream> LivestreamService::view(const Actor& actor, const store::Livestream& record) {
    Livestream shown;
    shown.id = record.id;
    shown.owner_id = record.owner_id;
    shown.station_id = record.station_id;
    shown.title = record.title;
    shown.description = record.description;
    shown.status = to_service(record.status);
    shown.scheduled_at = record.scheduled_at;
    shown.started_at = record.started_at;
    shown.ended_at = record.ended_at;
    shown.token_gate_amount = record.token_gate_amount;
    shown.visibility = to_service(record.visibility);
    shown.record = record.record;
    shown.ready = record.ready;
    shown.peak_viewers = record.peak_viewers;
    shown.total_viewers = record.total_viewers;
    shown.created_at = record.created_at;
    shown.updated_at = record.updated_at;
    const auto session = context_.board.of_livestream(record.id);
    if (session) shown.viewer_count = session->viewer_count;
    if (record.status == store::LivestreamStatus::live) {
        const LivestreamBrief brief = brief_of(record);
        const auto watch = may_watch(actor, brief);
        if (!watch) return base::fail(watch.error());
        if (*watch) shown.playback = playback(actor, record.id, brief, session);
    }
    if (actor.manages(record.owner_id)) {
        // Where it will play is announced before the show.
        if (!shown.playback) shown.playback = Playback{record.playback_id, std::nullopt, std::nullopt};
        shown.destination_ids = record.destination_ids;
        shown.profile_id = record.profile_id;
    }
    if (actor.sees_keys_of(record.owner_id)) {
        shown.stream_key = record.stream_key;
        shown.rtmp_url = settings_.rtmp_url;
    }
    return shown;
}

base::Result<> LivestreamService::check_references(const store::Livestream& record) {
    const auto own = store::Scope::of(record.owner_id);
    if (record.station_id && !context_.store.stations().get(own, *record.station_id))
        return invalid("station_id", "station_id names no station of yours.");
    if (record.profile_id && !record.destination_ids.empty())
        return invalid("profile_id", "Give destination_ids or profile_id, not both.");
    if (record.profile_id && !context_.store.profiles().get(own, *record.profile_id))
        return invalid("profile_id", "profile_id names no profile of yours.");
    if (record.destination_ids.size() > limits_.destinations_per_broadcast)
        return invalid("destination_ids", "At most " + std::to_string(limits_.destinations_per_broadcast) +
                                              " destinations fit.");
    if (record.destination_ids.empty()) return {};
    const auto found = context_.store.destinations().get_many(own, record.destination_ids);
    if (!found) return base::fail(found.error());
    const std::set<std::string> wanted(record.destination_ids.begin(), record.destination_ids.end());
    if (found->size() != wanted.size())
        return invalid("destination_ids",
                       "destination_ids names a destination that is not yours or does not exist.");
    return {};
}

base::Result<Livestream> LivestreamService::create(const Actor& actor, const NewLivestream& request) {
    if (const auto may = allowed(actor, Action::create); !may) return base::fail(may.error());
    const auto title = check_name("title", request.title, max_title);
    if (!title) return base::fail(title.error());
    const auto description = check_text("description", request.description, max_description);
    if (!description) return base::fail(description.error());
    const auto now = context_.clock.wall();
    if (const auto fits = check_time(request.scheduled_at, now); !fits) return base::fail(fits.error());
    if (const auto fits = check_range("token_gate_amount", static_cast<double>(request.token_gate_amount), 0,
                                      max_gate, "tokens");
        !fits)
        return base::fail(fits.error());
    store::LivestreamFilter scheduled;
    scheduled.status = store::LivestreamStatus::scheduled;
    const auto open =
        context_.store.livestreams().list(store::Scope::of(actor.user_id), scheduled,
                                          {static_cast<int>(limits_.open_livestreams_per_user), {}});
    if (!open) return base::fail(open.error());
    if (open->items.size() >= limits_.open_livestreams_per_user)
        return base::fail(base::about_limit(
            "open_livestreams_per_user", {base::ErrorCode::conflict,
                                          "You have " + std::to_string(open->items.size()) +
                                              " scheduled livestreams, which is the limit: cancel one first.",
                                          "limit_reached"}));

    store::Livestream record = new_livestream(actor.user_id, *title, *description, now);
    record.scheduled_at = request.scheduled_at;
    record.token_gate_amount = request.token_gate_amount;
    record.station_id = none_if_empty(request.station_id);
    record.visibility = to_store(request.visibility);
    record.record = request.record;
    record.destination_ids = request.destination_ids;
    record.profile_id = none_if_empty(request.profile_id);
    if (const auto fit = check_references(record); !fit) return base::fail(fit.error());
    if (const auto added = context_.store.livestreams().add(record); !added) return base::fail(added.error());
    return changed(actor, record);
}

base::Result<Page<Livestream>> LivestreamService::list(const Actor& actor, LivestreamFilter filter,
                                                       const PageRequest& page, bool mine) {
    const auto may = allowed(actor, Action::read);
    if (mine && !may) return base::fail(may.error());
    if (const auto fits = check_page(page); !fits) return base::fail(fits.error());
    store::LivestreamFilter wanted;
    wanted.and_public = !mine;
    using Show = store::LivestreamFilter::Show;
    wanted.show = filter == LivestreamFilter::active     ? Show::active
                  : filter == LivestreamFilter::upcoming ? Show::upcoming
                                                         : Show::all;
    // A credential that may not read sees what anybody sees.
    const auto scope = !may ? store::Scope::of("") : mine ? store::Scope::of(actor.user_id) : scope_of(actor);
    const auto found = context_.store.livestreams().list(scope, wanted, to_store(page));
    if (!found) return base::fail(found.error());
    Page<Livestream> livestreams{{}, found->next_cursor};
    for (const auto& record : found->items) {
        auto shown = view(actor, record);
        if (!shown) return base::fail(std::move(shown.error()));
        livestreams.items.push_back(std::move(*shown));
    }
    return livestreams;
}

base::Result<Livestream> LivestreamService::find(const Actor& actor, const std::string& id) {
    const auto record = context_.store.livestreams().get(store::Scope::all(), id);
    if (!record) return base::fail(told(record.error()));
    context_.board.learn(id, brief_of(*record));
    if (const auto may = may_see(actor, brief_of(*record)); !may) return base::fail(may.error());
    return view(actor, *record);
}

base::Result<LivestreamBrief> LivestreamService::brief(const Actor& actor, const std::string& id) {
    auto known = known_brief(context_, id);
    if (!known) return base::fail(told(std::move(known.error())));
    if (const auto may = may_see(actor, *known); !may) return base::fail(may.error());
    return known;
}

base::Result<std::string> LivestreamService::playback_id(const std::string& id) {
    return brief(Actor::nobody(), id).map([](const LivestreamBrief& known) { return known.playback_id; });
}

base::Result<PublicStatus> LivestreamService::status(const Actor& actor, const std::string& id) {
    const auto brief = this->brief(actor, id);
    if (!brief) return base::fail(brief.error());
    PublicStatus status;
    status.status = brief->status;
    const auto session = context_.board.of_livestream(id);
    status.live =
        brief->status == LivestreamStatus::live && (!session || context_.board.connected(session->stream_id));
    if (session) status.viewer_count = session->viewer_count;
    if (status.live) {
        const auto watch = may_watch(actor, *brief);
        if (!watch) return base::fail(watch.error());
        if (*watch) status.hls_url = playback(actor, id, *brief, session).hls_url;
    }
    return status;
}

base::Result<Livestream> LivestreamService::changed(const Actor& actor,
                                                    base::Result<store::Livestream> record) {
    if (!record) return base::fail(told(std::move(record.error())));
    announce(context_, *record);
    return view(actor, *record);
}

base::Result<Livestream> LivestreamService::update(const Actor& actor, const std::string& id,
                                                   const LivestreamChange& change) {
    const auto before = row(context_, actor, Action::update, id);
    if (!before) return base::fail(before.error());
    base::Result<std::string> title = before->title;
    base::Result<std::string> description = before->description;
    if (change.title && !(title = check_name("title", *change.title, max_title)))
        return base::fail(title.error());
    if (change.description &&
        !(description = check_text("description", *change.description, max_description)))
        return base::fail(description.error());
    if (const auto fits = check_time(change.scheduled_at, context_.clock.wall()); !fits)
        return base::fail(fits.error());
    if (const auto fits =
            check_range("token_gate_amount", static_cast<double>(change.token_gate_amount.value_or(0)), 0,
                        max_gate, "tokens");
        !fits)
        return base::fail(fits.error());
    if (change.destination_ids && !change.destination_ids->empty() && change.profile_id &&
        !change.profile_id->empty())
        return invalid("profile_id", "Give destination_ids or profile_id, not both.");

    const auto edit = [&](store::Livestream& record) {
        if (change.title) record.title = *title;
        if (change.description) record.description = *description;
        if (change.scheduled_at) record.scheduled_at = change.scheduled_at;
        if (change.token_gate_amount) record.token_gate_amount = *change.token_gate_amount;
        if (change.visibility) record.visibility = to_store(*change.visibility);
        if (change.station_id) record.station_id = none_if_empty(change.station_id);
        if (change.record) record.record = *change.record;
        if (change.destination_ids) {
            record.destination_ids = *change.destination_ids;
            if (!record.destination_ids.empty()) record.profile_id.reset();
        }
        if (change.profile_id) {
            record.profile_id = none_if_empty(change.profile_id);
            if (record.profile_id) record.destination_ids.clear();
        }
    };
    store::Livestream preview = *before;
    edit(preview);
    if (const auto fit = check_references(preview); !fit) return base::fail(fit.error());
    const bool plan_changes = preview.scheduled_at != before->scheduled_at ||
                              preview.station_id != before->station_id ||
                              preview.destination_ids != before->destination_ids ||
                              preview.profile_id != before->profile_id || preview.record != before->record;
    return changed(
        actor,
        context_.store.livestreams().update(
            scope_of(actor), id, [&](store::Livestream& record) -> base::Result<> {
                if (plan_changes && record.status != store::LivestreamStatus::scheduled)
                    return base::fail(
                        {base::ErrorCode::conflict,
                         record.status == store::LivestreamStatus::live
                             ? "This livestream is live: its time, station, recording and destinations are "
                               "settled. Destinations join and leave a running broadcast one by one."
                             : "This livestream is over: its time, station, recording and destinations are "
                               "settled.",
                         "livestream_" + std::string(store::to_string(record.status))});
                edit(record);
                return {};
            }));
}

base::Result<Livestream> LivestreamService::start(const Actor& actor, const std::string& id) {
    const auto before = row(context_, actor, Action::go_live, id);
    if (!before) return base::fail(before.error());
    if (before->status == store::LivestreamStatus::live) return view(actor, *before);
    return changed(actor,
                   context_.store.livestreams().update(
                       scope_of(actor), id, [](store::Livestream& record) -> base::Result<> {
                           if (record.status == store::LivestreamStatus::live) return {};
                           if (const auto may = may_change(to_service(record.status), LivestreamStatus::live);
                               !may)
                               return base::fail(may.error());
                           record.ready = true;
                           return {};
                       }));
}

base::Result<Livestream> LivestreamService::stop(const Actor& actor, const std::string& id) {
    if (const auto before = row(context_, actor, Action::go_live, id); !before)
        return base::fail(before.error());
    const auto ended =
        broadcasts_.end_livestream(id, LivestreamStatus::ended, "the owner ended the livestream");
    if (!ended) return base::fail(ended.error());
    const auto after = row(context_, actor, Action::go_live, id);
    if (!after) return base::fail(after.error());
    return view(actor, *after);
}

base::Result<Livestream> LivestreamService::cancel(const Actor& actor, const std::string& id) {
    if (const auto before = row(context_, actor, Action::update, id); !before)
        return base::fail(before.error());
    const auto ended =
        broadcasts_.end_livestream(id, LivestreamStatus::cancelled, "the livestream was cancelled");
    if (!ended) return base::fail(ended.error());
    const auto after = row(context_, actor, Action::update, id);
    if (!after) return base::fail(after.error());
    return view(actor, *after);
}

base::Result<Livestream> LivestreamService::archive(const Actor& actor, const std::string& id) {
    if (const auto before = row(context_, actor, Action::update, id); !before)
        return base::fail(before.error());
    return changed(
        actor, context_.store.livestreams().update(
                   scope_of(actor), id, [](store::Livestream& record) -> base::Result<> {
                       if (const auto may = may_change(to_service(record.status), LivestreamStatus::archived);
                           !may)
                           return base::fail(may.error());
                       record.status = store::LivestreamStatus::archived;
                       return {};
                   }));
}

base::Result<Livestream> LivestreamService::rotate_key(const Actor& actor, const std::string& id) {
    if (const auto before = row(context_, actor, Action::update, id); !before)
        return base::fail(before.error());
    auto after = changed(
        actor, context_.store.livestreams().update(
                   scope_of(actor), id, [](store::Livestream& record) -> base::Result<> {
                       if (!may_publish(to_service(record.status)))
                           return base::fail(
                               {base::ErrorCode::conflict,
                                "Nothing can be published to this livestream any more, so its key stays.",
                                "livestream_" + std::string(store::to_string(record.status))});
                       record.stream_key = base::Secret(base::random_hex(stream_key_size));
                       return {};
                   }));
    if (after) {
        broadcasts_.cut_encoder(id, "the stream key was replaced: use the new one");
        context_.log.info("stream key replaced", {{"livestream", id}, {"by", actor.user_id}});
    }
    return after;
}

}  // namespace service
