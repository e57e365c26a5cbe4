#include "format/flv/file.h"

#include <gtest/gtest.h>

namespace format::flv {
namespace {

using media::Kind;
using std::chrono::milliseconds;

TEST(File, begins_with_what_the_stream_holds) {
    EXPECT_EQ(base::to_hex(write_file_header(true, true)), "464c5601050000000900000000");
    EXPECT_EQ(base::to_hex(write_file_header(true, false)), "464c5601040000000900000000");
    EXPECT_EQ(base::to_hex(write_file_header(false, true)), "464c5601010000000900000000");
}

TEST(File, frames_tags) {
    struct Case {
        Kind kind;
        std::size_t size;
        std::int64_t timestamp_ms;
        const char* head;
        const char* tail;
    };
    for (const Case& entry : {
             Case{Kind::audio, 2, 0, "0800000200000000000000", "0000000d"},
             Case{Kind::video, 0x010203, 0x040506, "0901020304050600000000", "0001020e"},
             Case{Kind::data, 0, 1, "1200000000000100000000", "0000000b"},
             // Past 24 bits (4 h 39 min), past 31, at the last of 32, and wrapped.
             Case{Kind::video, 1, 0xffffff, "09000001ffffff00000000", "0000000c"},
             Case{Kind::video, 1, 0x1000000, "0900000100000001000000", "0000000c"},
             Case{Kind::video, 1, 0x80000000, "0900000100000080000000", "0000000c"},
             Case{Kind::video, 1, 0xffffffff, "09000001ffffffff000000", "0000000c"},
             Case{Kind::video, 1, 0x100000001, "0900000100000100000000", "0000000c"},
             Case{Kind::video, max_tag_body, 0, "09ffffff00000000000000", "0100000a"},
         }) {
        const TagFraming framing =
            write_tag_framing(entry.kind, entry.size, milliseconds(entry.timestamp_ms));
        EXPECT_EQ(base::to_hex(framing.head), entry.head);
        EXPECT_EQ(base::to_hex(framing.tail), entry.tail);
    }
}

TEST(File, adds_a_whole_tag_and_copies_no_body) {
    const base::Bytes body = base::from_hex("af0155");
    base::GatherList list;
    add_tag(list, Kind::audio, body, milliseconds(0x01020304));
    ASSERT_EQ(list.parts().size(), 3u);
    EXPECT_EQ(list.parts()[1].iov_base, body.data());
    EXPECT_EQ(list.bytes(), body.size() + tag_overhead);
    base::Bytes all;
    for (const iovec& part : list.parts())
        base::append(all, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    EXPECT_EQ(base::to_hex(all),
              "0800000302030401000000"
              "af0155"
              "0000000e");
}

}  // namespace
}  // namespace format::flv
