#include <gtest/gtest.h>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/secret.h"

namespace base {
namespace {

TEST(ByteReader, reads_what_the_writer_wrote) {
    Bytes bytes;
    ByteWriter(bytes)
        .u8(1)
        .u16(0x0203)
        .u24(0x040506)
        .u32(0x0708090a)
        .u64(0x0b0c0d0e0f101112)
        .i24(-2)
        .f64(1.5);
    bytes.insert(bytes.end(), {4, 3, 2, 1});
    ByteReader reader(bytes);
    EXPECT_EQ(reader.u8(), 1);
    EXPECT_EQ(reader.u16(), 0x0203);
    EXPECT_EQ(reader.u24(), 0x040506u);
    EXPECT_EQ(reader.u32(), 0x0708090au);
    EXPECT_EQ(reader.u64(), 0x0b0c0d0e0f101112u);
    EXPECT_EQ(reader.i24(), -2);
    EXPECT_EQ(reader.f64(), 1.5);
    EXPECT_EQ(reader.u32_le(), 0x01020304u);
    EXPECT_TRUE(reader.at_end());
    EXPECT_FALSE(reader.failed());
}

TEST(ByteReader, stays_failed_after_one_read_past_the_end) {
    const Bytes bytes{1, 2, 3};
    ByteReader reader(bytes);
    EXPECT_EQ(reader.u32(), 0u);
    EXPECT_TRUE(reader.failed());
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_TRUE(reader.take(1).empty());
}

TEST(Secret, shows_only_its_tail) {
    EXPECT_EQ(Secret("0123456789abcdef").masked(), "••••••••cdef");
    EXPECT_EQ(Secret("short").masked(), "••••••••");
    EXPECT_EQ(Secret("").masked(), "••••••••");
    EXPECT_TRUE(Secret("a") == Secret("a"));
    EXPECT_FALSE(Secret("a") == Secret("b"));
}

TEST(Secret, leaves_nothing_behind_when_moved) {
    Secret from("0123456789");
    const Secret to = std::move(from);
    EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
    EXPECT_EQ(to.reveal(), "0123456789");
}

TEST(Clock, rfc3339_round_trip) {
    const auto time = from_rfc3339("2026-01-31T12:34:56.789Z");
    ASSERT_TRUE(time);
    EXPECT_EQ(to_rfc3339(*time), "2026-01-31T12:34:56.789Z");
    EXPECT_EQ(to_rfc3339(*from_rfc3339("2026-01-31T12:34:56+02:00")), "2026-01-31T10:34:56.000Z");
    EXPECT_EQ(to_rfc3339(*from_rfc3339("2024-02-29t00:00:00.1234567z")), "2024-02-29T00:00:00.123Z");
    EXPECT_EQ(to_rfc3339(*from_rfc3339("1969-12-31T23:30:00-01:00")), "1970-01-01T00:30:00.000Z");
    EXPECT_EQ(to_rfc3339(*from_rfc3339("2261-12-31T23:59:59.999Z")), "2261-12-31T23:59:59.999Z");
}

TEST(Clock, refuses_what_is_not_a_date_time) {
    for (const char* text : {"", "2026-02-29T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00",
                             "2026-01-01T24:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx",
                             "1969-01-01T00:00:00Z", "2026-01-01T00:00:00+25:00", "1970-01-01T00:30:00+01:00",
                             "2262-01-01T00:00:00Z", "9999-12-31T23:59:59Z"})
        EXPECT_FALSE(from_rfc3339(text)) << text;
}

TEST(Ids, are_long_and_different) {
    const std::string id = random_id("st_");
    EXPECT_EQ(id.size(), 25u);
    EXPECT_EQ(id.substr(0, 3), "st_");
    EXPECT_NE(id, random_id("st_"));
    EXPECT_EQ(random_hex(32).size(), 32u);
}

TEST(Hex, round_trip_and_refusal) {
    EXPECT_EQ(to_hex(from_hex("00ffA5")), "00ffa5");
    EXPECT_TRUE(from_hex("0").empty());
    EXPECT_TRUE(from_hex("0g").empty());
}

TEST(Error, tells_the_story_outside_in) {
    EXPECT_EQ(Error({ErrorCode::network, "connection refused"}).within("connect").message,
              "connect: connection refused");
}

}  // namespace
}  // namespace base
