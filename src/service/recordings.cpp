#include "service/recordings.h"

#include <algorithm>
#include <atomic>

#include "crypto/playback_token.h"
#include "output/recordings.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "service/live_board.h"
#include "service/object_store.h"
#include "service/owned.h"
#include "service/recording_archive.h"
#include "service/recording_life.h"
#include "service/recording_posters.h"
#include "service/recording_retention.h"
#include "service/validation.h"
#include "service/vod_disk.h"
#include "service/vod_library.h"
#include "service/worker_pool.h"
#include "store/store.h"

namespace service {
namespace {

constexpr std::size_t upkeep_queue = 10'000;
constexpr std::size_t ask_threads = 4;
constexpr std::size_t ask_queue = 1'000;
// Folders that no row knows: asked for in portions, and so many named in the log.
constexpr std::size_t strangers_at_once = 200;
constexpr std::size_t strangers_named = 10;
// A player is sent there anew for each part; who saves a file has begun by then.
constexpr std::chrono::minutes link_lifetime{10};

bool open_to_all(const store::Asset& asset) {
    return asset.status == store::AssetStatus::ready && asset.visibility == store::Visibility::open;
}

}  // namespace

std::string_view to_string(RecordingStatus status) {
    switch (status) {
        case RecordingStatus::recording:
            return "recording";
        case RecordingStatus::processing:
            return "processing";
        case RecordingStatus::ready:
            return "ready";
        case RecordingStatus::failed:
            break;
    }
    return "failed";
}

struct RecordingService::Parts {
    Parts(Context& shared, output::Recordings& engine, RecordingSettings given, RecordingHelpers helpers,
          RecordingRetention::Erase erase)
        : context(shared),
          recordings(engine),
          settings(std::move(given)),
          tokens(shared.store.keys().key(crypto::Purpose::playback_token)),
          library(settings.folder, link_of(helpers.objects)),
          upkeep(std::make_unique<WorkerPool>(1, upkeep_queue)),
          askers(std::make_unique<WorkerPool>(ask_threads, ask_queue)),
          life(shared, engine, *upkeep),
          posters(helpers.posters
                      ? std::make_unique<RecordingPosters>(*helpers.posters, settings.folder, shared.log)
                      : nullptr),
          archive(helpers.objects ? std::make_unique<RecordingArchive>(shared, *helpers.objects, library,
                                                                       settings.folder, settings.archive)
                                  : nullptr),
          retention(shared, engine, life, archive.get(), std::move(erase), settings) {}
    ~Parts() {
        // They work with what stands below.
        askers.reset();
        upkeep.reset();
    }

    void report_strangers();
    VodLibrary::Link link_of(ObjectStore* objects) const;

    Context& context;
    output::Recordings& recordings;
    const RecordingSettings settings;
    const crypto::PlaybackTokens tokens;
    VodLibrary library;
    std::unique_ptr<WorkerPool> upkeep;
    std::unique_ptr<WorkerPool> askers;
    RecordingLife life;
    const std::unique_ptr<RecordingPosters> posters;  // null: none are made
    const std::unique_ptr<RecordingArchive> archive;  // null: there is no object store
    RecordingRetention retention;
    base::MonotonicTime upkeep_due{};  // the router's thread alone
    std::atomic<bool> upkeep_runs{false};
};

RecordingService::RecordingService(Context& context, output::Recordings& recordings,
                                   RecordingSettings settings, RecordingHelpers helpers)
    : parts_(std::make_unique<Parts>(context, recordings, std::move(settings), helpers,
                                     [this](const store::Asset& asset) { return erase(asset); })) {}

RecordingService::~RecordingService() = default;

base::Result<Page<Recording>> RecordingService::list(const Actor& actor, const RecordingFilter& filter,
                                                     const PageRequest& page) {
    const auto may = allowed(actor, Action::read);
    if (filter.mine && !may) return base::fail(may.error());
    if (const auto fits = check_page(page); !fits) return base::fail(fits.error());
    store::AssetFilter wanted;
    if (!filter.station_id.empty()) wanted.station_id = filter.station_id;
    if (!filter.session_id.empty()) wanted.broadcast_id = filter.session_id;
    wanted.and_public = !filter.mine;
    // A credential that may not read sees what anybody sees.
    const auto scope = !may          ? store::Scope::of("")
                       : filter.mine ? store::Scope::of(actor.user_id)
                                     : scope_of(actor);
    const auto found = parts_->context.store.assets().list(scope, wanted, to_store(page));
    if (!found) return base::fail(found.error());
    Page<Recording> recordings{{}, found->next_cursor};
    for (const auto& asset : found->items) recordings.items.push_back(view(actor, asset));
    return recordings;
}

base::Result<Recording> RecordingService::find(const Actor& actor, const std::string& id) {
    const auto asset = parts_->context.store.assets().get(store::Scope::all(), id);
    if (!asset)
        return base::fail(asset.error().code == base::ErrorCode::not_found ? not_found("asset")
                                                                           : asset.error());
    if (open_to_all(*asset)) return view(actor, *asset);
    if (!actor.manages(asset->owner_id)) return base::fail(not_found("asset"));
    if (const auto may = allowed(actor, Action::read, asset->owner_id, "asset"); !may)
        return base::fail(may.error());
    return view(actor, *asset);
}

base::Result<Recording> RecordingService::update(const Actor& actor, const std::string& id,
                                                 const RecordingChange& change) {
    if (const auto asset = owned(actor, Action::update, "asset",
                                 parts_->context.store.assets().get(store::Scope::all(), id));
        !asset)
        return base::fail(asset.error());
    std::optional<std::string> title;
    if (change.title) {
        const auto checked = check_name("title", *change.title, max_title);
        if (!checked) return base::fail(checked.error());
        title = *checked;
    }
    std::optional<std::string> description;
    if (change.description) {
        const auto checked = check_text("description", *change.description, max_description);
        if (!checked) return base::fail(checked.error());
        description = *checked;
    }
    const auto written = parts_->context.store.assets().update(
        store::Scope::all(), id, [&](store::Asset& row) -> base::Result<> {
            if (title) row.title = *title;
            if (description) row.description = *description;
            if (change.open)
                row.visibility = *change.open ? store::Visibility::open : store::Visibility::closed;
            return {};
        });
    if (!written) return base::fail(written.error());
    parts_->context.board.rights_changed();
    announce(parts_->context, *written);
    return view(actor, *written);
}

base::Result<> RecordingService::remove(const Actor& actor, const std::string& id) {
    const auto asset =
        owned(actor, Action::remove, "asset", parts_->context.store.assets().get(store::Scope::all(), id));
    if (!asset) return base::fail(asset.error());
    if (asset->status == store::AssetStatus::recording)
        return base::fail({base::ErrorCode::conflict,
                           "This is being recorded now: stop the session first, then delete it.",
                           "recording_running"});
    if (asset->status == store::AssetStatus::processing)
        return base::fail({base::ErrorCode::conflict,
                           "This recording is being finished: try again in a few seconds.",
                           "recording_running"});
    return erase(*asset);
}

base::Result<> RecordingService::erase(const store::Asset& asset) {
    std::vector<std::uint32_t> numbers;
    for (const auto& file : asset.files) numbers.push_back(static_cast<std::uint32_t>(file.number));
    // The files first: a row without files can be deleted again, files without a row would stay for ever.
    // Objects are removed after the row, which leaves word of them.
    std::unique_lock<std::mutex> held;
    if (parts_->archive) held = parts_->archive->hold();
    parts_->library.remove_extras(asset.id, numbers);
    if (const auto removed = parts_->recordings.remove(asset.id); !removed) return removed;
    const auto gone = parts_->context.store.assets().remove(store::Scope::all(), asset.id);
    if (!gone && gone.error().code != base::ErrorCode::not_found) return gone;
    if (parts_->archive) {
        held.unlock();
        parts_->archive->wake();
    }
    parts_->library.forget(asset.id);
    parts_->context.board.rights_changed();
    parts_->context.events.publish("recording.deleted", asset.owner_id, open_to_all(asset),
                                   {{"assetId", asset.id}});
    return {};
}

void RecordingService::ask(ReplayQuestion question, Answer answer) {
    const auto shared = std::make_shared<Answer>(std::move(answer));
    const bool taken = parts_->askers->post([this, question = std::move(question), shared] {
        const auto asset = playable(question.asset_id);
        if (!asset) return (*shared)(base::fail(asset.error()));
        auto content = parts_->library.answer(*asset, question.file, question.uri_query);
        // A file may leave for the object store between the two looks.
        if (!content && content.error().code == base::ErrorCode::not_found && parts_->archive)
            if (const auto now = playable(question.asset_id); now && now->objects != asset->objects)
                content = parts_->library.answer(*now, question.file, question.uri_query);
        (*shared)(std::move(content));
    });
    if (!taken)
        (*shared)(base::fail(base::ErrorCode::unavailable,
                             "Too many replays are being opened. Try again in a moment."));
}

base::Result<ReplayAccess> RecordingService::access(const std::string& asset_id) {
    const auto asset = parts_->context.store.assets().get(store::Scope::all(), asset_id);
    if (!asset) return base::fail(asset.error());
    return ReplayAccess{asset->owner_id, open_to_all(*asset)};
}

base::Result<VodFiles> RecordingService::playable(const std::string& asset_id) {
    const auto asset = parts_->context.store.assets().get(store::Scope::all(), asset_id);
    if (!asset) return base::fail(asset.error());
    if (asset->status == store::AssetStatus::failed) return base::fail(not_found("asset"));
    VodFiles files;
    files.asset_id = asset->id;
    files.owner_id = asset->owner_id;
    files.title = asset->title;
    files.open = open_to_all(*asset);
    files.finished = asset->status == store::AssetStatus::ready;
    files.updated_at = asset->updated_at;
    for (const auto& file : asset->files) {
        files.files.push_back(to_media(file));
        if (file.place == store::FilePlace::s3)
            files.objects.emplace(static_cast<std::uint32_t>(file.number), file.object_key);
    }
    // The rows are some seconds behind while it is being written.
    if (asset->status == store::AssetStatus::recording)
        if (auto now = parts_->recordings.files(asset->id); !now.empty()) files.files = std::move(now);
    return files;
}

Recording RecordingService::view(const Actor& actor, const store::Asset& asset) const {
    Recording shown;
    shown.id = asset.id;
    shown.owner_id = asset.owner_id;
    shown.station_id = asset.station_id;
    shown.livestream_id = asset.livestream_id;
    shown.session_id = asset.broadcast_id;
    shown.title = asset.title;
    shown.description = asset.description;
    shown.open = asset.visibility == store::Visibility::open;
    shown.status = to_service(asset.status);
    if (actor.manages(asset.owner_id)) shown.problem = asset.problem;
    shown.recorded_at = asset.recorded_at;
    shown.duration = std::chrono::milliseconds(asset.duration_ms);
    shown.size_bytes = asset.size_bytes;
    shown.created_at = asset.created_at;
    shown.updated_at = asset.updated_at;
    const auto longest = std::max_element(
        asset.files.begin(), asset.files.end(),
        [](const auto& one, const auto& other) { return one.duration_ms < other.duration_ms; });
    if (longest == asset.files.end()) return shown;
    shown.width = static_cast<int>(longest->width);
    shown.height = static_cast<int>(longest->height);
    shown.codecs = longest->codecs;
    if (asset.status != store::AssetStatus::ready) return shown;
    std::string query;
    if (!shown.open)
        query = "?token=" + parts_->tokens.issue(asset.id, actor.user_id, crypto::random_playback_session(),
                                                 parts_->context.clock.wall());
    const std::string base = parts_->settings.public_url + "/vod/" + asset.id + "/";
    shown.video_url = base + "video.mp4" + query;
    shown.playlist_url = base + "index.m3u8" + query;
    if (parts_->library.has_thumbnail(asset.id)) shown.thumbnail_url = base + "thumbnail.jpg" + query;
    return shown;
}

base::Result<> RecordingService::session_live(const store::Broadcast& session) {
    if (auto started = parts_->life.session_live(session); !started) return started;
    if (const auto running = parts_->life.of_session(session.id); running && parts_->posters)
        parts_->posters->begun(running->asset_id, session.stream_id);
    return {};
}

void RecordingService::session_ended(const std::string& session_id) {
    if (const auto running = parts_->life.of_session(session_id); running && parts_->posters)
        parts_->posters->ended(running->asset_id);
    parts_->life.session_ended(session_id);
}

std::optional<SessionRecording> RecordingService::of_session(const std::string& session_id) const {
    return parts_->life.of_session(session_id);
}

base::Result<std::optional<SessionRecording>> RecordingService::last_of_session(
    const std::string& session_id) {
    const auto found =
        parts_->context.store.assets().list(store::Scope::all(), {.broadcast_id = session_id}, {1, {}});
    if (!found) return base::fail(found.error());
    if (found->items.empty()) return std::nullopt;
    const auto& asset = found->items.front();
    return SessionRecording{asset.id, to_service(asset.status), asset.problem};
}

base::Result<> RecordingService::resume() {
    if (const auto resumed = parts_->life.resume(); !resumed) return resumed;
    (void)parts_->upkeep->post([parts = parts_.get()] { parts->report_strangers(); });
    if (parts_->archive) parts_->archive->start();
    return {};
}

base::Result<> RecordingService::on_event(const media::Event& event) {
    return std::visit(
        [&]<class Fact>(const Fact& fact) -> base::Result<> {
            if constexpr (std::is_same_v<Fact, media::RecordingProgress>)
                if (parts_->posters) parts_->posters->has_media(fact.file.asset_id);
            if constexpr (std::is_same_v<Fact, media::RecordingStopped>) {
                const auto applied = parts_->life.apply(fact);
                if (parts_->archive) parts_->archive->wake();
                return applied;
            } else if constexpr (media::is_about_recording<Fact>) {
                return parts_->life.apply(fact);
            } else {
                return {};
            }
        },
        event);
}

void RecordingService::stop() {
    if (parts_->archive) parts_->archive->stop();
}

ArchiveFigures RecordingService::archived() const {
    return parts_->archive ? parts_->archive->figures() : ArchiveFigures();
}

bool RecordingService::archive_is_well() const {
    return !parts_->archive || parts_->archive->is_well();
}

void RecordingService::tick() {
    Parts& parts = *parts_;
    parts.life.tick();
    const auto now = parts.context.clock.now();
    if (now < parts.upkeep_due || parts.upkeep_runs.exchange(true)) return;
    parts.upkeep_due = now + parts.settings.upkeep_interval;
    const bool taken = parts.upkeep->post([&parts] {
        parts.retention.run();
        parts.upkeep_runs = false;
    });
    if (!taken) parts.upkeep_runs = false;
}

VodLibrary::Link RecordingService::Parts::link_of(ObjectStore* objects) const {
    if (!objects) return {};
    return [this, objects](const std::string& key, const std::string& type,
                           const std::string& name) -> base::Result<std::string> {
        // Who is sent to a store that does not answer waits for nothing.
        if (auto trouble = archive->store_trouble()) return base::fail(std::move(*trouble));
        return objects->link({.key = key,
                              .valid = link_lifetime,
                              .content_type = type,
                              .content_disposition = name.empty() ? std::string() : attachment(name)},
                             context.clock.wall());
    };
}

void RecordingService::Parts::report_strangers() {
    std::error_code error;
    std::vector<std::string> ids;
    std::vector<std::string> strangers;
    const auto sort_out = [&] {
        const auto known = context.store.assets().known(ids);
        for (const std::string& id : ids)
            if (known && std::find(known->begin(), known->end(), id) == known->end()) strangers.push_back(id);
        ids.clear();
    };
    std::filesystem::directory_iterator entries(settings.folder, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::string name = entries->path().filename().string();
        if (!name.starts_with("as_")) continue;
        ids.push_back(name);
        if (ids.size() == strangers_at_once) sort_out();
    }
    sort_out();
    if (strangers.empty()) return;
    std::string named;
    for (std::size_t i = 0; i < std::min(strangers.size(), strangers_named); ++i)
        named += (i == 0 ? "" : ", ") + strangers[i];
    context.log.warn("folders of recordings that the database does not know are left alone",
                     {{"folders", strangers.size()}, {"first", named}});
}

}  // namespace service
