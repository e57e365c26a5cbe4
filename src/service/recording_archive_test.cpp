// Recordings on their way to an object store: whatever goes wrong at whichever step, nothing is lost, nothing
// is sent twice, and nothing stays behind there that nobody knows of.
#include "service/recording_archive.h"

#include <fstream>
#include <future>

#include "service/object_store.h"
#include "service/testing/comes_true.h"
#include "service/testing/world.h"
#include "service/vod_disk.h"
#include "service/vod_library.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::comes_true;
using testing::World;

// Where a process ends, or the store fails.
enum class Step { nowhere, before_id_is_told, after_id, after_parts, after_complete };

// Takes files in two parts, remembers what it has, and stops at a step as often as it is told.
class FakeStore final : public ObjectStore {
  public:
    struct Upload {
        std::string key;
        int parts = 0;
    };

    base::Result<storage::Uploaded> upload(const storage::UploadJob& job,
                                           const storage::UploadHooks& hooks) override {
        const auto size = std::filesystem::exists(job.file) ? std::filesystem::file_size(job.file) : 0;
        if (on_upload) on_upload(job.key);
        std::unique_lock lock(mutex);
        if (size == 0) return base::fail(base::ErrorCode::not_found, "there is no such file");
        resumed.push_back(job.upload_id);
        if (away) return base::fail(base::ErrorCode::network, "the store does not answer");
        std::string id = job.upload_id;
        const auto done = [&]() -> base::Result<storage::Uploaded> {
            return storage::Uploaded{{size + lies_about_size, "etag-2", false}, compares, 0};
        };
        if (!id.empty() && !uploads.contains(id)) {
            if (objects.contains(job.key)) return done();
            id.clear();
        }
        if (id.empty()) {
            id = "up-" + std::to_string(++ids);
            uploads[id] = {job.key, 0};
            if (fails_at(Step::before_id_is_told)) return failure();
            lock.unlock();
            const bool kept = hooks.begun(id);
            lock.lock();
            if (!kept) {
                uploads.erase(id);
                return base::fail(base::ErrorCode::unavailable, "the upload's id cannot be kept");
            }
        }
        if (fails_at(Step::after_id)) return failure();
        for (Upload& upload = uploads[id]; upload.parts < 2; ++upload.parts) ++parts_sent;
        if (fails_at(Step::after_parts)) return failure();
        uploads.erase(id);
        objects[job.key] = size;
        if (fails_at(Step::after_complete)) return failure();
        return done();
    }
    base::Result<> remove(const std::string& key, const std::string& upload_id) override {
        const std::lock_guard lock(mutex);
        if (away) return base::fail(base::ErrorCode::network, "the store does not answer");
        uploads.erase(upload_id);
        objects.erase(key);
        return {};
    }
    base::Result<> answers() override {
        if (!silent) return {};
        return base::fail(base::ErrorCode::timed_out, "the store does not answer");
    }
    base::Result<std::string> link(const storage::Presign& wanted, base::WallTime) const override {
        return "https://store.example/" + wanted.key + "?valid=" + std::to_string(wanted.valid.count()) +
               "&as=" + wanted.content_disposition;
    }
    void stop() override { stopped = true; }

    std::mutex mutex;
    std::map<std::string, std::uint64_t> objects;
    std::map<std::string, Upload> uploads;
    std::vector<std::string> resumed;  // the upload id of each try
    std::function<void(const std::string&)> on_upload;
    Step step = Step::nowhere;
    int failures = 0;
    int ids = 0;
    int parts_sent = 0;
    std::uint64_t lies_about_size = 0;
    bool compares = true;
    std::atomic<bool> away = false;
    std::atomic<bool> silent = false;
    std::atomic<bool> stopped = false;

  private:
    bool fails_at(Step here) { return step == here && failures > 0 && failures-- > 0; }
    static tl::unexpected<base::Error> failure() {
        return base::fail(base::ErrorCode::network, "the connection was lost");
    }
};

struct Archive : ::testing::Test {
    World world;
    FakeStore store;
    Actor owner = world.person();
    std::vector<std::string> lines;
    std::mutex lines_mutex;
    std::unique_ptr<RecordingService> service;
    const std::filesystem::path folder = world.recording_settings().folder;

    Archive() {
        world.context.log = base::Logger([this](std::string_view line) {
            const std::lock_guard lock(lines_mutex);
            lines.emplace_back(line);
        });
    }

    void begin(const std::function<void(RecordingSettings&)>& change = {}) {
        RecordingSettings settings = world.recording_settings();
        settings.archive = {.prefix = "shows/",
                            .first_delay = 2ms,
                            .longest_delay = 8ms,
                            .interval = 5ms,
                            .look_again = 5ms,
                            .second_look = 2ms,
                            .count_every = 2ms};
        if (change) change(settings);
        service = std::make_unique<RecordingService>(world.context, world.recorder, settings,
                                                     RecordingHelpers{nullptr, &store});
        ASSERT_TRUE(service->resume());
    }
    void restart() {
        service.reset();
        begin();
    }
    // A ready one with files of 100 bytes.
    std::string recording(int files = 1) {
        store::Asset asset;
        asset.id = base::random_id("as_");
        asset.owner_id = owner.user_id;
        asset.title = "Tonight";
        asset.status = store::AssetStatus::recording;
        asset.recorded_at = asset.created_at = asset.updated_at = world.clock->wall();
        EXPECT_TRUE(world.store->assets().add(asset));
        std::filesystem::create_directories(folder / asset.id);
        for (int number = 1; number <= files; ++number) {
            store::AssetFile file;
            file.asset_id = asset.id;
            file.number = number;
            file.size_bytes = 100;
            file.duration_ms = 10'000 + number;
            file.width = 320;
            file.complete = true;
            EXPECT_TRUE(world.store->assets().put_file(file));
            std::ofstream(path_of(asset.id, number)) << std::string(100, 'x');
        }
        // At last, for it may be taken from now on.
        EXPECT_TRUE(world.store->assets().update(store::Scope::all(), asset.id,
                                                 [](store::Asset& row) -> base::Result<> {
                                                     row.status = store::AssetStatus::ready;
                                                     return {};
                                                 }));
        return asset.id;
    }
    std::filesystem::path path_of(const std::string& id, int number) const {
        return folder / id / (std::to_string(number) + ".mp4");
    }
    store::Asset row(const std::string& id) {
        return world.store->assets().get(store::Scope::all(), id).value_or(store::Asset());
    }
    bool is_archived(const std::string& id) {
        return comes_true([&] { return row(id).place == store::FilePlace::s3; });
    }
    base::Result<media::Content> ask(const std::string& id, const std::string& file) {
        std::atomic<bool> answered = false;
        base::Result<media::Content> content = base::fail(base::ErrorCode::internal, "");
        service->ask({id, file}, [&](base::Result<media::Content> answer) {
            content = std::move(answer);
            answered = true;
        });
        EXPECT_TRUE(comes_true([&] { return answered.load(); }));
        return content;
    }
    // One round of upkeep, which has a thread of its own.
    void keep_up() {
        const std::size_t before = count_lines("nearly full");
        ASSERT_TRUE(comes_true([&] {
            service->tick();
            return count_lines("nearly full") > before;
        }));
    }
    std::size_t count_lines(const std::string& text) {
        const std::lock_guard lock(lines_mutex);
        return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [&](const auto& line) {
            return line.find(text) != std::string::npos;
        }));
    }
};

TEST_F(Archive, MovesEveryFileAndSendsPlayersThere) {
    const std::string id = recording(2);
    begin();
    ASSERT_TRUE(is_archived(id));
    for (const int number : {1, 2}) {
        const store::AssetFile file = row(id).files.at(static_cast<std::size_t>(number - 1));
        EXPECT_EQ(file.place, store::FilePlace::s3);
        EXPECT_EQ(file.object_key, "shows/" + id + "/" + std::to_string(number) + ".mp4");
        EXPECT_EQ(file.checksum, "etag-2");
        EXPECT_EQ(file.upload_id, "");
        EXPECT_TRUE(store.objects.contains(file.object_key));
        EXPECT_FALSE(std::filesystem::exists(path_of(id, number)));
    }
    EXPECT_EQ(store.objects.size(), 2u);
    EXPECT_EQ(service->archived().files, 2u);
    EXPECT_EQ(service->archived().bytes, 200u);
    EXPECT_EQ(ask(id, "1.mp4")->redirect, "https://store.example/shows/" + id + "/1.mp4?valid=600&as=");
    EXPECT_EQ(ask(id, "video.mp4")->redirect, "https://store.example/shows/" + id +
                                                  "/2.mp4?valid=600&as=attachment; filename=\"Tonight.mp4\"; "
                                                  "filename*=UTF-8''Tonight.mp4");
    EXPECT_EQ(ask(id, "3.mp4").error().code, base::ErrorCode::not_found);
}

TEST_F(Archive, LeavesWhatIsNotReady) {
    const std::string ready = recording();
    const std::string running = recording();
    ASSERT_TRUE(
        world.store->assets().update(store::Scope::all(), running, [](store::Asset& asset) -> base::Result<> {
            asset.status = store::AssetStatus::processing;
            return {};
        }));
    begin();
    ASSERT_TRUE(is_archived(ready));
    EXPECT_EQ(row(running).files.at(0).object_key, "");
    EXPECT_TRUE(std::filesystem::exists(path_of(running, 1)));
}

TEST_F(Archive, LosesNothingAndSendsNothingTwiceWhereverItStops) {
    for (const Step step :
         {Step::before_id_is_told, Step::after_id, Step::after_parts, Step::after_complete}) {
        SCOPED_TRACE(static_cast<int>(step));
        store.objects.clear();
        store.uploads.clear();
        store.resumed.clear();
        store.parts_sent = 0;
        store.step = step;
        store.failures = 1;
        const std::string id = recording();
        begin();
        ASSERT_TRUE(comes_true([&] {
            const std::lock_guard lock(store.mutex);
            return store.failures == 0;
        }));
        restart();
        ASSERT_TRUE(is_archived(id));
        service.reset();
        EXPECT_EQ(store.objects.size(), 1u);
        EXPECT_EQ(store.parts_sent, 2) << "each part once";
        EXPECT_EQ(store.resumed.size(), 2u);
        EXPECT_EQ(store.resumed.back().empty(), step == Step::before_id_is_told);
        EXPECT_FALSE(std::filesystem::exists(path_of(id, 1)));
        EXPECT_EQ(row(id).problem, "");
    }
}

TEST_F(Archive, DeletesTheLocalFileThatAStopLeftBehindTheCommit) {
    const std::string id = recording();
    ASSERT_TRUE(world.store->assets().update_file(id, 1, [](store::AssetFile& file) {
        file.place = store::FilePlace::s3;
        file.object_key = "elsewhere/1.mp4";
    }));
    begin();
    ASSERT_TRUE(is_archived(id));
    EXPECT_TRUE(store.resumed.empty()) << "it is there already";
    EXPECT_FALSE(std::filesystem::exists(path_of(id, 1)));
    EXPECT_EQ(ask(id, "1.mp4")->redirect, "https://store.example/elsewhere/1.mp4?valid=600&as=");
}

TEST_F(Archive, KeepsTheLocalFileWhileTheStoreIsAwayAndSaysSoOnce) {
    store.away = true;
    const std::string id = recording();
    const std::string other = recording();
    begin();
    ASSERT_TRUE(comes_true([&] { return service->archived().failures >= 5; }));
    EXPECT_NE(row(id).problem.find("the store does not answer"), std::string::npos) << row(id).problem;
    EXPECT_EQ(count_lines("recordings do not reach the object store"), 1u);
    EXPECT_EQ(std::get<base::FileSlice>(ask(id, "1.mp4")->body).size, 100u);
    store.away = false;
    ASSERT_TRUE(is_archived(id));
    ASSERT_TRUE(is_archived(other));
    EXPECT_EQ(row(id).problem, "");
    EXPECT_EQ(count_lines("reach the object store again"), 1u);
}

TEST_F(Archive, DoesNotBelieveAnObjectOfAnotherSize) {
    store.lies_about_size = 1;
    const std::string id = recording();
    begin();
    ASSERT_TRUE(comes_true([&] { return service->archived().failures >= 2; }));
    EXPECT_TRUE(std::filesystem::exists(path_of(id, 1)));
    EXPECT_EQ(row(id).files.at(0).place, store::FilePlace::local);
}

TEST_F(Archive, SaysOnceThatTheStoreTellsNoChecksum) {
    store.compares = false;
    const std::string id = recording(3);
    begin();
    ASSERT_TRUE(is_archived(id));
    EXPECT_EQ(count_lines("tells no checksum"), 1u);
}

TEST_F(Archive, OneThatCannotBeReadDoesNotKeepTheOthers) {
    const std::string broken = recording();
    std::filesystem::remove(path_of(broken, 1));
    world.clock->advance(1s);
    const std::string id = recording();
    begin();
    EXPECT_TRUE(is_archived(id));
    EXPECT_EQ(row(broken).place, store::FilePlace::local);
}

TEST_F(Archive, RemovesTheObjectsOfWhatIsDeletedHoweverLongTheStoreIsAway) {
    const std::string id = recording(2);
    begin();
    ASSERT_TRUE(is_archived(id));
    store.away = true;
    ASSERT_TRUE(service->remove(owner, id));
    EXPECT_EQ(world.store->assets().object_removals(10)->size(), 2u);
    service.reset();
    lines.clear();
    begin();
    ASSERT_TRUE(comes_true([&] { return service->archived().failures >= 3; }));
    EXPECT_EQ(count_lines("deleted recordings are still in the object store"), 1u);
    EXPECT_EQ(store.objects.size(), 2u);
    store.away = false;
    ASSERT_TRUE(comes_true([&] { return world.store->assets().object_removals(10)->empty(); }));
    EXPECT_TRUE(store.objects.empty());
    EXPECT_TRUE(ask(id, "1.mp4").error().code == base::ErrorCode::not_found);
}

TEST_F(Archive, LeavesNothingOfARecordingThatIsDeletedWhileItIsBrought) {
    const std::string id = recording();
    std::atomic<bool> deleted = false;
    store.on_upload = [&](const std::string&) {
        if (deleted.exchange(true)) return;
        EXPECT_TRUE(world.store->assets().remove(store::Scope::all(), id));
    };
    begin();
    ASSERT_TRUE(comes_true([&] { return deleted && world.store->assets().object_removals(10)->empty(); }));
    service.reset();
    EXPECT_TRUE(store.objects.empty());
    EXPECT_TRUE(store.uploads.empty());
    EXPECT_TRUE(store.stopped);
}

TEST_F(Archive, TellsEveryOwnerAndTheOperatorWhatWaits) {
    store.away = true;
    const std::string id = recording(2);
    const std::string other = recording();
    begin([](RecordingSettings& settings) { settings.archive.remind = 1ms; });
    ASSERT_TRUE(comes_true([&] {
        const ArchiveFigures figures = service->archived();
        return figures.waiting.recordings == 2 && figures.waiting.bytes == 300 && figures.late >= 1s;
    }));
    EXPECT_FALSE(service->archive_is_well());
    ASSERT_TRUE(comes_true([&] { return row(id).problem != "" && row(other).problem != ""; }));
    // A trouble that lasts is told again, with what waits by then.
    ASSERT_TRUE(comes_true(
        [&] { return count_lines("\"waiting_bytes\":300") + count_lines("waiting_bytes=300") > 0; }));
    store.away = false;
    ASSERT_TRUE(is_archived(id) && is_archived(other));
    ASSERT_TRUE(comes_true([&] {
        const ArchiveFigures figures = service->archived();
        return figures.waiting.recordings == 0 && figures.late == 0s;
    }));
    EXPECT_TRUE(service->archive_is_well());
    EXPECT_EQ(row(id).problem + row(other).problem, "");
}

TEST_F(Archive, GoesOnAsSoonAsTheStoreAnswersAgain) {
    store.away = true;
    store.silent = true;
    const std::string id = recording();
    begin([](RecordingSettings& settings) {
        settings.archive.first_delay = settings.archive.longest_delay = 1h;
    });
    ASSERT_TRUE(
        comes_true([&] { return service->archived().failures == 1 && service->archived().away > 0s; }));
    store.away = false;
    store.silent = false;
    EXPECT_TRUE(is_archived(id)) << "not in an hour";
}

TEST_F(Archive, SendsNobodyToAStoreThatDoesNotAnswer) {
    const std::string id = recording();
    begin();
    ASSERT_TRUE(is_archived(id));
    EXPECT_NE(ask(id, "1.mp4")->redirect, "");
    store.silent = true;
    base::Result<media::Content> answer = ask(id, "1.mp4");
    ASSERT_TRUE(comes_true([&] {
        answer = ask(id, "1.mp4");
        return !answer;
    }));
    EXPECT_EQ(answer.error().code, base::ErrorCode::unavailable);
    EXPECT_EQ(answer.error().name, "object_store_away");
    EXPECT_EQ(answer.error().details.count("retryAfter"), 1u);
    EXPECT_FALSE(service->archive_is_well());
    EXPECT_EQ(count_lines("the object store does not answer"), 1u);
    store.silent = false;
    ASSERT_TRUE(comes_true([&] { return ask(id, "1.mp4").has_value(); }));
    EXPECT_TRUE(service->archive_is_well());
    EXPECT_EQ(count_lines("the object store answers again"), 1u);
}

// One answer that is lost is no outage.
TEST_F(Archive, BelievesTheSecondLook) {
    const std::string id = recording();
    begin([](RecordingSettings& settings) { settings.archive.second_look = 1h; });
    ASSERT_TRUE(is_archived(id));
    store.silent = true;
    const auto until = std::chrono::steady_clock::now() + 50ms;
    while (std::chrono::steady_clock::now() < until) EXPECT_TRUE(ask(id, "1.mp4"));
    EXPECT_EQ(service->archived().away, 0s);
}

TEST_F(Archive, NothingWaitsForAnUploadThatHangs) {
    const std::string there = recording();
    begin();
    ASSERT_TRUE(is_archived(there));
    std::promise<void> released;
    std::atomic<bool> hangs = false;
    store.on_upload = [&, held = released.get_future().share()](const std::string&) {
        hangs = true;
        held.wait();
    };
    const std::string here = recording();
    ASSERT_TRUE(comes_true([&] { return hangs.load(); }));
    EXPECT_EQ(std::get<base::FileSlice>(ask(here, "1.mp4")->body).size, 100u);
    EXPECT_NE(ask(there, "1.mp4")->redirect, "");
    EXPECT_TRUE(comes_true([&] { return service->archived().waiting.recordings == 1; }));
    EXPECT_TRUE(service->remove(owner, there));
    EXPECT_TRUE(service->remove(owner, here));
    released.set_value();
}

TEST_F(Archive, WhatTheStoreHasNotGotYetMakesNoRoom) {
    store.away = true;
    const std::string id = recording();
    world.recorder.disk = {.free = 10, .total = 1'000};
    begin([](RecordingSettings& settings) { settings.delete_oldest = true; });
    ASSERT_TRUE(comes_true([&] { return service->archived().waiting.recordings == 1; }));
    keep_up();
    service.reset();  // with it ends its upkeep
    EXPECT_EQ(row(id).id, id);
    EXPECT_TRUE(world.recorder.were_removed().empty());
    EXPECT_EQ(count_lines("is not deleted to make room"), 1u);

    begin([](RecordingSettings& settings) {
        settings.delete_oldest = true;
        settings.delete_unarchived = true;
    });
    keep_up();
    EXPECT_TRUE(comes_true([&] { return row(id).id.empty(); })) << "as it was wanted";
}

TEST_F(Archive, AgeDeletesWhetherTheStoreHasItOrNot) {
    store.away = true;
    const std::string id = recording();
    world.clock->advance(25h);
    begin([](RecordingSettings& settings) { settings.keep_days = 1; });
    EXPECT_TRUE(comes_true([&] {
        service->tick();
        return row(id).id.empty();
    }));
}

}  // namespace
}  // namespace service
