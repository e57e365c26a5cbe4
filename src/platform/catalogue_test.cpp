#include "platform/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/advice.h"

namespace platform {
namespace {

const Platform& the(std::string_view id) {
    const Platform* platform = find(id);
    EXPECT_NE(platform, nullptr) << id;
    return *platform;
}

TEST(Catalogue, knows_the_platforms_of_the_contract_in_order) {
    std::vector<std::string_view> ids;
    for (const Platform& platform : catalogue()) ids.push_back(platform.id);
    EXPECT_THAT(ids, testing::ElementsAre("youtube", "twitch", "facebook", "kick", "linkedin", "instagram",
                                          "tiktok", "x", "trovo", "cloudflare", "custom"));
    EXPECT_EQ(find("youtube"), &catalogue()[0]);
    EXPECT_EQ(find("YouTube"), nullptr);
    EXPECT_EQ(find(""), nullptr);
}

TEST(Catalogue, is_whole) {
    for (const Platform& platform : catalogue()) {
        SCOPED_TRACE(platform.id);
        EXPECT_FALSE(platform.name.empty());
        EXPECT_FALSE(platform.advice.empty());
        EXPECT_FALSE(platform.key.description.empty());
        EXPECT_FALSE(platform.key.placeholder.empty());
        EXPECT_FALSE(platform.key_help.empty());
        EXPECT_NE(platform.key.looks_right, nullptr);
        EXPECT_FALSE(platform.preset.encoder_preset.empty());
        EXPECT_GT(platform.preset.keyframe_interval_s, 0);
        EXPECT_TRUE(platform.url_placeholder.starts_with("rtmp"));
        bool plain_seen = false;
        for (const IngestUrl& ingest : platform.ingest_urls) {
            EXPECT_FALSE(ingest.label.empty());
            const bool encrypted = ingest.url.starts_with("rtmps://");
            EXPECT_TRUE(encrypted || ingest.url.starts_with("rtmp://")) << ingest.url;
            EXPECT_FALSE(encrypted && plain_seen) << "encrypted URLs come first";
            EXPECT_EQ(encrypted, ingest.label.find("ncrypted") != std::string_view::npos) << ingest.url;
            plain_seen = plain_seen || !encrypted;
        }
        for (const std::string_view sentence : platform.advice) {
            EXPECT_TRUE(sentence.ends_with('.')) << sentence;
            EXPECT_LE(sentence.size(), 120u) << sentence;
        }
    }
}

TEST(Catalogue, needs_a_bridge_for_instagram_and_tiktok_alone) {
    for (const Platform& platform : catalogue()) {
        EXPECT_EQ(platform.bridge_needed, platform.id == "instagram" || platform.id == "tiktok")
            << platform.id;
        // With a URL of its own in the catalogue nobody would be asked for the account's.
        EXPECT_TRUE(!platform.bridge_needed || platform.ingest_urls.empty());
    }
}

TEST(Catalogue, offers_the_presets_that_were_asked_for) {
    EXPECT_EQ(the("youtube").preset.encoder_preset, "fast");
    EXPECT_EQ(the("youtube").preset.video_bitrate_kbps, 6'000);
    EXPECT_EQ(the("twitch").preset.encoder_preset, "veryfast");
    EXPECT_EQ(the("twitch").preset.video_bitrate_kbps, 4'500);
    EXPECT_TRUE(the("twitch").preset.low_latency);
    EXPECT_EQ(the("facebook").preset.width, 1'280);
    EXPECT_EQ(the("facebook").preset.height, 720);
    EXPECT_EQ(the("facebook").preset.video_bitrate_kbps, 4'000);
    EXPECT_EQ(the("cloudflare").preset.encoder_preset, "medium");
}

// A preset that its own platform would complain of is a fault of the table.
TEST(Catalogue, offers_presets_that_their_platforms_take) {
    for (const Platform& platform : catalogue()) {
        media::IngestFacts made;
        made.video = {.codec = media::Codec::h264,
                      .profile = {},
                      .width = platform.preset.width > 0 ? platform.preset.width : 1'920,
                      .height = platform.preset.height > 0 ? platform.preset.height : 1'080,
                      .fps = platform.preset.fps > 0 ? platform.preset.fps : 30,
                      .bitrate_kbps = platform.preset.video_bitrate_kbps,
                      .keyframe_interval_s = platform.preset.keyframe_interval_s};
        made.audio = {.codec = media::Codec::aac,
                      .sample_rate = 48'000,
                      .channels = 2,
                      .bitrate_kbps = platform.preset.audio_bitrate_kbps};
        for (const Advice& advice : check_source(platform, made))
            ADD_FAILURE() << platform.id << ": " << advice.message;
    }
}

}  // namespace
}  // namespace platform
