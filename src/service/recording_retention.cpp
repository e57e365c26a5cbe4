#include "service/recording_retention.h"

#include <algorithm>
#include <utility>

#include "output/recordings.h"
#include "service/context.h"
#include "service/event_hub.h"
#include "service/recording_archive.h"
#include "service/recording_life.h"
#include "store/store.h"

namespace service {
namespace {

// In one run; the next goes on.
constexpr int max_deletions = 50;

}  // namespace

void RecordingRetention::run() {
    delete_old();
    watch_space();
}

void RecordingRetention::delete_old() {
    if (settings_.keep_days <= 0) return;
    const auto before = context_.clock.wall() - std::chrono::hours(24) * settings_.keep_days;
    const auto old = context_.store.assets().oldest_finished(before, max_deletions);
    if (!old) return;
    for (const auto& asset : *old)
        if (!erase(asset, "it is older than " + std::to_string(settings_.keep_days) + " days")) return;
}

void RecordingRetention::watch_space() {
    if (settings_.min_free_percent <= 0) return;
    const auto is_low = [&](const output::Recordings::Space& space) {
        return space.free < space.total / 100 * static_cast<std::uint64_t>(settings_.min_free_percent);
    };
    auto space = recordings_.space();
    if (!space) return;
    const bool was_low = std::exchange(low_, is_low(*space));
    if (low_ != was_low) {
        const auto percent =
            static_cast<std::int64_t>(space->free / std::max<std::uint64_t>(space->total / 100, 1));
        context_.events.publish("recording.space", "", false,
                                {{"low", low_},
                                 {"freeBytes", space->free},
                                 {"totalBytes", space->total},
                                 {"freePercent", percent}});
        if (low_) tell_low(percent, space->free);
    }
    if (!settings_.delete_oldest || keeps_all()) return;
    for (int i = 0; i < max_deletions && is_low(*space); ++i) {
        if (!delete_oldest()) return;
        space = recordings_.space();
        if (!space) return;
    }
}

bool RecordingRetention::keeps_all() const {
    return archive_ && !settings_.delete_unarchived;
}

void RecordingRetention::tell_low(std::int64_t free_percent, std::uint64_t free_bytes) {
    const ArchiveStock waiting = archive_ ? archive_->figures().waiting : ArchiveStock();
    context_.log.warn("the disk of the recordings is nearly full",
                      {{"free_percent", free_percent},
                       {"free_bytes", free_bytes},
                       {"waiting_for_the_object_store", waiting.recordings},
                       {"waiting_bytes", waiting.bytes}});
    if (waiting.recordings > 0 && settings_.delete_oldest && keeps_all())
        context_.log.warn(
            "what waits for the object store is not deleted to make room; recording stops when the disk is "
            "full (recording_delete_unarchived would delete it)");
    for (const std::string& session : life_.sessions())
        (void)life_.note(session, "recording_space_low", "warning",
                         "Only " + std::to_string(free_percent) +
                             " % of the disk of the recordings is free. When it is full, recording stops and "
                             "the stream goes on.");
}

bool RecordingRetention::delete_oldest() {
    // What is in the object store takes no room here.
    const auto oldest =
        context_.store.assets().oldest_finished(context_.clock.wall() + std::chrono::hours(24), 1, true);
    return oldest && !oldest->empty() && erase(oldest->front(), "the disk is nearly full");
}

bool RecordingRetention::erase(const store::Asset& asset, const std::string& why) {
    const auto erased = erase_(asset);
    if (erased) {
        context_.log.info("recording deleted", {{"asset", asset.id}, {"reason", why}});
        return true;
    }
    context_.log.warn("a recording could not be deleted",
                      {{"asset", asset.id}, {"reason", why}, {"error", erased.error().message}});
    return false;
}

}  // namespace service
