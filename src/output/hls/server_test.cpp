#include "output/hls/server.h"

#include "output/hls/test_stage.h"

namespace output::hls {
namespace {

using namespace test;
using base::ErrorCode;

TEST(HlsServer, answers_the_first_question_from_what_the_hub_still_holds) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(7s);
    const Asked index = stage.ask("index.m3u8");
    ASSERT_TRUE(index.answered());
    EXPECT_NE(index.body().find("\nmedia.m3u8\n"), std::string::npos) << index.body();
    const Listed list = stage.list();
    ASSERT_EQ(list.segments.size(), 1u);
    ASSERT_TRUE(list.open);
    for (const std::string& uri : list.uris()) EXPECT_TRUE(stage.ask(uri).answered()) << uri;
}

TEST(HlsServer, before_the_first_segment_questions_wait_for_it) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(100ms);
    const Asked index = stage.ask("index.m3u8");
    const Asked media = stage.ask("media.m3u8");
    const Asked plain = stage.ask("plain.m3u8");
    // A player that was here before.
    const Asked known = stage.ask_media(3, 1);
    encoder.run(1'800ms);
    EXPECT_FALSE(index.answered() || media.answered() || plain.answered());
    EXPECT_EQ(stage.server->facts().waiting, 4u);
    encoder.run(200ms);
    EXPECT_TRUE(index.answered() && media.answered() && plain.answered() && known.answered());
    EXPECT_EQ(read_playlist(media.body()).segments.size(), 1u);
    EXPECT_EQ(stage.server->facts().waiting, 0u);
}

TEST(HlsServer, knows_no_stream_that_is_not_there) {
    Stage stage;
    EXPECT_EQ(stage.ask("media.m3u8").error(), ErrorCode::not_found);
    EXPECT_EQ(stage.server->facts().streams, 0u);
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(5s);
    EXPECT_EQ(stage.ask("nothing.html").error(), ErrorCode::not_found);
    EXPECT_EQ(stage.ask("1.m4s").error(), ErrorCode::not_found);
    EXPECT_EQ(stage.ask("1.mp4").error(), ErrorCode::not_found);
    const std::uint64_t first = stage.list().media_sequence();
    EXPECT_EQ(stage.ask(std::to_string(first) + ".90.m4s").error(), ErrorCode::not_found);
    EXPECT_EQ(stage.ask(std::to_string(first + 90) + ".m4s").error(), ErrorCode::not_found);
    EXPECT_EQ(stage.ask("99.mp4").error(), ErrorCode::not_found);
}

TEST(HlsServer, a_blocked_reload_is_answered_when_its_part_is_there) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(7s);
    Listed list = stage.list();
    for (int i = 0; i < 40; ++i) {
        const std::uint64_t msn = list.media_sequence() + list.segments.size();
        const auto part = static_cast<std::uint32_t>(list.open ? list.open->parts.size() : 0);
        const Asked next = stage.ask_media(msn, part);
        // The hinted part, asked for at the same time.
        const Asked hinted = stage.ask(list.hint);
        EXPECT_FALSE(next.answered());
        EXPECT_FALSE(hinted.answered());
        for (int frames = 0; !next.answered() && frames < 12; ++frames) encoder.run(33ms);
        ASSERT_TRUE(next.answered());
        ASSERT_TRUE(hinted.answered());
        const std::string hint = list.hint;
        list = read_playlist(next.body());
        // What was hinted at is what came.
        const auto uris = list.uris();
        EXPECT_NE(std::find(uris.begin(), uris.end(), hint), uris.end()) << next.body();
        EXPECT_EQ(stage.ask(hint).body(), hinted.body());
        EXPECT_EQ(next.result()->lifetime, list.target() * 6 * 1s);
    }
}

TEST(HlsServer, a_whole_segment_can_be_waited_for) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(6'100ms);
    const Listed list = stage.list();
    const std::uint64_t next = list.segments.back().msn + 1;
    const Asked whole = stage.ask_media(next);
    encoder.run(1'700ms);
    EXPECT_FALSE(whole.answered());
    encoder.run(400ms);
    EXPECT_EQ(read_playlist(whole.body()).segments.back().msn, next);
}

TEST(HlsServer, refuses_what_is_too_far_ahead_and_ends_what_takes_too_long) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(6'100ms);
    const std::uint64_t next = stage.list().segments.back().msn + 1;
    EXPECT_EQ(stage.ask_media(next + 2).error(), ErrorCode::bad_request);
    EXPECT_EQ(stage.ask_media(next, 40).error(), ErrorCode::bad_request);
    HlsQuestion alone{.stream_id = "a", .file = "media.m3u8", .part = "1"};
    EXPECT_EQ(stage.ask(alone).error(), ErrorCode::bad_request);
    // Three target durations.
    const Asked late = stage.ask_media(next + 1);
    const Asked hinted = stage.ask(stage.list().hint);
    stage.pass(5'800ms);
    EXPECT_FALSE(late.answered());
    stage.pass(600ms);
    EXPECT_EQ(late.error(), ErrorCode::unavailable);
    EXPECT_EQ(hinted.error(), ErrorCode::unavailable);
    EXPECT_EQ(stage.server->facts().waiting, 0u);
}

TEST(HlsServer, the_window_moves_on_and_what_left_it_can_still_be_had_for_a_while) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(5s);
    const Listed first = stage.list();
    const std::string old = first.segments.front().uri;
    const std::string bytes = stage.ask(old).body();
    encoder.run(20s);
    const Listed later = stage.list();
    EXPECT_EQ(later.segments.size(), 6u);
    EXPECT_GT(later.media_sequence(), first.media_sequence());
    EXPECT_EQ(later.discontinuity_sequence(), first.discontinuity_sequence());
    EXPECT_EQ(stage.ask(old).body(), bytes);
    encoder.run(30s);
    EXPECT_EQ(stage.ask(old).error(), ErrorCode::not_found);
    // Twice the window is held, and no more.
    EXPECT_LE(stage.server->facts().bytes_held, std::uint64_t{17} * 2 * 31'500);
}

TEST(HlsServer, a_slow_reader_keeps_its_bytes_and_only_those) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(5s);
    std::optional<media::Content> held = *stage.ask(stage.list().segments.front().uri).result();
    const std::string bytes = read_body(*held);
    EXPECT_EQ(bytes.find_first_not_of('\0') != std::string::npos, true);
    encoder.run(120s);
    EXPECT_EQ(read_body(*held), bytes);
    const std::uint64_t with = stage.server->facts().bytes_held;
    const std::uint64_t size = std::get<base::FileSlice>(held->body).size;
    held.reset();
    EXPECT_EQ(stage.server->facts().bytes_held, with - size);
}

TEST(HlsServer, a_segment_is_its_parts_and_names_stay_true) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(5s);
    (void)stage.list();
    encoder.run(6s);
    const Listed list = stage.list();
    ASSERT_GE(list.segments.size(), 3u);
    for (const ListedSegment& segment : list.segments) {
        if (segment.parts.empty()) continue;
        std::string parts;
        for (const ListedPart& part : segment.parts) parts += stage.ask(part.uri).body();
        EXPECT_EQ(stage.ask(segment.uri).body(), parts);
        EXPECT_NEAR(segment.parts_duration(), segment.duration, 1e-6);
        EXPECT_TRUE(segment.parts.front().independent);
    }
    const Asked init = stage.ask(list.segments.front().map);
    EXPECT_EQ(init.body().substr(4, 4), "ftyp");
    EXPECT_EQ(init.result()->lifetime, std::nullopt);
    EXPECT_EQ(init.result()->type, "video/mp4");
    EXPECT_EQ(stage.ask("plain.m3u8").result()->type, "application/vnd.apple.mpegurl");
}

TEST(HlsServer, lets_go_of_a_stream_that_nobody_asks_for_and_begins_again_with_greater_numbers) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(5s);
    const Listed before = stage.list();
    encoder.run(59s);
    EXPECT_EQ(stage.server->facts().streams, 1u);
    encoder.run(3s);
    EXPECT_EQ(stage.server->facts().streams, 0u);
    EXPECT_EQ(stage.feeds.facts().feeds, 0u);
    EXPECT_EQ(stage.server->facts().bytes_held, 0u);
    const Listed after = stage.list();
    EXPECT_GT(after.media_sequence(), before.segments.back().msn);
    EXPECT_GT(after.discontinuity_sequence(), before.discontinuity_sequence());
}

TEST(HlsServer, numbers_do_not_go_back_over_a_restart) {
    std::uint64_t last = 0;
    std::uint64_t last_discontinuity = 0;
    base::WallTime begin = base::from_unix_millis(1'790'000'000'000);
    for (int i = 0; i < 3; ++i) {
        Stage stage({}, begin);
        Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
        encoder.run(4s);
        const Listed first = stage.list();
        EXPECT_GT(first.media_sequence(), last);
        EXPECT_GT(first.discontinuity_sequence(), last_discontinuity);
        encoder.run(30s);
        last = stage.list().segments.back().msn;
        last_discontinuity = stage.list().discontinuity_sequence();
        begin = stage.clock.wall() + 1s;
    }
}

TEST(HlsServer, the_end_is_seen_for_a_minute_and_then_the_stream_is_gone) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(9s);
    const Listed list = stage.list();
    {
        const Asked waits = stage.ask_media(list.segments.back().msn + 1);
        const Asked hinted = stage.ask(list.hint);
        EXPECT_FALSE(waits.answered() || hinted.answered());
        encoder.end();
        stage.pass(100ms);
        const Listed ended = read_playlist(waits.body());
        EXPECT_TRUE(ended.ended);
        EXPECT_TRUE(ended.hint.empty());
        EXPECT_FALSE(ended.open);
        EXPECT_TRUE(hinted.answered());
    }
    stage.pass(50s);
    EXPECT_TRUE(stage.list().ended);
    for (const std::string& uri : stage.list().uris()) EXPECT_TRUE(stage.ask(uri).result()) << uri;
    stage.pass(11s);
    EXPECT_EQ(stage.ask("media.m3u8").error(), ErrorCode::not_found);
    EXPECT_EQ(stage.server->facts().streams, 0u);
    EXPECT_EQ(stage.server->facts().bytes_held, 0u);
}

TEST(HlsServer, another_stream_of_the_same_id_begins_anew) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(9s);
    const Listed before = stage.list();
    encoder.end();
    stage.pass(5s);
    ASSERT_TRUE(stage.list().ended);
    encoder.open();
    encoder.run(4'100ms);
    const Listed after = stage.list();
    EXPECT_FALSE(after.ended);
    EXPECT_GT(after.media_sequence(), before.segments.back().msn + 1);
    EXPECT_NE(after.segments.front().map, before.segments.front().map);
    EXPECT_FALSE(after.segments.front().discontinuity);
    // Who is still at the end of the one before is served.
    EXPECT_TRUE(stage.ask(before.segments.back().uri).result());
    EXPECT_TRUE(stage.ask(before.segments.back().map).result());
    encoder.run(30s);
    EXPECT_EQ(stage.ask(before.segments.back().uri).error(), ErrorCode::not_found);
}

TEST(HlsServer, an_encoder_that_returns_goes_on_behind_a_discontinuity) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(9s);
    const Listed before = stage.list();
    encoder.pause(15s);
    encoder.announce();
    encoder.run(4'100ms);
    const Listed after = stage.list();
    EXPECT_EQ(after.media_sequence(), before.media_sequence());
    const auto broken = std::find_if(after.segments.begin(), after.segments.end(),
                                     [](const ListedSegment& segment) { return segment.discontinuity; });
    ASSERT_NE(broken, after.segments.end());
    // The same codecs: the same init segment.
    EXPECT_EQ(broken->map, before.segments.front().map);
    EXPECT_FALSE(broken->date.empty());
    encoder.run(30s);
    EXPECT_EQ(stage.list().discontinuity_sequence(), before.discontinuity_sequence() + 1);
}

TEST(HlsServer, another_codec_has_another_init_segment_behind_a_discontinuity) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(6s);
    const Listed before = stage.list();
    encoder.encoding.gop = 0;
    encoder.run(9s);
    const Listed after = stage.list();
    const auto broken = std::find_if(after.segments.begin(), after.segments.end(),
                                     [](const ListedSegment& segment) { return segment.discontinuity; });
    ASSERT_NE(broken, after.segments.end());
    EXPECT_NE(broken->map, before.segments.front().map);
    EXPECT_EQ(stage.ask(broken->map).result()->type, "audio/mp4");
    EXPECT_EQ(stage.ask(broken->uri).result()->type, "audio/mp4");
    const std::string index = stage.ask("index.m3u8").body();
    EXPECT_NE(index.find("CODECS=\"avc1.64000a,mp4a.40.2\""), std::string::npos) << index;
    EXPECT_EQ(index.find("RESOLUTION"), std::string::npos) << index;
}

TEST(HlsServer, over_the_budget_the_oldest_go_and_new_streams_are_refused) {
    // A second is 1.5 MB.
    Stage stage({.memory_budget = 30'000'000});
    Publisher big(stage.registry, "a", stage.clock, stage.loop, {.picture_size = 50'000});
    big.run(5s);
    ASSERT_TRUE(stage.ask("media.m3u8").result());
    for (int i = 0; i < 40; ++i) {
        big.run(1s);
        EXPECT_LE(stage.server->facts().bytes_held, 31'500'000u);
        const Listed list = stage.list();
        EXPECT_GE(list.duration() + 1e-6, std::min(3.0 * list.target(), 2.0 * (i / 2 + 1)));
    }
    // One more that fits; both have to give way.
    Publisher small(stage.registry, "b", stage.clock, stage.loop, {.picture_size = 20'000});
    small.run(4s);
    ASSERT_TRUE(stage.ask(HlsQuestion{.stream_id = "b", .file = "media.m3u8"}).result());
    EXPECT_EQ(stage.server->facts().streams, 2u);
    EXPECT_EQ(stage.limits.counts().count("hls_memory_bytes"), 0u);
}

TEST(HlsServer, without_memory_a_new_stream_is_refused_and_those_that_are_there_stay) {
    Stage stage({.memory_budget = 8'000'000});
    Publisher big(stage.registry, "a", stage.clock, stage.loop, {.picture_size = 50'000});
    big.run(5s);
    ASSERT_TRUE(stage.ask("media.m3u8").result());
    big.run(20s);
    const Listed list = stage.list();
    EXPECT_GE(list.duration() + 1e-6, 3 * list.target());
    for (const std::string& uri : list.uris()) EXPECT_TRUE(stage.ask(uri).result()) << uri;
    Publisher other(stage.registry, "b", stage.clock, stage.loop);
    other.run(4s);
    EXPECT_EQ(stage.ask(HlsQuestion{.stream_id = "b", .file = "media.m3u8"}).error(), ErrorCode::unavailable);
    EXPECT_EQ(stage.limits.counts().at("hls_memory_bytes"), 1u);
    EXPECT_TRUE(stage.ask("media.m3u8").result());
}

TEST(HlsServer, gives_back_what_it_is_told_to_and_keeps_three_target_durations) {
    Stage stage({.window_segments = 20});
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop, {.picture_size = 50'000});
    encoder.run(5s);
    ASSERT_TRUE(stage.ask("media.m3u8").result());
    encoder.run(30s);
    const std::uint64_t before = stage.server->facts().bytes_held;
    const Listed full = stage.list();
    stage.server->shed(4'000'000);
    // Two segments of 3 MB.
    EXPECT_EQ(stage.list().segments.size(), full.segments.size() - 2);
    EXPECT_NEAR(static_cast<double>(before - stage.server->facts().bytes_held), 6e6, 1e6);
    stage.server->shed(before);
    const Listed least = stage.list();
    EXPECT_GE(least.duration() + 1e-6, 3 * least.target());
    EXPECT_LT(least.segments.size(), 5u);
    for (const std::string& uri : least.uris()) EXPECT_TRUE(stage.ask(uri).result()) << uri;
    EXPECT_EQ(least.media_sequence() + least.segments.size(), full.media_sequence() + full.segments.size());
}

TEST(HlsServer, five_thousand_who_wait_get_one_text) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(6'500ms);
    (void)stage.list();
    encoder.run(12s);
    const Listed list = stage.list();
    ASSERT_TRUE(list.open);
    const auto part = static_cast<std::uint32_t>(list.open->parts.size());
    std::vector<Asked> asked;
    for (int i = 0; i < 5'000; ++i) asked.push_back(stage.ask_media(list.segments.back().msn + 1, part));
    EXPECT_EQ(stage.server->facts().waiting, 5'000u);
    const std::uint64_t texts = stage.server->facts().texts_made;
    encoder.run(400ms);
    const auto text = std::get<media::SharedText>(asked.front().result()->body);
    for (const Asked& one : asked) EXPECT_EQ(std::get<media::SharedText>(one.result()->body), text);
    EXPECT_EQ(stage.server->facts().texts_made, texts + 1);
    EXPECT_NE(asked.front().result()->gzip, nullptr);
}

TEST(HlsServer, only_so_many_may_wait) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(6'100ms);
    const std::uint64_t next = stage.list().segments.back().msn + 1;
    std::size_t answered = 0;
    const auto ask = [&] {
        stage.server->ask({.stream_id = "a", .file = "media.m3u8", .msn = std::to_string(next)},
                          [&](const base::Result<media::Content>&) { ++answered; });
    };
    for (std::size_t i = 0; i < max_waiting; ++i) ask();
    EXPECT_EQ(answered, 0u);
    EXPECT_EQ(stage.ask_media(next).error(), ErrorCode::unavailable);
    EXPECT_EQ(stage.limits.counts().at("hls_waiting"), 1u);
    encoder.run(2s);
    EXPECT_EQ(answered, max_waiting);
    EXPECT_EQ(stage.server->facts().waiting, 0u);
}

TEST(HlsServer, puts_queries_behind_uris_and_keeps_such_texts_from_caches) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(6'100ms);
    const auto ask = [&](const std::string& file, bool plain) {
        return stage.ask(HlsQuestion{.stream_id = "a",
                                     .file = file,
                                     .plain = plain,
                                     .uri_query = "?token=t%2B",
                                     .playlist_query = "viewer=v"});
    };
    EXPECT_NE(ask("index.m3u8", false).body().find("\nmedia.m3u8?token=t%2B&viewer=v\n"), std::string::npos);
    EXPECT_NE(ask("index.m3u8", true).body().find("\nplain.m3u8?token=t%2B&viewer=v\n"), std::string::npos);
    const Asked media = ask("media.m3u8", false);
    Listed list = read_playlist(media.body());
    for (const std::string& uri : list.uris()) EXPECT_TRUE(uri.ends_with("?token=t%2B")) << uri;
    EXPECT_TRUE(list.hint.ends_with("?token=t%2B"));
    EXPECT_TRUE(media.result()->personal);
    EXPECT_EQ(media.result()->gzip, nullptr);
    EXPECT_FALSE(stage.ask("media.m3u8").result()->personal);
    EXPECT_NE(media.result()->etag, stage.ask("media.m3u8").result()->etag);
    EXPECT_EQ(media.body().find("viewer"), std::string::npos);
}

TEST(HlsServer, keeps_the_window_of_a_stream_that_is_packaged_for_another_reason) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    auto recording = stage.feeds.join("a", nullptr);
    encoder.run(20s);
    const Listed list = stage.list();
    EXPECT_EQ(list.segments.size(), 6u);
    // Nobody asks; it is kept as long as the recording is.
    encoder.run(70s);
    EXPECT_EQ(stage.server->facts().streams, 1u);
    recording.reset();
    stage.pass(300ms);
    EXPECT_EQ(stage.server->facts().streams, 0u);
    EXPECT_EQ(stage.server->facts().bytes_held, 0u);
}

TEST(HlsServer, who_waits_is_answered_when_the_server_stops) {
    Stage stage;
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(6'100ms);
    const Asked waits = stage.ask_media(stage.list().segments.back().msn + 1);
    stage.server->stop();
    EXPECT_EQ(waits.error(), ErrorCode::unavailable) << "players try again, and find it after a restart";
    EXPECT_EQ(stage.ask("media.m3u8").error(), ErrorCode::unavailable);
}

}  // namespace
}  // namespace output::hls
