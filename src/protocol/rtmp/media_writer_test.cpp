#include "protocol/rtmp/media_writer.h"

#include <gtest/gtest.h>

#include "base/byte_writer.h"

namespace protocol::rtmp {
namespace {

base::Bytes flatten(const base::GatherList& list) {
    base::Bytes all;
    for (const iovec& part : list.parts())
        base::append(all, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
    return all;
}

TEST(MediaWriter, begins_with_a_full_header_and_goes_on_with_differences) {
    MediaWriter writer(1, 4096);
    base::GatherList list;
    const base::Bytes body{0xaf, 1, 2};
    writer.write(list, MessageType::audio, 1000, {}, body);
    writer.write(list, MessageType::audio, 1023, {}, body);
    EXPECT_EQ(base::to_hex(flatten(list)),
              "04"
              "0003e8"
              "000003"
              "08"
              "01000000"
              "af0102"
              "44"
              "000017"
              "000003"
              "08"
              "af0102");
}

TEST(MediaWriter, cuts_at_the_chunk_size_across_prefix_and_body) {
    MediaWriter writer(1, 4);
    base::GatherList list;
    const base::Bytes prefix{1, 2, 3};
    const base::Bytes body{4, 5, 6, 7, 8, 9};
    writer.write(list, MessageType::data_amf0, 0, prefix, body);
    EXPECT_EQ(base::to_hex(flatten(list)),
              "05"
              "000000"
              "000009"
              "12"
              "01000000"
              "01020304"
              "c5"
              "05060708"
              "c5"
              "09");
}

TEST(MediaWriter, repeats_the_extended_timestamp_in_every_continuation) {
    MediaWriter writer(1, 4);
    base::GatherList list;
    const base::Bytes body{1, 2, 3, 4, 5};
    writer.write(list, MessageType::video, 0x01000000, {}, body);
    writer.write(list, MessageType::video, 0x01000028, {}, body);
    EXPECT_EQ(base::to_hex(flatten(list)),
              "06"
              "ffffff"
              "000005"
              "09"
              "01000000"
              "01000000"
              "01020304"
              "c6"
              "01000000"
              "05"
              "46"
              "000028"
              "000005"
              "09"
              "01020304"
              "c6"
              "05");
}

TEST(MediaWriter, takes_a_full_header_for_a_step_back) {
    MediaWriter writer(1, 4096);
    base::GatherList list;
    const base::Bytes body{1};
    writer.write(list, MessageType::video, 100, {}, body);
    list.clear();
    writer.write(list, MessageType::video, 60, {}, body);
    EXPECT_EQ(base::to_hex(flatten(list)),
              "06"
              "00003c"
              "000001"
              "09"
              "01000000"
              "01");
}

TEST(MediaWriter, refers_to_the_payload_and_copies_nothing_of_it) {
    MediaWriter writer(1, 4096);
    base::GatherList list;
    const base::Bytes body(10'000, 7);
    writer.write(list, MessageType::video, 0, {}, body);
    std::size_t inside = 0;
    for (const iovec& part : list.parts()) {
        const auto* data = static_cast<const std::uint8_t*>(part.iov_base);
        if (data >= body.data() && data < body.data() + body.size()) inside += part.iov_len;
    }
    EXPECT_EQ(inside, body.size());
}

TEST(GatherList, gives_up_what_was_sent_byte_by_byte) {
    base::GatherList list;
    base::Bytes expected;
    const base::Bytes body(5'000, 9);
    for (int i = 0; i < 300; ++i) {
        const base::Bytes small(11, static_cast<std::uint8_t>(i));
        list.add_copy(small);
        list.add_view(body);
        base::append(expected, small);
        base::append(expected, body);
    }
    ASSERT_EQ(list.bytes(), expected.size());
    for (std::size_t step = 1; !list.empty(); step = step * 7 % 4'001 + 1) {
        ASSERT_TRUE(std::equal(expected.end() - static_cast<std::ptrdiff_t>(list.bytes()),
                               expected.end() - static_cast<std::ptrdiff_t>(list.bytes()) + 1,
                               static_cast<const std::uint8_t*>(list.parts()[0].iov_base)));
        list.consume(std::min(step, list.bytes()));
    }
}

}  // namespace
}  // namespace protocol::rtmp
