#include <algorithm>
#include <atomic>
#include <thread>

#include "store/store_test.h"

namespace store {
namespace {

using std::chrono::hours;
using Ids = std::vector<std::string>;

class Assets : public StoreTest {
  protected:
    Asset make_asset(const std::string& owner_id) {
        Asset asset;
        asset.id = base::random_id("as_");
        asset.owner_id = owner_id;
        asset.title = "Tonight";
        asset.recorded_at = asset.created_at = asset.updated_at = next_time();
        return asset;
    }
    Asset add_asset(const std::string& owner_id, AssetStatus status = AssetStatus::ready,
                    Visibility visibility = Visibility::open) {
        Asset asset = make_asset(owner_id);
        asset.status = status;
        asset.visibility = visibility;
        const auto added = store().assets().add(asset);
        EXPECT_TRUE(added) << added.error().message;
        return asset;
    }
    AssetFile make_file(const std::string& asset_id, std::int64_t number) {
        AssetFile file;
        file.asset_id = asset_id;
        file.number = number;
        file.size_bytes = 6'000'000'000;
        file.init_size = 1'200;
        file.duration_ms = 36'000'000;
        file.width = 1920;
        file.height = 1080;
        file.codecs = "avc1.640029,mp4a.40.2";
        file.started_at = next_time();
        return file;
    }
    Ids list(const Scope& scope, const AssetFilter& filter = {}) {
        Ids ids;
        PageRequest page{.limit = 2, .cursor = {}};
        do {
            const auto part = store().assets().list(scope, filter, page);
            EXPECT_TRUE(part) << part.error().message;
            for (const Asset& asset : part->items) ids.push_back(asset.id);
            page.cursor = part->next_cursor;
        } while (!page.cursor.empty());
        return ids;
    }
};
EVERYCAST_BOTH_DATABASES(Assets);

TEST_P(Assets, KeepEverything) {
    const User user = add_user();
    Broadcast broadcast = make_broadcast(user.id, "st_1");
    ASSERT_TRUE(store().broadcasts().add(broadcast));
    Asset asset = make_asset(user.id);
    asset.station_id = add_station(user.id).id;
    asset.livestream_id = add_livestream(make_livestream(user.id)).id;
    asset.broadcast_id = broadcast.id;
    asset.title = R"("><script>alert(1)</script>'; DROP TABLE assets; --)";
    asset.description = "Zeile\nzwei";
    asset.visibility = Visibility::closed;
    asset.status = AssetStatus::failed;
    asset.problem = "The disk is full.";
    asset.place = FilePlace::s3;
    ASSERT_TRUE(store().assets().add(asset));
    AssetFile second = make_file(asset.id, 2);
    second.complete = true;
    second.checksum = "sha256:ab";
    second.place = FilePlace::s3;
    const AssetFile first = make_file(asset.id, 1);
    ASSERT_TRUE(store().assets().put_file(second));
    ASSERT_TRUE(store().assets().put_file(first));

    reopen();
    const Asset read = store().assets().get(Scope::of(user.id), asset.id).value();
    EXPECT_EQ(read.station_id, asset.station_id);
    EXPECT_EQ(read.livestream_id, asset.livestream_id);
    EXPECT_EQ(read.broadcast_id, asset.broadcast_id);
    EXPECT_EQ(read.title, asset.title);
    EXPECT_EQ(read.description, asset.description);
    EXPECT_EQ(read.visibility, Visibility::closed);
    EXPECT_EQ(read.status, AssetStatus::failed);
    EXPECT_EQ(read.problem, asset.problem);
    EXPECT_EQ(read.place, FilePlace::s3);
    EXPECT_EQ(read.recorded_at, asset.recorded_at);
    EXPECT_EQ(read.created_at, asset.created_at);
    EXPECT_EQ(read.duration_ms, 72'000'000);
    EXPECT_EQ(read.size_bytes, 12'000'000'000);
    ASSERT_EQ(read.files.size(), 2u);
    EXPECT_EQ(read.files[0], first);
    EXPECT_EQ(read.files[1], second);
}

TEST_P(Assets, AFileThatGrowsIsOneFile) {
    const Asset asset = add_asset(add_user().id);
    AssetFile file = make_file(asset.id, 1);
    ASSERT_TRUE(store().assets().put_file(file));
    file.size_bytes = 7'000'000'000;
    file.duration_ms += 2'000;
    file.complete = true;
    ASSERT_TRUE(store().assets().put_file(file));
    const Asset read = store().assets().get(Scope::all(), asset.id).value();
    EXPECT_EQ(read.files, std::vector<AssetFile>{file});
    EXPECT_EQ(read.size_bytes, file.size_bytes);
    EXPECT_EQ(read.duration_ms, file.duration_ms);
    file.asset_id = "as_none";
    EXPECT_EQ(store().assets().put_file(file).error().name, "asset_not_found");
}

TEST_P(Assets, AFileThatWentToTheObjectStoreStaysThere) {
    const User user = add_user();
    const Asset asset = add_asset(user.id);
    const Asset recording = add_asset(user.id, AssetStatus::recording);
    const AssetFile file = make_file(asset.id, 1);
    ASSERT_TRUE(store().assets().put_file(file));
    const auto waiting = store().assets().to_archive(10).value();
    ASSERT_EQ(waiting.size(), 1u);
    EXPECT_EQ(waiting[0].id, asset.id);
    EXPECT_EQ(waiting[0].files, std::vector<AssetFile>{file});
    EXPECT_EQ(store().assets().count_to_archive()->recordings, 1);
    EXPECT_EQ(store().assets().count_to_archive()->bytes, file.size_bytes);

    const auto archive = [&](AssetFile& one) {
        one.checksum = "abc-2";
        one.place = FilePlace::s3;
        one.object_key = "shows/1.mp4";
        one.upload_id = "up-1";
        one.size_bytes = 1;  // not this one's to write
    };
    ASSERT_TRUE(store().assets().update_file(asset.id, 1, archive));
    EXPECT_EQ(store().assets().update_file(asset.id, 2, archive).error().name, "asset_not_found");
    // What the engine told late.
    ASSERT_TRUE(store().assets().put_file(file));
    reopen();
    const AssetFile read = store().assets().get(Scope::all(), asset.id)->files.at(0);
    EXPECT_EQ(read.checksum, "abc-2");
    EXPECT_EQ(read.place, FilePlace::s3);
    EXPECT_EQ(read.object_key, "shows/1.mp4");
    EXPECT_EQ(read.upload_id, "up-1");
    EXPECT_EQ(read.size_bytes, file.size_bytes);

    EXPECT_EQ(store().assets().oldest_finished(next_time(), 10, true)->size(), 1u);
    ASSERT_TRUE(store().assets().update(Scope::all(), asset.id, [](Asset& row) -> base::Result<> {
        row.place = FilePlace::s3;
        return {};
    }));
    EXPECT_TRUE(store().assets().to_archive(10)->empty());
    EXPECT_EQ(store().assets().count_to_archive()->recordings, 0);
    EXPECT_EQ(store().assets().count_to_archive()->bytes, 0);
    EXPECT_TRUE(store().assets().oldest_finished(next_time(), 10, true)->empty());
    EXPECT_EQ(store().assets().oldest_finished(next_time(), 10)->size(), 1u);
}

TEST_P(Assets, LeaveTheirObjectsToBeRemoved) {
    const User user = add_user();
    const User other = add_user();
    const auto with_object = [&](const User& owner, const std::string& key) {
        const Asset asset = add_asset(owner.id);
        EXPECT_TRUE(store().assets().put_file(make_file(asset.id, 1)));
        EXPECT_TRUE(store().assets().put_file(make_file(asset.id, 2)));
        EXPECT_TRUE(store().assets().update_file(asset.id, 2, [&](AssetFile& file) {
            file.object_key = key;
            file.upload_id = "up";
        }));
        return asset.id;
    };
    const std::string first = with_object(user, "a");
    with_object(user, "b");
    with_object(other, "c");
    EXPECT_FALSE(store().assets().remove(Scope::of(other.id), first));
    EXPECT_TRUE(store().assets().object_removals(10)->empty());
    ASSERT_TRUE(store().assets().remove(Scope::of(user.id), first));
    EXPECT_EQ(store().assets().object_removals(10).value(), (std::vector<ObjectRemoval>{{"a", "up"}}));
    // With their owner, too.
    ASSERT_TRUE(store().users().remove(user.id));
    reopen();
    EXPECT_EQ(store().assets().object_removals(10)->size(), 2u);
    ASSERT_TRUE(store().assets().object_removed("a"));
    ASSERT_TRUE(store().assets().object_removed("a"));
    EXPECT_EQ(store().assets().object_removals(10).value(), (std::vector<ObjectRemoval>{{"b", "up"}}));
}

TEST_P(Assets, AreListedTheLatestFirstInPages) {
    const User user = add_user();
    Ids expected;
    for (int i = 0; i < 5; ++i) expected.insert(expected.begin(), add_asset(user.id).id);
    EXPECT_EQ(list(Scope::of(user.id)), expected);
    EXPECT_EQ(list(Scope::all()), expected);
}

TEST_P(Assets, AreSeenByWhomTheyAreFor) {
    const User owner = add_user();
    const User other = add_user();
    Ids of_owner;
    for (const Visibility visibility : {Visibility::open, Visibility::closed})
        for (const AssetStatus status :
             {AssetStatus::recording, AssetStatus::processing, AssetStatus::ready, AssetStatus::failed})
            of_owner.insert(of_owner.begin(), add_asset(owner.id, status, visibility).id);
    // Public and ready: the sixth from the end.
    const std::string open = of_owner[5];
    const std::string own = add_asset(other.id, AssetStatus::recording, Visibility::closed).id;

    const AssetFilter and_public{.and_public = true};
    EXPECT_EQ(list(Scope::of(owner.id), and_public), of_owner);
    EXPECT_EQ(list(Scope::of(other.id), and_public), (Ids{own, open}));
    EXPECT_EQ(list(Scope::of(""), and_public), Ids{open});
    EXPECT_EQ(list(Scope::of("")), Ids{});
    EXPECT_EQ(list(Scope::of(other.id)), Ids{own});
    EXPECT_EQ(list(Scope::all(), and_public).size(), 9u);
}

TEST_P(Assets, AreFilteredByStationSessionAndStatus) {
    const User user = add_user();
    Broadcast broadcast = make_broadcast(user.id, "st_1");
    ASSERT_TRUE(store().broadcasts().add(broadcast));
    Asset asset = make_asset(user.id);
    asset.station_id = add_station(user.id).id;
    asset.broadcast_id = broadcast.id;
    ASSERT_TRUE(store().assets().add(asset));
    add_asset(user.id);
    EXPECT_EQ(list(Scope::all(), {.station_id = asset.station_id}), Ids{asset.id});
    EXPECT_EQ(list(Scope::all(), {.station_id = "st_none"}), Ids{});
    EXPECT_EQ(list(Scope::all(), {.broadcast_id = broadcast.id}), Ids{asset.id});
    EXPECT_EQ(list(Scope::all(), {.status = AssetStatus::recording}), Ids{asset.id});
    EXPECT_EQ(list(Scope::of(""), {.station_id = asset.station_id, .and_public = true}), Ids{});
}

TEST_P(Assets, OutliveTheStationTheShowAndTheSession) {
    const User user = add_user();
    const Station station = add_station(user.id);
    const Livestream livestream = add_livestream(make_livestream(user.id));
    Asset asset = make_asset(user.id);
    asset.station_id = station.id;
    asset.livestream_id = livestream.id;
    ASSERT_TRUE(store().assets().add(asset));
    ASSERT_TRUE(store().stations().remove(Scope::all(), station.id));
    ASSERT_TRUE(store().livestreams().remove(Scope::all(), livestream.id));
    const Asset read = store().assets().get(Scope::all(), asset.id).value();
    EXPECT_FALSE(read.station_id);
    EXPECT_FALSE(read.livestream_id);
}

TEST_P(Assets, ThatAreUnfinishedAreTakenUpAgain) {
    const User user = add_user();
    const std::string recording = add_asset(user.id, AssetStatus::recording).id;
    add_asset(user.id, AssetStatus::ready);
    const std::string processing = add_asset(add_user().id, AssetStatus::processing).id;
    add_asset(user.id, AssetStatus::failed);
    Ids found;
    const auto unfinished = store().assets().unfinished().value();
    for (const Asset& asset : unfinished) found.push_back(asset.id);
    EXPECT_EQ(found, (Ids{recording, processing}));
}

TEST_P(Assets, TheOldestThatAreOverComeFirst) {
    const User user = add_user();
    const std::string first = add_asset(user.id, AssetStatus::failed).id;
    add_asset(user.id, AssetStatus::recording);
    const std::string second = add_asset(user.id).id;
    clock_->advance(hours(1));
    const base::WallTime before = clock_->wall();
    const std::string young = add_asset(user.id).id;
    const auto ids = [&](base::WallTime until, int limit) {
        Ids found;
        const auto oldest = store().assets().oldest_finished(until, limit).value();
        for (const Asset& asset : oldest) found.push_back(asset.id);
        return found;
    };
    EXPECT_EQ(ids(before, 10), (Ids{first, second}));
    EXPECT_EQ(ids(before, 1), Ids{first});
    EXPECT_EQ(ids(clock_->wall() + hours(1), 10), (Ids{first, second, young}));
}

TEST_P(Assets, OfIdsThoseThatAreThere) {
    const std::string id = add_asset(add_user().id).id;
    EXPECT_EQ(store().assets().known({"as_none", id}).value(), Ids{id});
    EXPECT_EQ(store().assets().known({}).value(), Ids{});
}

TEST_P(Assets, ChangeAndKeepWhatIsNotToChange) {
    const User user = add_user();
    const Asset asset = add_asset(user.id, AssetStatus::recording);
    ASSERT_TRUE(store().assets().put_file(make_file(asset.id, 1)));
    const auto changed =
        store().assets().update(Scope::of(user.id), asset.id, [](Asset& row) -> base::Result<> {
            row.title = "Another";
            row.status = AssetStatus::ready;
            row.owner_id = "us_thief";
            row.size_bytes = 1;
            row.files.clear();
            return {};
        });
    ASSERT_TRUE(changed) << changed.error().message;
    const Asset read = store().assets().get(Scope::all(), asset.id).value();
    EXPECT_EQ(read.title, "Another");
    EXPECT_EQ(read.status, AssetStatus::ready);
    EXPECT_EQ(read.owner_id, user.id);
    EXPECT_EQ(read.size_bytes, 6'000'000'000);
    EXPECT_EQ(read.files.size(), 1u);
}

TEST_P(Assets, SumsHoldWhenFilesAreWrittenAtOnce) {
    const Asset asset = add_asset(add_user().id);
    std::vector<AssetFile> files;
    for (int i = 1; i <= 6; ++i) files.push_back(make_file(asset.id, i));
    {
        std::vector<std::jthread> writers;
        for (const AssetFile& file : files)
            writers.emplace_back([&] {
                const auto written = store().assets().put_file(file);
                EXPECT_TRUE(written) << written.error().message;
            });
    }
    EXPECT_EQ(store().assets().get(Scope::all(), asset.id).value().size_bytes, 36'000'000'000);
}

TEST_P(Assets, AreTheirOwnersOnly) {
    const User user = add_user();
    const Asset asset = add_asset(user.id);
    ASSERT_TRUE(store().assets().put_file(make_file(asset.id, 1)));
    const Scope foreign = Scope::of(add_user().id);
    EXPECT_EQ(store().assets().get(foreign, asset.id).error().name, "asset_not_found");
    EXPECT_FALSE(store().assets().update(foreign, asset.id, [](Asset&) -> base::Result<> { return {}; }));
    EXPECT_FALSE(store().assets().remove(foreign, asset.id));
    EXPECT_EQ(count("asset_files"), 1);
    ASSERT_TRUE(store().assets().remove(Scope::of(user.id), asset.id));
    EXPECT_EQ(count("assets"), 0);
    EXPECT_EQ(count("asset_files"), 0);
}

}  // namespace
}  // namespace store
