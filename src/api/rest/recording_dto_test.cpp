#include "api/rest/recording_dto.h"

#include <gmock/gmock.h>

#include "api/rest/broadcast_dto.h"
#include "api/rest/json_writer.h"

namespace api::rest {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

service::Recording recording() {
    service::Recording one;
    one.id = "as_1";
    one.owner_id = "us_1";
    one.station_id = "st_1";
    one.session_id = "se_1";
    one.title = "</script><script>alert(\"x\")</script>\xe2\x80\xa8";
    one.status = service::RecordingStatus::ready;
    one.duration = 3'723'500ms;
    one.size_bytes = 6'000'000'000;
    one.width = 1920;
    one.height = 1080;
    one.codecs = "avc1.640029,mp4a.40.2";
    one.video_url = "https://everycast.example/vod/as_1/video.mp4";
    return one;
}

TEST(Recordings, AreWrittenAsTheContractSays) {
    const std::string text = to_text(to_json(recording()));
    EXPECT_THAT(text, HasSubstr(R"("duration":3723.5,"sizeBytes":6000000000,"width":1920,"height":1080)"));
    EXPECT_THAT(text, HasSubstr(R"("visibility":"public","status":"ready","error":null)"));
    EXPECT_THAT(text, HasSubstr(R"("videoUrl":"https://everycast.example/vod/as_1/video.mp4")"));
    EXPECT_THAT(text, HasSubstr(R"("thumbnailUrl":null)"));
    EXPECT_THAT(text, HasSubstr(R"("stationId":"st_1","livestreamId":null,"multistreamSessionId":"se_1")"));
    EXPECT_THAT(text, HasSubstr(R"(alert(\"x\"))")) << "a title is a JSON text, whatever is in it";
}

TEST(Recordings, WithoutPicturesHaveNoSize) {
    service::Recording one = recording();
    one.width = one.height = 0;
    one.codecs = "";
    one.open = false;
    one.problem = "The disk is full.";
    const std::string text = to_text(to_json(one));
    EXPECT_THAT(text, HasSubstr(R"("width":null,"height":null,"codecs":null)"));
    EXPECT_THAT(text, HasSubstr(R"("visibility":"private")"));
    EXPECT_THAT(text, HasSubstr(R"("error":"The disk is full.")"));
}

TEST(Recordings, StandInTheirSession) {
    service::Session session;
    EXPECT_THAT(to_text(to_json(session)), HasSubstr(R"("recording":null)"));
    session.recording = service::SessionRecording{"as_1", service::RecordingStatus::processing, ""};
    EXPECT_THAT(to_text(to_json(session)),
                HasSubstr(R"("recording":{"assetId":"as_1","status":"processing","error":null})"));
}

}  // namespace
}  // namespace api::rest
