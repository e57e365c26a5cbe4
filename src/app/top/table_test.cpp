#include "app/top/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <sstream>

namespace app::top {
namespace {

using testing::HasSubstr;
using testing::Not;

Snapshot example() {
    return snapshot_from(boost::json::parse(R"json({
        "ok": true, "totalActive": 1,
        "sessions": [{
            "sessionId": "se_1", "streamId": "st_1", "title": "Evening show", "status": "live",
            "startedAt": "2026-01-31T12:00:00.000Z",
            "ingest": {
                "connected": true, "clientAddress": "203.0.113.7:50122", "protocol": "rtmp", "driftMs": 3,
                "video": {"codec": "h264", "width": 1280, "height": 720, "fps": 30.0, "bitrateKbps": 3021,
                          "keyframeIntervalS": 2.0},
                "audio": {"codec": "aac", "sampleRate": 48000, "channels": 2, "bitrateKbps": 128}
            },
            "endpoints": [
                {"id": "de_1", "platform": "youtube", "name": "My channel", "status": "connected", "detail": "",
                 "metrics": {"fps": 30.0, "bitrateKbps": 3180, "framesSent": 2160, "bytesSent": 28100000,
                             "framesDropped": 0, "queueMs": 40, "rttMs": 12.34, "uptimeS": 72, "reconnects": 0}},
                {"id": "de_2", "platform": "twitch", "name": "Other", "status": "error",
                 "detail": "retrying in 4 s (attempt 3)", "metrics": {"framesDropped": 61, "reconnects": 2}}
            ]
        }]
    })json")
                             .as_object());
}

std::string line_with(const std::string& text, const std::string& part) {
    std::stringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (line.find(part) != std::string::npos) return line;
    return {};
}

TEST(Table, HasALineForTheEncoderAndOneForEachDestination) {
    const auto now = *base::from_rfc3339("2026-01-31T12:01:12Z");
    const std::string text = render(example(), now, {.colour = false, .width = 0});
    EXPECT_THAT(text, HasSubstr("Evening show · live for 00:01:12"));
    EXPECT_THAT(
        text,
        HasSubstr(
            "H.264 1280×720 30.0 fps 3021 kbit/s, keyframe every 2.0 s · AAC 48 kHz stereo 128 kbit/s"));
    EXPECT_THAT(text, HasSubstr("rtmp from 203.0.113.7:50122 · drift 3 ms"));
    const std::string first = line_with(text, "My channel");
    for (const char* part : {"connected", "30.0", "3180", "28.1 MB", "40 ms", "12.3 ms"})
        EXPECT_THAT(first, HasSubstr(part));
    const std::string second = line_with(text, "Other");
    for (const char* part : {"error", "61", "retrying in 4 s (attempt 3)"})
        EXPECT_THAT(second, HasSubstr(part));
}

TEST(Table, ColoursTellTheStateAndCanBeLeftOut) {
    const auto now = *base::from_rfc3339("2026-01-31T12:01:12Z");
    const std::string coloured = render(example(), now, {.colour = true, .width = 0});
    EXPECT_THAT(line_with(coloured, "My channel"), HasSubstr("\x1b[32m"));
    EXPECT_THAT(line_with(coloured, "Other"), HasSubstr("\x1b[31m"));
    EXPECT_THAT(render(example(), now, {.colour = false, .width = 0}), Not(HasSubstr("\x1b")));
}

TEST(Table, NoLineIsWiderThanTheTerminal) {
    const std::string text = render(example(), base::WallTime{}, {.colour = false, .width = 60});
    std::stringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        EXPECT_EQ(fitted(line, 60).find("…"), line.find("…")) << line;
}

TEST(Table, SaysSoWhenNothingIsLive) {
    EXPECT_THAT(render({}, base::WallTime{}, {.colour = false, .width = 0}), HasSubstr("Nothing is live"));
}

TEST(Table, WhatIsMissingInTheAnswerIsZero) {
    const auto snapshot = snapshot_from(
        boost::json::parse(R"({"sessions": [{"endpoints": [{"metrics": null, "name": 7}, 3]}, "x"]})")
            .as_object());
    ASSERT_EQ(snapshot.sessions.size(), 1u);
    ASSERT_EQ(snapshot.sessions[0].destinations.size(), 1u);
    EXPECT_EQ(snapshot.sessions[0].destinations[0].name, "");
}

TEST(Table, NamesCannotSteerTheTerminal) {
    EXPECT_EQ(printable("a\x1b[2Jb\nc\x7f"), "a·[2Jb·c·");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "·31m");
    EXPECT_EQ(printable("\xff\xfe"), "··");
    EXPECT_EQ(printable("grün 日本 🎥"), "grün 日本 🎥");
}

TEST(Table, FitsTextByCharactersNotBytes) {
    EXPECT_EQ(fitted("grün", 6), "grün  ");
    EXPECT_EQ(fitted("grünlich", 5), "grün…");
    EXPECT_EQ(fitted("abc", 3), "abc");
    EXPECT_EQ(fitted("\x1b[31mabc\x1b[0m", 5), "\x1b[31mabc\x1b[0m  ");
}

TEST(Table, NumbersAreForPeople) {
    EXPECT_EQ(human_bytes(0), "0 B");
    EXPECT_EQ(human_bytes(999), "999 B");
    EXPECT_EQ(human_bytes(1000), "1.0 kB");
    EXPECT_EQ(human_bytes(28'100'000), "28.1 MB");
    EXPECT_EQ(human_duration(3671), "01:01:11");
    EXPECT_EQ(human_duration(-5), "00:00:00");
}

}  // namespace
}  // namespace app::top
