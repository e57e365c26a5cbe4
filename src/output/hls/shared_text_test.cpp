#include "output/hls/shared_text.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace output::hls {
namespace {

std::string gunzip(const std::string& bytes) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

TEST(QueryText, puts_the_query_into_each_place) {
    const QueryText text("a?\nb\nc?\n?");
    EXPECT_EQ(text.with("?x=1"), "a?x=1\nb\nc?x=1\n?x=1");
    EXPECT_EQ(*text.without_query().text, "a\nb\nc\n");
    EXPECT_EQ(text.without_query().gzip, nullptr);
    EXPECT_EQ(QueryText("").with("?x"), "");
}

TEST(QueryText, is_made_and_compressed_once) {
    std::string long_text;
    for (int i = 0; i < 200; ++i) long_text += "#EXTINF:2,\n" + std::to_string(i) + ".m4s?\n";
    const QueryText text(long_text);
    const auto& made = text.without_query();
    EXPECT_EQ(text.without_query().text, made.text);
    ASSERT_NE(made.gzip, nullptr);
    EXPECT_LT(made.gzip->size(), made.text->size() / 3);
    EXPECT_EQ(gunzip(*made.gzip), *made.text);
}

}  // namespace
}  // namespace output::hls
