// Playlists as they are, to the letter.
#include "output/hls/test_stage.h"

namespace output::hls {
namespace {

using namespace test;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

class HlsPlaylists : public testing::Test {
  protected:
    // Names begin at 1000.
    std::string text(const HlsQuestion& question) {
        const std::string body = stage_.ask(question).body();
        std::string renamed = body;
        for (std::uint64_t i = 0; i < 100; ++i)
            renamed = replaced(std::move(renamed), std::to_string(first_ + i), std::to_string(1'000 + i));
        return renamed;
    }
    std::string text(const std::string& file) { return text(HlsQuestion{.stream_id = "a", .file = file}); }
    void show(std::chrono::milliseconds time) {
        encoder_.run(2'100ms);
        first_ = stage_.list().media_sequence();
        encoder_.run(time - 2'100ms);
    }

    Stage stage_{{}, base::from_unix_millis(1'790'000'000'000)};
    Publisher encoder_{stage_.registry, "a", stage_.clock, stage_.loop, {.fps = 25, .gop = 50}};
    std::uint64_t first_ = 0;
};

TEST_F(HlsPlaylists, low_latency) {
    show(5'200ms);
    EXPECT_EQ(text("media.m3u8"), R"(#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=1.002,HOLD-BACK=6
#EXT-X-PART-INF:PART-TARGET=0.334
#EXT-X-MEDIA-SEQUENCE:1000
#EXT-X-DISCONTINUITY-SEQUENCE:33410
#EXT-X-MAP:URI="1000.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:20.000Z
#EXT-X-PART:DURATION=0.32,URI="1000.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32,URI="1000.1.m4s"
#EXT-X-PART:DURATION=0.32,URI="1000.2.m4s"
#EXT-X-PART:DURATION=0.32,URI="1000.3.m4s"
#EXT-X-PART:DURATION=0.32,URI="1000.4.m4s"
#EXT-X-PART:DURATION=0.32,URI="1000.5.m4s"
#EXT-X-PART:DURATION=0.08,URI="1000.6.m4s"
#EXTINF:2,
1000.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:22.000Z
#EXT-X-PART:DURATION=0.32,URI="1000.7.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32,URI="1001.1.m4s"
#EXT-X-PART:DURATION=0.32,URI="1001.2.m4s"
#EXT-X-PART:DURATION=0.32,URI="1001.3.m4s"
#EXT-X-PART:DURATION=0.32,URI="1001.4.m4s"
#EXT-X-PART:DURATION=0.32,URI="1001.5.m4s"
#EXT-X-PART:DURATION=0.08,URI="1001.6.m4s"
#EXTINF:2,
1001.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:24.000Z
#EXT-X-PART:DURATION=0.32,URI="1001.7.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32,URI="1002.1.m4s"
#EXT-X-PART:DURATION=0.32,URI="1002.2.m4s"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="1002.3.m4s"
)");
}

TEST_F(HlsPlaylists, plain) {
    show(5'200ms);
    EXPECT_EQ(text("plain.m3u8"), R"(#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:HOLD-BACK=6
#EXT-X-MEDIA-SEQUENCE:1000
#EXT-X-DISCONTINUITY-SEQUENCE:33410
#EXT-X-MAP:URI="1000.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:20.000Z
#EXTINF:2,
1000.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:22.000Z
#EXTINF:2,
1001.m4s
)");
}

TEST_F(HlsPlaylists, multivariant) {
    show(5'200ms);
    EXPECT_EQ(text("index.m3u8"), R"(#EXTM3U
#EXT-X-VERSION:1
#EXT-X-STREAM-INF:BANDWIDTH=208552,AVERAGE-BANDWIDTH=208516,CODECS="avc1.64000a,mp4a.40.2",RESOLUTION=64x48,FRAME-RATE=25.000
media.m3u8
)");
}

TEST_F(HlsPlaylists, after_a_return_and_at_the_end) {
    show(3'200ms);
    encoder_.pause(10s);
    encoder_.announce();
    encoder_.run(2'600ms);
    encoder_.end();
    stage_.pass(100ms);
    EXPECT_EQ(text("media.m3u8"), R"(#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=1.002,HOLD-BACK=6
#EXT-X-PART-INF:PART-TARGET=0.334
#EXT-X-MEDIA-SEQUENCE:1000
#EXT-X-DISCONTINUITY-SEQUENCE:33410
#EXT-X-MAP:URI="1000.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:20.000Z
#EXT-X-PART:DURATION=0.32,URI="1000.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32,URI="1000.1.m4s"
#EXT-X-PART:DURATION=0.32,URI="1000.2.m4s"
#EXT-X-PART:DURATION=0.32,URI="1000.3.m4s"
#EXT-X-PART:DURATION=0.32,URI="1000.4.m4s"
#EXT-X-PART:DURATION=0.32,URI="1000.5.m4s"
#EXT-X-PART:DURATION=0.08,URI="1000.6.m4s"
#EXTINF:2,
1000.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:22.000Z
#EXT-X-PART:DURATION=0.32,URI="1000.7.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32,URI="1001.1.m4s"
#EXT-X-PART:DURATION=0.32,URI="1001.2.m4s"
#EXT-X-PART:DURATION=0.28,URI="1001.3.m4s"
#EXTINF:1.24,
1001.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:33.240Z
#EXT-X-PART:DURATION=0.32,URI="1001.4.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32,URI="1002.1.m4s"
#EXT-X-PART:DURATION=0.32,URI="1002.2.m4s"
#EXT-X-PART:DURATION=0.32,URI="1002.3.m4s"
#EXT-X-PART:DURATION=0.32,URI="1002.4.m4s"
#EXT-X-PART:DURATION=0.32,URI="1002.5.m4s"
#EXT-X-PART:DURATION=0.08,URI="1002.6.m4s"
#EXTINF:2,
1002.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-09-21T14:13:35.240Z
#EXT-X-PART:DURATION=0.32,URI="1002.7.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.28,URI="1003.1.m4s"
#EXTINF:0.6,
1003.m4s
#EXT-X-ENDLIST
)");
}

}  // namespace
}  // namespace output::hls
