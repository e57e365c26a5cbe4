#include "service/destinations.h"

#include "service/destination_rules.h"
#include "service/testing/world.h"

namespace service {
namespace {

using testing::error_name;
using testing::World;

struct Destinations : ::testing::Test {
    World world;
    Actor owner = world.person();

    NewDestination to(const std::string& platform, const std::string& url = {}) {
        NewDestination wanted{.platform = platform};
        if (!url.empty()) wanted.rtmp_url = url;
        wanted.stream_key = base::Secret("abcd-efgh-ijkl-mnop-1a2b");
        return wanted;
    }
    std::string field(const NewDestination& wanted) {
        const auto refused = world.destinations.create(owner, wanted);
        return refused ? "(no error)" : refused.error().details.at("field");
    }
};

TEST_F(Destinations, take_the_catalogues_url_and_hide_the_key) {
    const auto made = world.destinations.create(owner, to("youtube"));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(made->rtmp_url.starts_with("rtmps://a.rtmps.youtube.com"));
    EXPECT_EQ(made->name, "YouTube");
    EXPECT_EQ(made->stream_key_masked, "••••••••1a2b");
    EXPECT_TRUE(made->not_ready_reason.empty());
    EXPECT_EQ(made->last_status, media::OutputState::unknown);
}

TEST_F(Destinations, keys_are_opaque) {
    NewDestination wanted = to("facebook");
    const std::string key = "123?s_bl=1&s_sw=0%2F/a=b&c==";
    wanted.stream_key = base::Secret(key);
    const auto made = world.destinations.create(owner, wanted);
    ASSERT_TRUE(made) << made.error().message;
    const auto row = world.store->destinations().get(store::Scope::all(), made->id);
    EXPECT_EQ(target_of(*row).output->stream_key.reveal(), key);
    wanted.stream_key = base::Secret(std::string(2048, 'k'));
    EXPECT_TRUE(world.destinations.create(owner, wanted));
    wanted.stream_key = base::Secret(std::string(2049, 'k'));
    EXPECT_EQ(field(wanted), "streamKey");
    wanted.stream_key = base::Secret("abc\ndef");
    EXPECT_EQ(field(wanted), "streamKey");
}

TEST_F(Destinations, instagram_and_tiktok_need_a_bridge_or_their_url) {
    for (const std::string platform : {"instagram", "tiktok"}) {
        EXPECT_EQ(error_name(world.destinations.create(owner, to(platform))), "bridge_required") << platform;
        EXPECT_EQ(field(to(platform, "rtmp://live.example.org/app")), "rtmpUrl") << platform;
        EXPECT_TRUE(world.destinations.create(owner, to(platform, "rtmps://live.example.org/app")))
            << platform;
        NewDestination bridged = to(platform);
        for (const std::string bridge : {"rtmp://bridge.example.org/in", "https://bridge.example.org/in"}) {
            bridged.bridge_proxy_url = bridge;
            const auto made = world.destinations.create(owner, bridged);
            ASSERT_TRUE(made) << made.error().message;
            const auto row = world.store->destinations().get(store::Scope::all(), made->id);
            EXPECT_EQ(target_of(*row).output->url, bridge);
        }
    }
}

TEST_F(Destinations, fields_are_checked) {
    EXPECT_EQ(field(to("myspace")), "platform");
    EXPECT_EQ(field(to("custom")), "rtmpUrl");
    EXPECT_EQ(field(to("custom", "http://example.org/live")), "rtmpUrl");
    EXPECT_EQ(field(to("custom", "not a url")), "rtmpUrl");
    NewDestination wanted = to("youtube");
    wanted.bridge_proxy_url = "ftp://example.org";
    EXPECT_EQ(field(wanted), "bridgeProxyUrl");
    wanted = to("youtube");
    wanted.max_retries = -1;
    EXPECT_EQ(field(wanted), "maxRetries");
    wanted = to("youtube");
    wanted.playback_url = "javascript:alert(1)";
    EXPECT_EQ(field(wanted), "playbackUrl");
}

TEST(DestinationSettingsRanges, hold_at_the_limit_and_not_past_it) {
    const auto fits = [](auto set) {
        DestinationSettings settings;
        set(settings);
        return check_settings(settings).has_value();
    };
    const auto bitrate = [&](int kbps) { return fits([=](auto& s) { s.video_bitrate_kbps = kbps; }); };
    EXPECT_TRUE(bitrate(100) && bitrate(51'000));
    EXPECT_FALSE(bitrate(99) || bitrate(51'001));
    const auto audio = [&](int kbps) { return fits([=](auto& s) { s.audio_bitrate_kbps = kbps; }); };
    EXPECT_TRUE(audio(32) && audio(512));
    EXPECT_FALSE(audio(31) || audio(513));
    const auto size = [&](int width, int height) {
        return fits([=](auto& s) {
            s.width = width;
            s.height = height;
        });
    };
    EXPECT_TRUE(size(128, 128) && size(8192, 8192));
    EXPECT_FALSE(size(126, 128) || size(128, 8194) || size(1281, 720));
    EXPECT_FALSE(fits([](auto& s) { s.width = 1280; }));
    const auto fps = [&](double n) { return fits([=](auto& s) { s.fps = n; }); };
    EXPECT_TRUE(fps(1) && fps(29.97) && fps(120));
    EXPECT_FALSE(fps(0.5) || fps(121));
    const auto keyframes = [&](double s) {
        return fits([=](auto& settings) { settings.keyframe_interval_s = s; });
    };
    EXPECT_TRUE(keyframes(1) && keyframes(10));
    EXPECT_FALSE(keyframes(0.9) || keyframes(10.1));
    EXPECT_TRUE(fits([](auto& s) { s.preset = "veryfast"; }));
    EXPECT_FALSE(fits([](auto& s) { s.preset = "placebo"; }));
}

TEST_F(Destinations, say_why_they_would_be_skipped) {
    NewDestination wanted = to("youtube");
    wanted.stream_key.reset();
    const auto keyless = world.destinations.create(owner, wanted);
    EXPECT_EQ(keyless->not_ready_reason, "It has no stream key.");
    EXPECT_EQ(keyless->stream_key_masked, "");
    wanted = to("youtube");
    wanted.is_active = false;
    EXPECT_EQ(world.destinations.create(owner, wanted)->not_ready_reason, "It is switched off.");
    const auto state = world.destinations.state(owner, keyless->id);
    EXPECT_EQ(state->problem, media::OutputProblem::misconfigured);
}

TEST_F(Destinations, an_update_leaves_what_it_does_not_name) {
    const auto made = world.destinations.create(owner, to("twitch"));
    const auto renamed = world.destinations.update(owner, made->id, {.name = "My Twitch"});
    ASSERT_TRUE(renamed);
    EXPECT_EQ(renamed->name, "My Twitch");
    EXPECT_EQ(renamed->rtmp_url, made->rtmp_url);
    EXPECT_EQ(renamed->stream_key_masked, made->stream_key_masked);
    // Another platform brings its own URL.
    const auto moved = world.destinations.update(owner, made->id, {.platform = "youtube"});
    EXPECT_TRUE(moved->rtmp_url.starts_with("rtmps://a.rtmps.youtube.com"));
    EXPECT_EQ(error_name(world.destinations.update(owner, made->id, {.platform = "instagram"})),
              "bridge_required");
    EXPECT_EQ(world.destinations.find(owner, made->id)->platform, "youtube");
}

TEST_F(Destinations, several_on_one_platform_and_filters) {
    const auto station = world.station(owner);
    ASSERT_TRUE(world.destinations.create(owner, to("youtube")));
    NewDestination second = to("youtube");
    second.station_id = station.id;
    ASSERT_TRUE(world.destinations.create(owner, second));
    ASSERT_TRUE(world.destinations.create(owner, to("twitch")));
    EXPECT_EQ(world.destinations.list(owner, {}, {})->items.size(), 3u);
    EXPECT_EQ(world.destinations.list(owner, {.station_id = {}, .platform = "youtube"}, {})->items.size(),
              2u);
    EXPECT_EQ(world.destinations.list(owner, {.station_id = station.id, .platform = {}}, {})->items.size(),
              1u);
}

TEST_F(Destinations, a_test_tells_the_step_that_failed) {
    const auto made = world.destinations.create(owner, to("custom", "rtmp://media.example.org/live"));
    world.outputs.report = {false,
                            {{"dns", true, 3, ""}, {"tcp", false, 5, "connection refused"}},
                            media::OutputProblem::connection_refused};
    const auto test = world.destinations.test_connection(owner, made->id);
    ASSERT_TRUE(test);
    EXPECT_FALSE(test->ok);
    EXPECT_EQ(test->failed_step, "tcp");
    EXPECT_EQ(test->message, "connection refused");
    EXPECT_EQ(world.outputs.tested.size(), 1u);
}

TEST_F(Destinations, tests_are_no_port_scanner) {
    const auto made = world.destinations.create(owner, to("custom", "rtmp://media.example.org/live"));
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(world.destinations.test_connection(owner, made->id));
    EXPECT_EQ(error_name(world.destinations.test_connection(owner, made->id)), "rate_limited");
}

TEST_F(Destinations, what_cannot_be_tried_is_not_dialled) {
    NewDestination wanted = to("youtube");
    wanted.stream_key.reset();
    const auto made = world.destinations.create(owner, wanted);
    const auto test = world.destinations.test_connection(owner, made->id);
    EXPECT_EQ(test->failed_step, "settings");
    EXPECT_TRUE(world.outputs.tested.empty());
}

}  // namespace
}  // namespace service
