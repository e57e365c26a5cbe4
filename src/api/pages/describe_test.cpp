#include "api/pages/describe.h"

#include <gmock/gmock.h>

#include "service/playback.h"

namespace api::pages {
namespace {

class FakePlayback final : public service::PlaybackService {
  public:
    void live(service::LiveQuestion, service::Viewer, ContentAnswer) override {}
    void live_flv(std::string, service::Viewer, StreamAnswer) override {}
    void vod(std::string, std::string, service::Viewer, ContentAnswer) override {}
    base::Result<service::PlaybackCard> card(const service::Actor& actor, const std::string& playback_id,
                                             const service::Viewer& viewer) override {
        EXPECT_FALSE(actor.signed_in());
        EXPECT_TRUE(viewer.token.empty());
        EXPECT_EQ(viewer.client_address, "203.0.113.7");
        if (playback_id != "known") return base::fail(base::ErrorCode::not_found, "no");
        return service::PlaybackCard{.playback_id = playback_id,
                                     .title = "News",
                                     .description = "At eight",
                                     .station_name = "Channel 4",
                                     .thumbnail_url = "https://live.example/live/known/poster.jpg"};
    }
};

TEST(DescribeBy, SaysWhatAnybodyMayKnow) {
    FakePlayback playback;
    const Pages::Describe describe = describe_by(&playback, nullptr);
    const auto found = describe("known", "203.0.113.7");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->title, "News");
    EXPECT_EQ(found->text, "At eight");
    EXPECT_EQ(found->station_name, "Channel 4");
    EXPECT_EQ(found->picture_url, "https://live.example/live/known/poster.jpg");
    EXPECT_EQ(describe("other", "203.0.113.7").error().code, base::ErrorCode::not_found);
}

TEST(DescribeBy, KnowsNothingWhereNobodyCanBeAsked) {
    FakePlayback playback;
    EXPECT_EQ(describe_by(&playback, nullptr)("as_known", "203.0.113.7").error().code,
              base::ErrorCode::not_found)
        << "a recording is no stream";
    EXPECT_EQ(describe_by(nullptr, nullptr)("known", "203.0.113.7").error().code, base::ErrorCode::not_found);
}

}  // namespace
}  // namespace api::pages
