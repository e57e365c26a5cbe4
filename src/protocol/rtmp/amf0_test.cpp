#include "protocol/rtmp/amf0.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include "protocol/rtmp/amf0_cases.h"

namespace protocol::rtmp {
namespace {

TEST(Amf0, reads_and_writes_what_the_table_says) {
    for (const AmfCase& c : amf0_cases()) {
        AmfReader reader(c.bytes);
        const auto value = reader.read();
        if (c.error) {
            ASSERT_FALSE(value) << c.name;
            EXPECT_EQ(value.error().code, *c.error) << c.name << ": " << value.error().message;
            continue;
        }
        ASSERT_TRUE(value) << c.name << ": " << value.error().message;
        EXPECT_TRUE(reader.at_end()) << c.name;
        EXPECT_TRUE(!c.value || *value == *c.value) << c.name;
        base::Bytes written;
        write_amf(written, *value);
        EXPECT_TRUE(!c.same_when_written || written == c.bytes) << c.name << ": " << base::to_hex(written);
        // What was written reads as the same value, whatever form it came in; NaN is equal to nothing.
        const auto again = AmfReader(written).read();
        ASSERT_TRUE(again) << c.name;
        EXPECT_TRUE(*again == *value || !(*value == *value)) << c.name;
    }
}

TEST(Amf0, every_cut_of_a_good_value_is_refused) {
    for (const AmfCase& c : amf0_cases()) {
        if (c.error || c.bytes.size() > 200) continue;
        for (std::size_t size = 0; size < c.bytes.size(); ++size)
            EXPECT_FALSE(AmfReader(base::ByteView(c.bytes).first(size)).read())
                << c.name << " cut to " << size;
    }
}

TEST(Amf0, limits_hold_for_all_values_of_a_reader_together) {
    base::Bytes bytes = array_of_nulls(max_amf_nodes - 2);
    bytes.push_back(0x05);
    AmfReader reader(bytes);
    EXPECT_TRUE(reader.read());
    EXPECT_TRUE(reader.read());
    bytes.push_back(0x05);
    AmfReader one_more(bytes);
    EXPECT_TRUE(one_more.read());
    EXPECT_TRUE(one_more.read());
    const auto past = one_more.read();
    ASSERT_FALSE(past);
    EXPECT_EQ(past.error().code, base::ErrorCode::limit_exceeded);
}

TEST(Amf0, the_deepest_value_needs_little_stack) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
    pthread_t thread{};
    const auto read_all = [](void*) -> void* {
        static_cast<void>(AmfReader(nested_objects(max_amf_depth - 1)).read());
        static_cast<void>(AmfReader(nested_objects(70'000)).read());
        static_cast<void>(AmfReader(nested_arrays(70'000)).read());
        return nullptr;
    };
    ASSERT_EQ(pthread_create(&thread, &attributes, read_all, nullptr), 0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

TEST(Amf0, objects_find_their_properties) {
    const AmfObject object{{"app", "live"}, {"n", 3}, {"o", AmfObject{{"x", 1}}}, {"app", "second"}};
    EXPECT_EQ(*object.text("app"), "live");
    EXPECT_EQ(object.number("n"), 3.0);
    EXPECT_EQ(object.number("app"), std::nullopt);
    EXPECT_EQ(object.text("n"), nullptr);
    EXPECT_EQ(object.object("o")->number("x"), 1.0);
    EXPECT_EQ(object.find("none"), nullptr);
}

}  // namespace
}  // namespace protocol::rtmp
