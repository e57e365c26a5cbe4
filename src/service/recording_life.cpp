#include "service/recording_life.h"

#include <algorithm>

#include "base/ids.h"
#include "output/recordings.h"
#include "service/context.h"
#include "service/event_hub.h"
#include "service/live_board.h"
#include "service/worker_pool.h"
#include "store/store.h"

namespace service {
namespace {

using store::AssetStatus;

constexpr std::chrono::seconds engine_patience{30};
constexpr std::chrono::seconds recover_again{30};

bool is_over(AssetStatus status) {
    return status == AssetStatus::ready || status == AssetStatus::failed;
}

}  // namespace

RecordingStatus to_service(store::AssetStatus status) {
    switch (status) {
        case store::AssetStatus::recording:
            return RecordingStatus::recording;
        case store::AssetStatus::processing:
            return RecordingStatus::processing;
        case store::AssetStatus::ready:
            return RecordingStatus::ready;
        case store::AssetStatus::failed:
            break;
    }
    return RecordingStatus::failed;
}

store::AssetFile to_store(const media::RecordingFile& file) {
    store::AssetFile to;
    to.asset_id = file.asset_id;
    to.number = file.number;
    to.size_bytes = static_cast<std::int64_t>(file.size);
    to.init_size = static_cast<std::int64_t>(file.init_size);
    to.duration_ms = file.duration.count();
    to.width = file.width;
    to.height = file.height;
    to.codecs = file.codecs;
    to.started_at = file.started_at;
    to.complete = file.complete;
    return to;
}

media::RecordingFile to_media(const store::AssetFile& file) {
    media::RecordingFile to;
    to.asset_id = file.asset_id;
    to.number = static_cast<std::uint32_t>(file.number);
    to.size = static_cast<std::uint64_t>(file.size_bytes);
    to.init_size = static_cast<std::uint64_t>(file.init_size);
    to.duration = std::chrono::milliseconds(file.duration_ms);
    to.width = static_cast<int>(file.width);
    to.height = static_cast<int>(file.height);
    to.codecs = file.codecs;
    to.started_at = file.started_at;
    to.complete = file.complete;
    return to;
}

void announce(Context& context, const store::Asset& asset) {
    boost::json::object data{{"assetId", asset.id},
                             {"title", asset.title},
                             {"status", std::string(store::to_string(asset.status))},
                             {"error", nullptr},
                             {"visibility", std::string(store::to_string(asset.visibility))},
                             {"durationMs", asset.duration_ms},
                             {"sizeBytes", asset.size_bytes}};
    if (!asset.problem.empty()) data["error"] = asset.problem;
    if (asset.broadcast_id) data["sessionId"] = *asset.broadcast_id;
    if (asset.station_id) data["stationId"] = *asset.station_id;
    const bool open = asset.status == AssetStatus::ready && asset.visibility == store::Visibility::open;
    context.events.publish("recording.changed", asset.owner_id, open, std::move(data));
}

base::Result<> RecordingLife::session_live(const store::Broadcast& session) {
    Active active;
    bool again = false;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, one] : active_)
            if (one.session_id == session.id && one.status == AssetStatus::recording) {
                active = one;
                again = true;
            }
        if (!again) {
            active.asset_id = base::random_id("as_");
            active.session_id = session.id;
            active.owner_id = session.owner_id;
            active_.emplace(active.asset_id, active);
        }
    }
    if (!active.stored) {
        store::Asset asset;
        asset.id = active.asset_id;
        asset.owner_id = session.owner_id;
        asset.station_id = session.station_id;
        asset.livestream_id = session.livestream_id;
        asset.broadcast_id = session.id;
        asset.title = session.title;
        asset.description = session.description;
        asset.recorded_at = asset.created_at = asset.updated_at = context_.clock.wall();
        if (session.livestream_id) {
            const auto show = context_.store.livestreams().get(store::Scope::all(), *session.livestream_id);
            if (!show && show.error().code != base::ErrorCode::not_found) return base::fail(show.error());
            // What only some may watch live, or were told of, is not for everybody afterwards.
            if (show && (show->token_gate_amount > 0 || show->visibility != store::Visibility::open))
                asset.visibility = store::Visibility::closed;
        }
        const auto added = context_.store.assets().add(asset);
        // A try before this one may have written it without hearing so.
        if (!added && !(again && added.error().code == base::ErrorCode::conflict))
            return base::fail(added.error());
        {
            const std::lock_guard lock(mutex_);
            active_[active.asset_id].stored = true;
        }
        context_.log.info("recording begins", {{"asset", asset.id}, {"session", session.id}});
        announce(context_, asset);
    }
    recordings_.start({active.asset_id, session.stream_id});
    return {};
}

void RecordingLife::session_ended(const std::string& session_id) {
    std::vector<Active> ended;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [id, one] : active_) {
            if (one.session_id != session_id || one.status != AssetStatus::recording) continue;
            one.status = AssetStatus::processing;
            one.told_by = context_.clock.now() + engine_patience;
            ended.push_back(one);
        }
        std::erase_if(active_, [&](const auto& entry) {
            return entry.second.session_id == session_id && !entry.second.stored;
        });
    }
    for (const Active& one : ended) {
        if (!one.stored) continue;
        const auto written = context_.store.assets().update(store::Scope::all(), one.asset_id,
                                                            [](store::Asset& row) -> base::Result<> {
                                                                if (row.status == AssetStatus::recording)
                                                                    row.status = AssetStatus::processing;
                                                                return {};
                                                            });
        recordings_.stop(one.asset_id);
        if (written)
            announce(context_, *written);
        else
            context_.log.warn("a recording is not marked as over yet",
                              {{"asset", one.asset_id}, {"error", written.error().message}});
    }
}

std::optional<SessionRecording> RecordingLife::of_session(const std::string& session_id) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, one] : active_)
        if (one.session_id == session_id && one.stored)
            return SessionRecording{one.asset_id, to_service(one.status), one.message};
    return std::nullopt;
}

std::vector<std::string> RecordingLife::sessions() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> ids;
    for (const auto& [id, one] : active_)
        if (one.status == AssetStatus::recording) ids.push_back(one.session_id);
    return ids;
}

std::optional<RecordingLife::Active> RecordingLife::find(const std::string& asset_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = active_.find(asset_id);
    if (found == active_.end()) return std::nullopt;
    return found->second;
}

base::Result<> RecordingLife::apply(const media::RecordingProgress& event) {
    const auto written = context_.store.assets().put_file(to_store(event.file));
    // It was deleted meanwhile.
    if (!written && written.error().code == base::ErrorCode::not_found) return {};
    return written;
}

base::Result<> RecordingLife::apply(const media::RecordingTrouble& event) {
    const auto active = find(event.asset_id);
    if (!active || active->problem == event.problem) return {};
    const bool well = event.problem == media::RecordingProblem::none;
    const auto changed = context_.store.assets().update(store::Scope::all(), event.asset_id,
                                                        [&](store::Asset& row) -> base::Result<> {
                                                            row.problem = well ? "" : event.message;
                                                            return {};
                                                        });
    if (!changed && changed.error().code == base::ErrorCode::not_found) return {};
    if (!changed) return base::fail(changed.error());
    if (const auto noted =
            note(active->session_id, well ? "recording_resumed" : "recording_trouble",
                 well ? "info" : "warning", well ? "The recording goes on." : "Recording: " + event.message);
        !noted)
        return noted;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = active_.find(event.asset_id); found != active_.end()) {
            found->second.problem = event.problem;
            found->second.message = well ? "" : event.message;
        }
    }
    announce(context_, *changed);
    return {};
}

base::Result<> RecordingLife::apply(const media::RecordingStopped& event) {
    return finish(event.asset_id,
                  event.files == 0 ? std::vector<media::RecordingFile>() : recordings_.files(event.asset_id),
                  event.message);
}

base::Result<> RecordingLife::finish(const std::string& asset_id,
                                     const std::vector<media::RecordingFile>& files,
                                     const std::string& message) {
    for (const auto& file : files) {
        const auto written = context_.store.assets().put_file(to_store(file));
        if (!written && written.error().code != base::ErrorCode::not_found)
            return base::fail(written.error());
    }
    bool is_new = false;
    const auto changed = context_.store.assets().update(
        store::Scope::all(), asset_id, [&](store::Asset& row) -> base::Result<> {
            is_new = !is_over(row.status);
            if (!is_new) return {};
            row.status = files.empty() ? AssetStatus::failed : AssetStatus::ready;
            row.problem = !files.empty() ? ""
                          : message.empty()
                              ? "Nothing was recorded: the stream ended before its first keyframe."
                              : message;
            return {};
        });
    if (!changed && changed.error().code != base::ErrorCode::not_found) return base::fail(changed.error());
    if (changed && is_new) {
        const bool ready = changed->status == AssetStatus::ready;
        if (changed->broadcast_id) {
            const auto noted =
                note(*changed->broadcast_id, ready ? "recording_ready" : "recording_failed",
                     ready ? "info" : "error",
                     ready ? "The recording can be replayed." : "There is no recording: " + changed->problem);
            if (!noted)
                context_.log.warn("a line of history was not written",
                                  {{"asset", asset_id}, {"error", noted.error().message}});
        }
        context_.log.info("recording ended",
                          {{"asset", asset_id}, {"status", std::string(store::to_string(changed->status))}});
        context_.board.rights_changed();
        announce(context_, *changed);
    }
    const std::lock_guard lock(mutex_);
    active_.erase(asset_id);
    return {};
}

base::Result<> RecordingLife::resume() {
    const auto left = context_.store.assets().unfinished();
    if (!left) return base::fail(left.error());
    for (const auto& asset : *left) {
        if (find(asset.id)) continue;
        const auto marked = context_.store.assets().update(store::Scope::all(), asset.id,
                                                           [](store::Asset& row) -> base::Result<> {
                                                               row.status = AssetStatus::processing;
                                                               return {};
                                                           });
        if (!marked && marked.error().code != base::ErrorCode::not_found) return base::fail(marked.error());
        recover_soon(asset.id, std::chrono::milliseconds(0));
    }
    return {};
}

void RecordingLife::recover_soon(const std::string& asset_id, std::chrono::milliseconds delay) {
    if (!upkeep_.post_after(delay, [this, asset_id] { recover(asset_id); }))
        context_.log.warn("a recording is mended at the next start: too much waits", {{"asset", asset_id}});
}

void RecordingLife::recover(const std::string& asset_id) {
    const auto files = recordings_.recover(asset_id);
    if (!files && files.error().code != base::ErrorCode::not_found) {
        context_.log.warn("a recording could not be mended yet",
                          {{"asset", asset_id}, {"error", files.error().message}});
        return recover_soon(asset_id, recover_again);
    }
    const auto finished = finish(asset_id, files ? *files : std::vector<media::RecordingFile>(),
                                 "Nothing that can be played was on the disk when the server started again.");
    if (!finished) recover_soon(asset_id, recover_again);
}

void RecordingLife::tick() {
    const auto now = context_.clock.now();
    std::vector<std::string> late;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [id, one] : active_) {
            if (!one.told_by || *one.told_by > now) continue;
            one.told_by = now + engine_patience;
            late.push_back(id);
        }
    }
    for (const std::string& id : late) {
        const auto files = recordings_.files(id);
        const bool whole = !files.empty() && std::all_of(files.begin(), files.end(),
                                                         [](const auto& file) { return file.complete; });
        if (whole)
            (void)finish(id, files, {});
        else
            context_.log.warn("a recording is still being finished", {{"asset", id}});
    }
}

base::Result<> RecordingLife::note(const std::string& session_id, const std::string& kind,
                                   const std::string& severity, const std::string& message) {
    store::BroadcastEvent event;
    event.broadcast_id = session_id;
    event.at = context_.clock.wall();
    event.kind = kind;
    event.severity = severity;
    event.message = message;
    const auto added = context_.store.broadcasts().add_event(event);
    if (!added && added.error().code != base::ErrorCode::not_found) return base::fail(added.error());
    return {};
}

}  // namespace service
