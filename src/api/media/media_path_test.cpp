#include "api/media/media_path.h"

#include <gmock/gmock.h>

#include "api/media/media_cases.h"

namespace api::media {
namespace {

TEST(MediaPath, NamesWhatIsKnownAndLeadsNowhere) {
    for (const auto& [text, kind, id, file] : cases::paths) {
        const auto read = parse_media_path(text);
        ASSERT_EQ(read.has_value(), kind.has_value()) << text;
        if (!read) continue;
        EXPECT_EQ(*read, (MediaPath{*kind, std::string(id), std::string(file)})) << text;
        EXPECT_TRUE(is_media_path(text));
    }
}

TEST(MediaPath, IsReadUpToItsBounds) {
    const auto path = [](std::size_t id, std::size_t file) {
        return parse_media_path("/live/" + std::string(id, 'a') + "/" + std::string(file, 'b'));
    };
    EXPECT_TRUE(path(max_name, max_name));
    EXPECT_FALSE(path(max_name + 1, 1));
    EXPECT_FALSE(path(1, max_name + 1));
    const auto escaped = [](std::size_t size) {
        std::string text = "/live/a/";
        while (text.size() + 3 <= size) text += "%61";
        return parse_media_path(text + std::string(size - text.size(), 'b'));
    };
    EXPECT_FALSE(escaped(max_path + 1));
    EXPECT_FALSE(escaped(max_path)) << "a name of 168 letters";
    EXPECT_TRUE(escaped(8 + 3 * max_name));
}

TEST(MediaQuery, ReadsWhatItKnows) {
    const auto read = parse_media_query("a=%zz&token=a%2Eb+c&viewer=v&_HLS_msn=17&_HLS_part=3&_HLS_skip=YES");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, (MediaQuery{"a.b c", "v", "17", "3", "YES", false}));
    EXPECT_EQ(parse_media_query(""), MediaQuery());
    EXPECT_EQ(parse_media_query("_HLS_msn=1&_HLS_msn=2")->msn, "1");
    EXPECT_EQ(parse_media_query("token&token=late")->token, "");
    EXPECT_EQ(parse_media_query("_HLS_msn")->msn, "");
}

TEST(MediaQuery, TakesPlainAsASwitch) {
    for (const char* on : {"plain", "plain=", "plain=1", "plain=true", "plain=yes"})
        EXPECT_TRUE(parse_media_query(on)->plain) << on;
    for (const char* off : {"", "plain=0", "plain=false", "Plain=1", "xplain=1", "plain=0&plain=1"})
        EXPECT_FALSE(parse_media_query(off)->plain) << off;
}

TEST(MediaQuery, RefusesWhatItKnowsAndCannotRead) {
    for (const char* wrong : {"token=%zz", "token=%ff", "_HLS_msn=%00", "viewer=%", "plain=%0a"})
        EXPECT_FALSE(parse_media_query(wrong)) << wrong;
}

TEST(MediaQuery, IsReadUpToItsBounds) {
    EXPECT_TRUE(parse_media_query("token=" + std::string(max_token, 't')));
    EXPECT_FALSE(parse_media_query("token=" + std::string(max_token + 1, 't')));
    for (const std::string name : {"viewer=", "_HLS_msn=", "_HLS_part=", "_HLS_skip=", "plain="}) {
        EXPECT_TRUE(parse_media_query(name + std::string(max_parameter, '1'))) << name;
        EXPECT_FALSE(parse_media_query(name + std::string(max_parameter + 1, '1'))) << name;
    }
    EXPECT_TRUE(parse_media_query(std::string(max_query, 'x')));
    EXPECT_FALSE(parse_media_query(std::string(max_query + 1, 'x')));
}

}  // namespace
}  // namespace api::media
