#include "store/store_test.h"

namespace store {
namespace {

template <class Record>
std::vector<std::string> ids_of(const std::vector<Record>& records) {
    std::vector<std::string> ids;
    for (const Record& record : records) ids.push_back(record.id);
    return ids;
}

class Stations : public StoreTest {};
EVERYCAST_BOTH_DATABASES(Stations);

TEST_P(Stations, KeepEverythingAndAreFoundEveryWay) {
    Station station = make_station(add_user().id);
    station.slug = "Night-Radio";
    ASSERT_TRUE(store().stations().add(station));
    const auto expect_same = [&](const Station& read) {
        EXPECT_EQ(read.id, station.id);
        EXPECT_EQ(read.owner_id, station.owner_id);
        EXPECT_EQ(read.slug, "night-radio");
        EXPECT_EQ(read.name, station.name);
        EXPECT_EQ(read.description, station.description);
        EXPECT_EQ(read.artwork_url, station.artwork_url);
        EXPECT_TRUE(read.stream_key == station.stream_key);
        EXPECT_EQ(read.playback_id, station.playback_id);
        EXPECT_EQ(read.created_at, station.created_at);
    };
    expect_same(store().stations().get(Scope::all(), station.id).value());
    expect_same(store().stations().get_by_id_or_slug(Scope::all(), station.id).value());
    expect_same(store().stations().get_by_id_or_slug(Scope::all(), "NIGHT-radio").value());
    expect_same(store().stations().find_by_stream_key(station.stream_key).value().value());
    expect_same(store().stations().find_by_playback_id(station.playback_id).value().value());
    EXPECT_FALSE(store().stations().find_by_stream_key(base::Secret(std::string(32, '0'))).value());
    EXPECT_FALSE(store().stations().find_by_playback_id(station.id).value());
    EXPECT_EQ(store().stations().get_by_id_or_slug(Scope::all(), "none").error().name, "station_not_found");
}

TEST_P(Stations, HaveOneSlugEach) {
    const User user = add_user();
    const Station first = add_station(user.id);
    Station second = make_station(user.id);
    second.slug = first.slug;
    for (char& c : second.slug) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto added = store().stations().add(second);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, base::ErrorCode::conflict);
    EXPECT_EQ(added.error().details.at("field"), "slug");
    EXPECT_EQ(store().stations().get_by_id_or_slug(Scope::all(), first.slug).value().id, first.id);
}

TEST_P(Stations, AreTheirOwnersOnly) {
    const User owner = add_user();
    const User other = add_user();
    const Station station = add_station(owner.id);
    const Scope foreign = Scope::of(other.id);
    const auto touch = [](Station& edited) -> base::Result<> {
        edited.name = "Taken over";
        return {};
    };
    EXPECT_EQ(store().stations().get(foreign, station.id).error().code, base::ErrorCode::not_found);
    EXPECT_EQ(store().stations().get_by_id_or_slug(foreign, station.slug).error().code,
              base::ErrorCode::not_found);
    EXPECT_EQ(store().stations().update(foreign, station.id, touch).error().code, base::ErrorCode::not_found);
    EXPECT_EQ(store().stations().remove(foreign, station.id).error().code, base::ErrorCode::not_found);
    EXPECT_TRUE(store().stations().list(foreign, {}).value().items.empty());
    EXPECT_EQ(store().stations().list(Scope::of(owner.id), {}).value().items.size(), 1u);
    EXPECT_EQ(store().stations().list(Scope::all(), {}).value().items.size(), 1u);
    EXPECT_EQ(store().stations().get(Scope::of(owner.id), station.id).value().name, station.name);
}

TEST_P(Stations, RotateTheirKey) {
    const Station station = add_station(add_user().id);
    const base::Secret fresh(base::random_hex(32));
    ASSERT_TRUE(store().stations().update(Scope::all(), station.id, [&](Station& edited) -> base::Result<> {
        edited.stream_key = fresh;
        edited.owner_id = "us_thief";
        return {};
    }));
    EXPECT_FALSE(store().stations().find_by_stream_key(station.stream_key).value());
    const Station read = store().stations().find_by_stream_key(fresh).value().value();
    EXPECT_TRUE(read.stream_key == fresh);
    EXPECT_EQ(read.owner_id, station.owner_id);
}

TEST_P(Stations, LeaveWhatHangsOnThem) {
    const User user = add_user();
    const Station station = add_station(user.id);
    Livestream livestream = make_livestream(user.id);
    livestream.station_id = station.id;
    add_livestream(livestream);
    Destination destination = make_destination(user.id);
    destination.station_id = station.id;
    ASSERT_TRUE(store().destinations().add(destination));
    Broadcast broadcast = make_broadcast(user.id, station.id);
    broadcast.station_id = station.id;
    ASSERT_TRUE(store().broadcasts().add(broadcast));

    EXPECT_EQ(store().stations().remove(Scope::all(), station.id).error().name, "broadcast_active");
    ASSERT_TRUE(
        store().broadcasts().update(Scope::all(), broadcast.id, [](Broadcast& edited) -> base::Result<> {
            edited.status = BroadcastStatus::ended;
            return {};
        }));
    ASSERT_TRUE(store().stations().remove(Scope::of(user.id), station.id));
    EXPECT_FALSE(store().livestreams().get(Scope::all(), livestream.id).value().station_id);
    EXPECT_FALSE(store().destinations().get(Scope::all(), destination.id).value().station_id);
    EXPECT_EQ(store().broadcasts().get(Scope::all(), broadcast.id).value().title, "Tonight");
}

TEST_P(Stations, NeedAnOwner) {
    const auto added = store().stations().add(make_station("us_nobody"));
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, base::ErrorCode::invalid_argument);
}

class Destinations : public StoreTest {};
EVERYCAST_BOTH_DATABASES(Destinations);

TEST_P(Destinations, KeepEverything) {
    const User user = add_user();
    Destination destination = make_destination(user.id, "instagram");
    destination.station_id = add_station(user.id).id;
    destination.stream_key = base::Secret("abc?d=1&e=f/g%20h");
    destination.bridge_proxy_url = "https://bridge.example.com/in?token=t";
    destination.is_active = false;
    destination.settings.mode = EncodeMode::transcode;
    destination.settings.video_bitrate_kbps = 4500;
    destination.settings.width = 1280;
    destination.settings.fps = 29.97;
    destination.settings.preset = "veryfast";
    destination.max_retries = 7;
    destination.playback_url = "https://example.com/watch";
    destination.platform_stream_id = "abc123";
    ASSERT_TRUE(store().destinations().add(destination));

    const Destination read = store().destinations().get(Scope::of(user.id), destination.id).value();
    EXPECT_EQ(read.station_id, destination.station_id);
    EXPECT_EQ(read.platform, "instagram");
    EXPECT_EQ(read.rtmp_url, destination.rtmp_url);
    EXPECT_TRUE(read.stream_key == destination.stream_key);
    EXPECT_EQ(read.bridge_proxy_url, destination.bridge_proxy_url);
    EXPECT_FALSE(read.is_active);
    EXPECT_EQ(read.settings, destination.settings);
    EXPECT_EQ(read.max_retries, 7);
    EXPECT_EQ(read.playback_url, destination.playback_url);
    EXPECT_EQ(read.platform_stream_id, "abc123");
    EXPECT_EQ(read.last_status, "unknown");
    EXPECT_FALSE(read.last_connected_at);
}

TEST_P(Destinations, KeyMayBeEmpty) {
    Destination destination = make_destination(add_user().id);
    destination.stream_key = {};
    ASSERT_TRUE(store().destinations().add(destination));
    EXPECT_TRUE(store().destinations().get(Scope::all(), destination.id).value().stream_key.empty());
}

TEST_P(Destinations, AreTheirOwnersOnly) {
    const User owner = add_user();
    const Scope foreign = Scope::of(add_user().id);
    const Destination destination = add_destination(owner.id);
    const auto touch = [](Destination&) -> base::Result<> { return {}; };
    EXPECT_EQ(store().destinations().get(foreign, destination.id).error().name, "destination_not_found");
    EXPECT_FALSE(store().destinations().update(foreign, destination.id, touch));
    EXPECT_FALSE(store().destinations().remove(foreign, destination.id));
    EXPECT_TRUE(store().destinations().list(foreign, {}, {}).value().items.empty());
    EXPECT_EQ(store().destinations().count(foreign).value(), 0);
    EXPECT_EQ(store().destinations().count(Scope::of(owner.id)).value(), 1);
    EXPECT_TRUE(store().destinations().get_many(foreign, {destination.id}).value().empty());
    EXPECT_TRUE(store().destinations().get(Scope::of(owner.id), destination.id));
}

TEST_P(Destinations, AreFilteredAndFetchedInOrder) {
    const User user = add_user();
    const Station station = add_station(user.id);
    const Destination first = add_destination(user.id, "twitch");
    const Destination second = add_destination(user.id, "youtube");
    Destination third = make_destination(user.id, "twitch");
    third.station_id = station.id;
    third.is_active = false;
    ASSERT_TRUE(store().destinations().add(third));
    const auto list = [&](const DestinationFilter& filter) {
        return ids_of(store().destinations().list(Scope::of(user.id), filter, {}).value().items);
    };
    using Ids = std::vector<std::string>;
    EXPECT_EQ(list({}), (Ids{third.id, second.id, first.id}));
    EXPECT_EQ(list({.station_id = {}, .platform = "twitch", .is_active = {}}), (Ids{third.id, first.id}));
    EXPECT_EQ(list({.station_id = station.id, .platform = {}, .is_active = {}}), (Ids{third.id}));
    EXPECT_EQ(list({.station_id = {}, .platform = "twitch", .is_active = true}), (Ids{first.id}));
    EXPECT_EQ(ids_of(store()
                         .destinations()
                         .get_many(Scope::all(), {second.id, "de_none", third.id, second.id, first.id})
                         .value()),
              (Ids{second.id, third.id, first.id}));
    EXPECT_TRUE(store().destinations().get_many(Scope::all(), {}).value().empty());
}

TEST_P(Destinations, StatusIsTheEnginesAlone) {
    const Destination destination = add_destination(add_user().id);
    const base::WallTime at = next_time();
    ASSERT_TRUE(store().destinations().record_status(destination.id, {"connected", "", at, 0}));
    ASSERT_TRUE(store().destinations().record_status(destination.id, {"error", "connection reset", {}, 3}));
    const Destination read = store()
                                 .destinations()
                                 .update(Scope::all(), destination.id,
                                         [](Destination& edited) -> base::Result<> {
                                             edited.last_status = "connected";
                                             edited.retry_count = 0;
                                             edited.name = "Renamed";
                                             return {};
                                         })
                                 .value();
    EXPECT_EQ(read.last_status, "error");
    EXPECT_EQ(read.last_error, "connection reset");
    EXPECT_EQ(read.last_connected_at, at) << "a later failure keeps when it last worked";
    EXPECT_EQ(read.retry_count, 3);
    EXPECT_EQ(store().destinations().get(Scope::all(), destination.id).value().last_status, "error");
    EXPECT_TRUE(store().destinations().record_status("de_deleted_meanwhile", {}));
}

TEST_P(Destinations, LeaveHistoryBehind) {
    const User user = add_user();
    const Destination destination = add_destination(user.id);
    Profile profile;
    profile.id = "pr_1";
    profile.owner_id = user.id;
    profile.entries = {{destination.id, {}}};
    ASSERT_TRUE(store().profiles().add(profile));
    Livestream livestream = make_livestream(user.id);
    livestream.destination_ids = {destination.id};
    add_livestream(livestream);
    Broadcast broadcast = make_broadcast(user.id, livestream.id);
    broadcast.destinations = {part_of(destination)};
    ASSERT_TRUE(store().broadcasts().add(broadcast));

    ASSERT_TRUE(store().destinations().remove(Scope::of(user.id), destination.id));
    EXPECT_TRUE(store().profiles().get(Scope::all(), "pr_1").value().entries.empty());
    EXPECT_TRUE(store().livestreams().get(Scope::all(), livestream.id).value().destination_ids.empty());
    const Broadcast read = store().broadcasts().get(Scope::all(), broadcast.id).value();
    ASSERT_EQ(read.destinations.size(), 1u);
    EXPECT_EQ(read.destinations[0].name, destination.name);
    EXPECT_EQ(read.destinations[0].platform, "youtube");
}

class Profiles : public StoreTest {
  protected:
    Profile make_profile(const std::string& owner_id, const std::vector<ProfileEntry>& entries = {}) {
        Profile profile;
        profile.id = base::random_id("pr_");
        profile.owner_id = owner_id;
        profile.name = "Everything";
        profile.entries = entries;
        profile.created_at = profile.updated_at = next_time();
        return profile;
    }
};
EVERYCAST_BOTH_DATABASES(Profiles);

TEST_P(Profiles, KeepTheirDestinationsInOrder) {
    const User user = add_user();
    const Destination a = add_destination(user.id);
    const Destination b = add_destination(user.id);
    EncodeSettings settings;
    settings.mode = EncodeMode::transcode;
    settings.keyframe_interval_s = 2.0;
    Profile profile = make_profile(user.id, {{b.id, settings}, {a.id, {}}});
    profile.description = "Friday";
    profile.recording_enabled = true;
    profile.station_id = add_station(user.id).id;
    ASSERT_TRUE(store().profiles().add(profile));
    Profile read = store().profiles().get(Scope::of(user.id), profile.id).value();
    EXPECT_EQ(read.entries, profile.entries);
    EXPECT_EQ(read.description, "Friday");
    EXPECT_TRUE(read.recording_enabled);
    EXPECT_EQ(read.station_id, profile.station_id);

    const Profile changed = store()
                                .profiles()
                                .update(Scope::of(user.id), profile.id,
                                        [&](Profile& edited) -> base::Result<> {
                                            edited.entries = {{a.id, settings}};
                                            return {};
                                        })
                                .value();
    EXPECT_EQ(changed.entries.size(), 1u);
    const auto listed = store().profiles().list(Scope::of(user.id), {}, {}).value();
    ASSERT_EQ(listed.items.size(), 1u);
    EXPECT_EQ(listed.items[0].entries, changed.entries);
    EXPECT_TRUE(store().profiles().list(Scope::all(), {.station_id = "st_none"}, {}).value().items.empty());
    ASSERT_TRUE(store().profiles().remove(Scope::of(user.id), profile.id));
    EXPECT_EQ(count("profile_destinations"), 0);
}

TEST_P(Profiles, TakeOnlyDestinationsOfTheirOwner) {
    const User user = add_user();
    const Destination own = add_destination(user.id);
    const Destination foreign = add_destination(add_user().id);
    for (const std::vector<ProfileEntry>& entries :
         {std::vector<ProfileEntry>{{own.id, {}}, {foreign.id, {}}},
          std::vector<ProfileEntry>{{"de_none", {}}},
          std::vector<ProfileEntry>{{own.id, {}}, {own.id, {}}}}) {
        const auto added = store().profiles().add(make_profile(user.id, entries));
        ASSERT_FALSE(added);
        EXPECT_EQ(added.error().code, base::ErrorCode::invalid_argument);
        EXPECT_EQ(added.error().details.at("field"), "destinationIds");
    }
    EXPECT_EQ(count("profiles"), 0);
}

TEST_P(Profiles, HaveOneDefault) {
    const User user = add_user();
    Profile first = make_profile(user.id);
    first.is_default = true;
    Profile second = make_profile(user.id);
    second.is_default = true;
    Profile elsewhere = make_profile(user.id);
    elsewhere.is_default = true;
    elsewhere.station_id = add_station(user.id).id;
    for (const Profile& profile : {first, elsewhere, second}) ASSERT_TRUE(store().profiles().add(profile));
    const auto is_default = [&](const Profile& profile) {
        return store().profiles().get(Scope::all(), profile.id).value().is_default;
    };
    EXPECT_FALSE(is_default(first));
    EXPECT_TRUE(is_default(second));
    EXPECT_TRUE(is_default(elsewhere));
}

TEST_P(Profiles, AreTheirOwnersOnly) {
    const Profile profile = make_profile(add_user().id);
    ASSERT_TRUE(store().profiles().add(profile));
    const Scope foreign = Scope::of(add_user().id);
    EXPECT_EQ(store().profiles().get(foreign, profile.id).error().name, "profile_not_found");
    EXPECT_FALSE(
        store().profiles().update(foreign, profile.id, [](Profile&) -> base::Result<> { return {}; }));
    EXPECT_FALSE(store().profiles().remove(foreign, profile.id));
    EXPECT_TRUE(store().profiles().list(foreign, {}, {}).value().items.empty());
}

}  // namespace
}  // namespace store
