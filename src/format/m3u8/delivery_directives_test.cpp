#include "format/m3u8/delivery_directives.h"

#include <gtest/gtest.h>

namespace format::m3u8 {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Skip = DeliveryDirectives::Skip;

TEST(ReadDeliveryDirectives, none) {
    const auto directives = read_delivery_directives({});
    ASSERT_TRUE(directives);
    EXPECT_FALSE(directives->msn);
    EXPECT_FALSE(directives->part);
    EXPECT_EQ(directives->skip, Skip::none);
}

TEST(ReadDeliveryDirectives, all) {
    const auto directives = read_delivery_directives({.msn = "1234", .part = "07", .skip = "YES"});
    ASSERT_TRUE(directives);
    EXPECT_EQ(directives->msn, 1234u);
    EXPECT_EQ(directives->part, 7u);
    EXPECT_EQ(directives->skip, Skip::segments);
    EXPECT_EQ(read_delivery_directives({.skip = "v2"})->skip, Skip::segments_and_date_ranges);
}

TEST(ReadDeliveryDirectives, up_to_their_bounds) {
    EXPECT_EQ(read_delivery_directives({.msn = "9007199254740991"})->msn, max_msn);
    EXPECT_EQ(read_delivery_directives({.msn = "0", .part = "99999"})->part, max_part);
}

TEST(ReadDeliveryDirectives, refuses_everything_else) {
    struct Bad {
        DirectiveTexts texts;
        std::string_view says;
    };
    for (const Bad& bad : {
             Bad{{.msn = ""}, "_HLS_msn must be a number"},
             Bad{{.msn = "-1"}, "_HLS_msn must be a number"},
             Bad{{.msn = "+1"}, "_HLS_msn must be a number"},
             Bad{{.msn = " 1"}, "_HLS_msn must be a number"},
             Bad{{.msn = "1 "}, "_HLS_msn must be a number"},
             Bad{{.msn = "1.0"}, "_HLS_msn must be a number"},
             Bad{{.msn = "0x10"}, "_HLS_msn must be a number"},
             Bad{{.msn = "1e3"}, "_HLS_msn must be a number"},
             Bad{{.msn = std::string_view("1\0", 2)}, "_HLS_msn must be a number"},
             Bad{{.msn = "9007199254740992"}, "_HLS_msn must be at most 9007199254740991"},
             Bad{{.msn = "99999999999999999999999999"}, "_HLS_msn must be at most"},
             Bad{{.msn = "99999999999999999999999999x"}, "_HLS_msn must be a number"},
             Bad{{.msn = "1", .part = "100000"}, "_HLS_part must be at most 99999"},
             Bad{{.msn = "1", .part = ""}, "_HLS_part must be a number"},
             Bad{{.msn = "1", .part = "x"}, "_HLS_part must be a number"},
             Bad{{.part = "1"}, "_HLS_part says nothing without _HLS_msn"},
             Bad{{.skip = ""}, "_HLS_skip"},
             Bad{{.skip = "yes"}, "_HLS_skip"},
             Bad{{.skip = "v3"}, "_HLS_skip"},
         }) {
        const auto directives = read_delivery_directives(bad.texts);
        ASSERT_FALSE(directives) << bad.says;
        EXPECT_EQ(directives.error().code, base::ErrorCode::bad_request);
        EXPECT_NE(directives.error().message.find(bad.says), std::string::npos) << directives.error().message;
    }
}

// Whole segments up to 41 (of four parts), two parts of 42.
LiveEdge edge() {
    return {.next_msn = 42,
            .open_parts = 2,
            .last_segment_parts = 4,
            .target_duration = seconds(2),
            .part_target = milliseconds(500)};
}

Decision wait_for(std::uint64_t msn, std::optional<std::uint32_t> part = {}) {
    return WaitFor{.msn = msn, .part = part, .max_wait = seconds(6)};
}

TEST(Decide, table) {
    const Decision now = AnswerNow{};
    struct Case {
        std::optional<std::uint64_t> msn;
        std::optional<std::uint32_t> part;
        std::optional<Decision> decision;  // nothing: refused
    };
    for (const Case& each : {
             Case{{}, {}, now},
             // Whole segments.
             Case{0, {}, now},
             Case{41, {}, now},
             Case{42, {}, wait_for(42)},
             Case{43, {}, wait_for(43)},
             Case{44, {}, {}},
             Case{max_msn, {}, {}},
             // Parts of the segment in the making.
             Case{42, 0, now},
             Case{42, 1, now},
             Case{42, 2, wait_for(42, 2)},
             // 3 s of parts of half a second may be asked for ahead of the last one.
             Case{42, 7, wait_for(42, 7)},
             Case{42, 8, {}},
             Case{43, 0, wait_for(43, 0)},
             Case{43, 5, wait_for(43, 5)},
             Case{43, 6, {}},
             Case{44, 0, {}},
             // Beyond the last part of a whole segment is the first part of the next.
             Case{41, 3, now},
             Case{41, 4, now},
             Case{40, 9, now},
         }) {
        const auto decision = decide(edge(), {.msn = each.msn, .part = each.part});
        const std::string question =
            std::to_string(each.msn.value_or(0)) + "." + std::to_string(each.part.value_or(0));
        ASSERT_EQ(decision.has_value(), each.decision.has_value()) << question;
        if (decision)
            EXPECT_EQ(*decision, *each.decision) << question;
        else
            EXPECT_EQ(decision.error().code, base::ErrorCode::bad_request);
    }
}

TEST(Decide, beyond_the_last_part_waits_for_the_next_segment) {
    LiveEdge at = edge();
    at.open_parts = 0;
    EXPECT_EQ(*decide(at, {.msn = 41, .part = 4}), wait_for(42, 0));
    EXPECT_EQ(*decide(at, {.msn = 41, .part = 99'999}), wait_for(42, 0));
    EXPECT_EQ(*decide(at, {.msn = 41, .part = 3}), Decision(AnswerNow{}));
}

TEST(Decide, refusals_say_why) {
    EXPECT_EQ(decide(edge(), {.msn = 44}).error().message,
              "_HLS_msn=44 is more than 2 segments ahead: the segment in the making is 42.");
    EXPECT_EQ(decide(edge(), {.msn = 42, .part = 8}).error().message,
              "_HLS_part=8 is too far ahead: segment 42 has 2 parts.");
}

TEST(Decide, after_the_end_nothing_is_waited_for) {
    LiveEdge at = edge();
    at.ended = true;
    EXPECT_EQ(*decide(at, {.msn = 1'000'000, .part = 5}), Decision(AnswerNow{}));
}

TEST(Decide, without_parts_waits_for_whole_segments) {
    LiveEdge at = edge();
    at.part_target = Duration(0);
    at.open_parts = at.last_segment_parts = 0;
    EXPECT_EQ(*decide(at, {.msn = 42, .part = 3}), wait_for(42));
    EXPECT_EQ(*decide(at, {.msn = 41, .part = 3}), Decision(AnswerNow{}));
}

TEST(Decide, before_the_first_segment) {
    const LiveEdge at{.target_duration = seconds(2), .part_target = seconds(1)};
    EXPECT_EQ(*decide(at, {.msn = 0, .part = 0}), wait_for(0, 0));
    EXPECT_EQ(*decide(at, {.msn = 1}), wait_for(1));
    EXPECT_FALSE(decide(at, {.msn = 2}));
    // Three parts ahead, where parts last a second or more.
    EXPECT_TRUE(decide(at, {.msn = 0, .part = 2}));
    EXPECT_FALSE(decide(at, {.msn = 0, .part = 3}));
}

TEST(LiveEdge, of_a_playlist) {
    MediaPlaylist playlist{
        .target_duration = seconds(2), .part_target = milliseconds(500), .media_sequence = 40};
    EXPECT_EQ(live_edge(playlist).next_msn, 40u);
    playlist.segments = {{.uri = "40"}, {.parts = {{}, {}, {}}, .uri = "41"}};
    playlist.open = OpenSegment{.parts = {{}}};
    playlist.ended = true;
    const LiveEdge at = live_edge(playlist);
    EXPECT_EQ(at.next_msn, 42u);
    EXPECT_EQ(at.open_parts, 1u);
    EXPECT_EQ(at.last_segment_parts, 3u);
    EXPECT_TRUE(at.ended);
    EXPECT_EQ(at.target_duration, seconds(2));
    EXPECT_EQ(at.part_target, milliseconds(500));
}

}  // namespace
}  // namespace format::m3u8
