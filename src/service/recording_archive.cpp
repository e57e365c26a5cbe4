#include "service/recording_archive.h"

#include <algorithm>

#include "service/context.h"
#include "service/object_store.h"
#include "service/recording_life.h"
#include "service/vod_disk.h"
#include "service/vod_library.h"
#include "store/store.h"

namespace service {
namespace {

using store::AssetFile;
using store::FilePlace;

// In one look; the next goes on.
constexpr int max_assets = 100;
constexpr int max_removals = 100;
constexpr std::string_view trouble = "The copy in the object store is late: ";

bool is_gone(const base::Error& error) {
    return error.code == base::ErrorCode::not_found && error.name == "asset_not_found";
}

// What the next recording would meet as well.
bool is_the_stores(const base::Error& error) {
    switch (error.code) {
        case base::ErrorCode::unauthenticated:
        case base::ErrorCode::forbidden:
        case base::ErrorCode::unavailable:
        case base::ErrorCode::network:
        case base::ErrorCode::timed_out:
            return true;
        default:
            return false;
    }
}

std::string name_of(const AssetFile& file) {
    return std::to_string(file.number) + ".mp4";
}

}  // namespace

RecordingArchive::RecordingArchive(Context& context, ObjectStore& objects, const VodLibrary& library,
                                   std::filesystem::path folder, ArchiveSettings settings)
    : context_(context),
      objects_(objects),
      library_(library),
      folder_(std::move(folder)),
      settings_(std::move(settings)),
      watch_(context, objects, settings_, [this] { store_is_back(); }) {}

RecordingArchive::~RecordingArchive() {
    stop();
}

void RecordingArchive::start() {
    watch_.start();
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void RecordingArchive::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    wake_.notify_one();
}

void RecordingArchive::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    objects_.stop();
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    watch_.stop();
}

// On the watch's thread, or its own.
void RecordingArchive::store_is_back() {
    {
        const std::lock_guard lock(mutex_);
        store_is_back_ = true;
    }
    wake();
}

ArchiveFigures RecordingArchive::figures() const {
    const auto now = std::chrono::steady_clock::now();
    const auto for_how_long = [&](std::chrono::steady_clock::time_point since) {
        return std::max(std::chrono::ceil<std::chrono::seconds>(now - since), std::chrono::seconds(1));
    };
    const auto away = watch_.away();
    const std::lock_guard lock(mutex_);
    ArchiveFigures figures = figures_;
    figures.waiting = watch_.stock();
    if (trouble_since_) figures.late = for_how_long(*trouble_since_);
    if (away) figures.away = for_how_long(away->since);
    return figures;
}

std::optional<base::Error> RecordingArchive::store_trouble() {
    watch_.wanted();
    if (!watch_.away()) return std::nullopt;
    const auto wait = std::chrono::ceil<std::chrono::seconds>(settings_.look_again);
    return base::Error{
        base::ErrorCode::unavailable,
        "This recording lies in an object store that does not answer at the moment. Nothing of "
        "it is lost: try again in a minute.",
        "object_store_away",
        {{"retryAfter", std::to_string(wait.count())}}};
}

bool RecordingArchive::is_well() const {
    if (watch_.away()) return false;
    const std::lock_guard lock(mutex_);
    return !trouble_since_;
}

void RecordingArchive::add(std::uint64_t ArchiveFigures::*figure, std::uint64_t count) {
    const std::lock_guard lock(mutex_);
    figures_.*figure += count;
}

bool RecordingArchive::is_store_back() {
    const std::lock_guard lock(mutex_);
    return std::exchange(store_is_back_, false);
}

bool RecordingArchive::stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void RecordingArchive::run() {
    while (!stopping()) {
        remove_objects();
        archive_assets();
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, std::min(settings_.interval, settings_.first_delay),
                       [&] { return woken_ || stopping_; });
        woken_ = false;
    }
}

void RecordingArchive::remove_objects() {
    const auto now = std::chrono::steady_clock::now();
    if (now < removals_wait_.until) return;
    const auto removals = context_.store.assets().object_removals(max_removals);
    if (!removals) return;
    for (const auto& removal : *removals) {
        if (stopping()) return;
        auto removed = objects_.remove(removal.object_key, removal.upload_id);
        if (removed) removed = context_.store.assets().object_removed(removal.object_key);
        if (!removed && removed.error().code == base::ErrorCode::closed) return;
        if (!removed) {
            add(&ArchiveFigures::failures);
            removals_wait_.delay =
                std::clamp(removals_wait_.delay * 2, settings_.first_delay, settings_.longest_delay);
            removals_wait_.until = std::chrono::steady_clock::now() + removals_wait_.delay;
            if (!std::exchange(removal_trouble_, true))
                context_.log.warn("deleted recordings are still in the object store",
                                  {{"object", removal.object_key}, {"reason", removed.error().message}});
            return;
        }
        add(&ArchiveFigures::removed);
        removals_wait_ = {};
        removal_trouble_ = false;
    }
}

void RecordingArchive::archive_assets() {
    const auto waiting = context_.store.assets().to_archive(max_assets);
    if (!waiting) return;
    // What waited for the store alone need not wait longer.
    if (is_store_back()) waits_.clear();
    if (waiting->empty()) trouble_is_over("no recording waits for the object store any more");
    std::erase_if(waits_, [&](const auto& wait) {
        return std::none_of(waiting->begin(), waiting->end(),
                            [&](const auto& asset) { return asset.id == wait.first; });
    });
    for (const auto& asset : *waiting) {
        if (stopping()) return;
        if (const auto wait = waits_.find(asset.id);
            wait != waits_.end() && std::chrono::steady_clock::now() < wait->second.until)
            continue;
        const auto archived = archive(asset);
        if (archived) {
            waits_.erase(asset.id);
            trouble_is_over("recordings reach the object store again");
            continue;
        }
        if (archived.error().code == base::ErrorCode::closed || is_gone(archived.error())) continue;
        add(&ArchiveFigures::failures);
        Wait& wait = waits_[asset.id];
        wait.delay = std::clamp(wait.delay * 2, settings_.first_delay, settings_.longest_delay);
        wait.until = std::chrono::steady_clock::now() + wait.delay;
        report(asset, archived.error());
        if (!is_the_stores(archived.error())) continue;
        watch_.wanted();
        // The others wait as long, and their owners are told.
        for (const auto& other : *waiting) {
            waits_.try_emplace(other.id, wait);
            if (!other.problem.starts_with(trouble))
                tell_owner(other, std::string(trouble) + archived.error().message);
        }
        return;
    }
}

void RecordingArchive::report(const store::Asset& asset, const base::Error& error) {
    const std::string text = std::string(trouble) + error.message;
    if (is_the_stores(error))
        tell_log(asset, error);
    else if (asset.problem != text)
        context_.log.warn("a recording cannot be brought to the object store, and stays on the disk",
                          {{"asset", asset.id}, {"reason", error.message}});
    if (asset.problem != text) tell_owner(asset, text);
}

void RecordingArchive::tell_log(const store::Asset& asset, const base::Error& error) {
    const auto now = std::chrono::steady_clock::now();
    {
        const std::lock_guard lock(mutex_);
        if (!trouble_since_)
            trouble_since_ = now;
        else if (now < told_at_ + settings_.remind)
            return;
    }
    told_at_ = now;
    const ArchiveFigures now_known = figures();
    context_.log.warn("recordings do not reach the object store, and stay on the disk until they do",
                      {{"asset", asset.id},
                       {"reason", error.message},
                       {"for_seconds", now_known.late.count()},
                       {"waiting", now_known.waiting.recordings},
                       {"waiting_bytes", now_known.waiting.bytes}});
}

void RecordingArchive::trouble_is_over(const char* told) {
    {
        const std::lock_guard lock(mutex_);
        if (!trouble_since_) return;
        trouble_since_.reset();
    }
    context_.log.info(told);
}

void RecordingArchive::tell_owner(const store::Asset& asset, const std::string& text) {
    const auto changed = context_.store.assets().update(store::Scope::all(), asset.id,
                                                        [&](store::Asset& row) -> base::Result<> {
                                                            row.problem = text;
                                                            return {};
                                                        });
    if (changed) announce(context_, *changed);
}

base::Result<> RecordingArchive::archive(const store::Asset& asset) {
    for (const AssetFile& file : asset.files) {
        if (stopping()) return base::fail(base::ErrorCode::closed, "the archive was stopped");
        if (file.place != FilePlace::s3)
            if (auto brought = bring(asset, file); !brought) return brought;
        // Readers that hold it open go on.
        if (auto removed = remove_beside(folder_, asset.id, name_of(file)); !removed) return removed;
    }
    const auto changed = context_.store.assets().update(store::Scope::all(), asset.id,
                                                        [](store::Asset& row) -> base::Result<> {
                                                            row.place = FilePlace::s3;
                                                            if (row.problem.starts_with(trouble))
                                                                row.problem.clear();
                                                            return {};
                                                        });
    if (!changed) return base::fail(changed.error());
    context_.log.info("recording moved to the object store",
                      {{"asset", asset.id}, {"bytes", asset.size_bytes}});
    announce(context_, *changed);
    return {};
}

base::Result<> RecordingArchive::bring(const store::Asset& asset, AssetFile file) {
    auto& assets = context_.store.assets();
    if (auto kept = keep_index(file); !kept) return kept;
    if (file.object_key.empty()) {
        // Before anything is sent, so that nothing lies there of which we do not know.
        file.object_key = settings_.prefix + asset.id + "/" + name_of(file);
        if (auto known = assets.update_file(asset.id, file.number,
                                            [&](AssetFile& row) { row.object_key = file.object_key; });
            !known)
            return known;
    }
    storage::UploadJob job;
    job.file = folder_ / asset.id / name_of(file);
    job.key = file.object_key;
    job.headers.content_type = file.width > 0 ? "video/mp4" : "audio/mp4";
    job.upload_id = file.upload_id;
    storage::UploadHooks hooks;
    hooks.begun = [&](const std::string& upload_id) {
        return assets.update_file(asset.id, file.number, [&](AssetFile& row) { row.upload_id = upload_id; })
            .has_value();
    };
    auto uploaded = objects_.upload(job, hooks);
    if (!uploaded) return base::fail(std::move(uploaded.error()));
    watch_.answered();
    if (uploaded->object.size != static_cast<std::uint64_t>(file.size_bytes))
        return base::fail(base::ErrorCode::malformed, "the store has " +
                                                          std::to_string(uploaded->object.size) +
                                                          " bytes of " + std::to_string(file.size_bytes));
    if (!uploaded->digest_compared && !std::exchange(told_of_checksums_, true))
        context_.log.warn(
            "the object store tells no checksum of whole files: their sizes are compared, and each part's "
            "checksum on its way",
            {{"object", job.key}});
    auto moved = assets.update_file(asset.id, file.number, [&](AssetFile& row) {
        row.place = FilePlace::s3;
        row.checksum = uploaded->object.etag;
        row.upload_id.clear();
    });
    if (!moved) return moved;
    add(&ArchiveFigures::files);
    add(&ArchiveFigures::bytes, uploaded->object.size);
    return {};
}

base::Result<> RecordingArchive::keep_index(const AssetFile& file) {
    const auto held = hold();
    if (const auto there = context_.store.assets().get(store::Scope::all(), file.asset_id); !there)
        return base::fail(there.error());
    auto kept = library_.save_index(to_media(file));
    // Nothing in it can be played, here or there.
    if (!kept && kept.error().code == base::ErrorCode::not_found) return {};
    return kept;
}

}  // namespace service
