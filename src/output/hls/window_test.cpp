#include "output/hls/window.h"

#include <unistd.h>

#include "output/cmaf/test_show.h"
#include "output/hls/test_playlist.h"

namespace output::hls {
namespace {

using namespace test;
using namespace std::chrono_literals;
using cmaf::test::Show;

// Pictures of a keyframe every two seconds, of this size.
void play(Show& show, std::chrono::seconds from, std::chrono::seconds length, std::size_t size) {
    for (int i = 0; i < length / 1s * 25; ++i) show.video(from + 40ms * i, i % 50 == 0, 0us, size);
}

class WindowTest : public testing::Test {
  protected:
    std::string text(const std::string& file) {
        const auto question = read_question({.stream_id = "a", .file = file});
        const auto content = window_.edition()->answer(*question);
        return content && std::holds_alternative<media::SharedText>(content->body)
                   ? **std::get_if<media::SharedText>(&content->body)
                   : "";
    }
    // All that came so far; `lost` says which parts could not be stored.
    void take(Show& show, const std::function<bool(const cmaf::Part&)>& lost) {
        for (const cmaf::Event& event : show.events) {
            if (const auto* ready = std::get_if<cmaf::PartReady>(&event)) {
                const cmaf::Part& part = *ready->part;
                if (part.index == 0) extent_ = arena_->begin();
                now_ += part.duration;
                if (!lost(part)) store(part);
                window_.on_part(part, extent_, lost(part), now_);
            } else if (const auto* ended = std::get_if<cmaf::SegmentEnded>(&event)) {
                window_.on_segment_end(*ended, now_);
            }
        }
        show.events.clear();
    }

    Settings settings_;
    std::shared_ptr<Budget> budget_ = std::make_shared<Budget>(1);
    std::shared_ptr<Arena> arena_ = *Arena::in_memory(budget_);
    ExtentPtr extent_;
    base::MonotonicTime now_{1h};
    Window window_{settings_, 500ms, std::make_shared<std::atomic<std::uint64_t>>(0)};

  private:
    void store(const cmaf::Part& part) {
        base::Bytes bytes = cmaf::test::bytes_of(part);
        iovec piece{bytes.data(), bytes.size()};
        ASSERT_TRUE(arena_->append(*extent_, std::span(&piece, 1)));
    }
};

TEST_F(WindowTest, what_could_not_be_stored_is_a_gap) {
    Show show;
    show.announce("h264");
    play(show, 0s, 8s, 100);
    take(show, [&](const cmaf::Part& part) { return part.msn == 1 && part.index == 1; });
    const std::string list = text("media.m3u8");
    EXPECT_NE(list.find("URI=\"1.1.m4s\",GAP=YES"), std::string::npos) << list;
    EXPECT_NE(list.find("#EXT-X-GAP\n#EXTINF:2,\n1.m4s"), std::string::npos) << list;
    const auto answer = [&](const std::string& file) {
        return window_.edition()->answer(*read_question({.stream_id = "a", .file = file}));
    };
    EXPECT_EQ(answer("1.1.m4s").error().code, base::ErrorCode::not_found);
    EXPECT_EQ(answer("1.m4s").error().code, base::ErrorCode::not_found);
    // Its other parts are where they should be.
    ASSERT_TRUE(answer("1.2.m4s"));
    const auto slice = std::get<base::FileSlice>(answer("1.2.m4s")->body);
    std::string head(8, '\0');
    EXPECT_EQ(::pread(slice.file->descriptor(), head.data(), 8, static_cast<off_t>(slice.offset)), 8);
    EXPECT_EQ(head.substr(4), "moof");
}

TEST_F(WindowTest, bandwidth_is_what_the_segments_are) {
    Show show;
    show.announce("h264");
    play(show, 0s, 2s, 10'000);
    play(show, 2s, 2s, 40'000);
    play(show, 4s, 4s, 10'000);
    show.end();
    take(show, [](const cmaf::Part&) { return false; });
    const std::string index = text("index.m3u8");
    const double peak = std::stod(attribute(index, "STREAM-INF:BANDWIDTH"));
    const double average = std::stod(attribute(index, "AVERAGE-BANDWIDTH"));
    EXPECT_NEAR(peak, 25 * 40'000 * 8, 25'000);
    EXPECT_NEAR(average, 25 * 17'500 * 8, 25'000);
    EXPECT_NE(index.find("FRAME-RATE=25.000"), std::string::npos) << index;
}

TEST_F(WindowTest, gives_way_down_to_three_target_durations) {
    Show show;
    show.announce("h264");
    play(show, 0s, 24s, 1'000);
    take(show, [](const cmaf::Part&) { return false; });
    extent_.reset();
    const std::uint64_t before = window_.bytes();
    EXPECT_EQ(read_playlist(text("media.m3u8")).segments.size(), 6u);
    std::uint64_t freed = window_.shrink(1, now_);
    EXPECT_GT(freed, 0u);
    EXPECT_EQ(window_.bytes(), before - freed);
    while (const std::uint64_t more = window_.shrink(1, now_)) freed += more;
    EXPECT_EQ(window_.bytes(), before - freed);
    EXPECT_EQ(budget_->held, window_.bytes());
    EXPECT_EQ(read_playlist(text("media.m3u8")).duration(), 6);
}

}  // namespace
}  // namespace output::hls
