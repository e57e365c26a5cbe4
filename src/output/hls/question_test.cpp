#include "output/hls/question.h"

#include <gtest/gtest.h>

namespace output::hls {
namespace {

using What = Question::What;

TEST(Question, knows_the_names_of_files) {
    const auto read = [](const std::string& file) { return read_question({.stream_id = "a", .file = file}); };
    EXPECT_EQ(read("index.m3u8")->what, What::index);
    EXPECT_EQ(read("media.m3u8")->what, What::media);
    EXPECT_EQ(read("plain.m3u8")->what, What::plain_media);
    EXPECT_EQ(read("17.mp4")->what, What::init);
    EXPECT_EQ(read("17.m4s")->what, What::segment);
    EXPECT_EQ(read("17.m4s")->name, (PartName{17, 0}));
    EXPECT_EQ(read("0.3.m4s")->what, What::part);
    EXPECT_EQ(read("17.3.m4s")->name, (PartName{17, 3}));
    EXPECT_EQ(read_question({.stream_id = "a", .file = "index.m3u8", .plain = true})->what,
              What::plain_index);
}

TEST(Question, takes_no_name_that_it_does_not_give) {
    for (const char* file : {"",
                             ".",
                             "index.m3u",
                             "INDEX.M3U8",
                             "x.mp4",
                             ".mp4",
                             "1.2.mp4",
                             ".m4s",
                             "1..m4s",
                             ".1.m4s",
                             "1.2.3.m4s",
                             "01.m4s",
                             "1.02.m4s",
                             "+1.m4s",
                             "-1.m4s",
                             " 1.m4s",
                             "1.m4s ",
                             "1e3.m4s",
                             "0x1.m4s",
                             "9007199254740992.m4s",
                             "99999999999999999999999.m4s",
                             "1.100000.m4s",
                             "../1.m4s",
                             "1.m4s/",
                             "1.m4s\n"}) {
        const auto question = read_question({.stream_id = "a", .file = file});
        ASSERT_FALSE(question) << file;
        EXPECT_EQ(question.error().code, base::ErrorCode::not_found) << file;
    }
}

TEST(Question, reads_delivery_directives_of_playlists_alone) {
    const auto question =
        read_question({.stream_id = "a", .file = "media.m3u8", .msn = "7", .part = "2", .skip = "YES"});
    ASSERT_TRUE(question);
    EXPECT_EQ(question->directives.msn, 7u);
    EXPECT_EQ(question->directives.part, 2u);
    EXPECT_TRUE(read_question({.stream_id = "a", .file = "7.m4s", .msn = "x"}));
    for (const auto& bad : {HlsQuestion{.stream_id = "a", .file = "media.m3u8", .msn = "x"},
                            HlsQuestion{.stream_id = "a", .file = "media.m3u8", .part = "1"},
                            HlsQuestion{.stream_id = "a", .file = "plain.m3u8", .skip = "NO"}})
        EXPECT_EQ(read_question(bad).error().code, base::ErrorCode::bad_request);
}

TEST(Question, puts_queries_together) {
    const auto read = [](std::string uri, std::string playlist) {
        const auto question = read_question({.stream_id = "a",
                                             .file = "index.m3u8",
                                             .uri_query = std::move(uri),
                                             .playlist_query = std::move(playlist)});
        return question ? question->query + " " + question->playlist_query : "refused";
    };
    EXPECT_EQ(read("", ""), " ");
    EXPECT_EQ(read("?token=t", ""), "?token=t ?token=t");
    EXPECT_EQ(read("", "?viewer=v"), " ?viewer=v");
    EXPECT_EQ(read("", "&viewer=v"), " ?viewer=v");
    EXPECT_EQ(read("?token=t", "?viewer=v"), "?token=t ?token=t&viewer=v");
    EXPECT_EQ(read("?token=t", "?&"), "?token=t ?token=t&");
    EXPECT_EQ(read("?a=\"", ""), "refused");
    EXPECT_EQ(read("", "?a=\n#EXT"), "refused");
    EXPECT_EQ(read('?' + std::string(max_query, 'x'), ""), "refused");
}

}  // namespace
}  // namespace output::hls
