#include "transcode/live_thumbnails.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "transcode/test_pictures.h"

namespace transcode {
namespace {

using namespace std::chrono_literals;

const base::WallTime some_day{std::chrono::seconds(1'790'000'000)};

Thumbnail picture(const std::string& text) {
    return {std::make_shared<const std::string>(text), 64, 48};
}

std::string text_of(const std::optional<media::Content>& content) {
    return content ? *std::get<media::SharedText>(content->body) : "none";
}

media::FramePtr frame(media::Role role, base::Bytes bytes, bool keyframe = true) {
    auto made = std::make_shared<media::Frame>();
    made->kind = media::Kind::video;
    made->codec = media::Codec::h264;
    made->role = role;
    made->keyframe = keyframe && role == media::Role::coded;
    bytes.insert(bytes.begin(), 5, 0);
    made->tag = base::SharedBytes(std::move(bytes));
    made->payload_offset = 5;
    return made;
}

class Shelf : public testing::Test {
  protected:
    base::MonotonicTime at(std::chrono::milliseconds later) const { return begin_ + later; }
    void finish(const std::string& id, std::chrono::milliseconds later, const std::string& text) {
        shelf_.put(id, frame(media::Role::coded, {1}), picture(text), at(later), some_day);
    }
    base::MonotonicTime begin_{std::chrono::hours(1)};
    PosterShelf shelf_{PosterSettings{.max_streams = 3}};
};

TEST_F(Shelf, PosterIsMadeWhenAskedForAndKeptNewForAMinute) {
    EXPECT_FALSE(shelf_.next_due());
    EXPECT_FALSE(shelf_.ask("a", at(0s)));
    EXPECT_EQ(shelf_.take_due(at(0s)), "a");
    // Under way: not due for another thread.
    EXPECT_FALSE(shelf_.take_due(at(0s)));
    finish("a", 0s, "first");
    EXPECT_FALSE(shelf_.take_due(at(9'999ms)));
    EXPECT_EQ(shelf_.take_due(at(10s)), "a");
    finish("a", 10s, "second");
    const auto content = shelf_.ask("a", at(11s));
    EXPECT_EQ(text_of(content), "second");
    EXPECT_EQ(content->type, "image/jpeg");
    EXPECT_EQ(content->lifetime, 10s);
    EXPECT_EQ(content->modified, some_day);
    EXPECT_FALSE(content->etag.empty());
    for (auto now = 20s; now <= 70s; now += 10s) {
        EXPECT_EQ(shelf_.take_due(at(now)), "a");
        finish("a", now, "later");
    }
    EXPECT_FALSE(shelf_.take_due(at(80s)));
    EXPECT_EQ(shelf_.size(), 0U);
    EXPECT_FALSE(shelf_.next_due());
}

TEST_F(Shelf, RecordedStreamIsKeptNewUnasked) {
    shelf_.set_recording("a", true, at(0s));
    EXPECT_EQ(shelf_.take_due(at(0s)), "a");
    finish("a", 0s, "x");
    EXPECT_EQ(shelf_.take_due(at(1h)), "a");
    shelf_.keep("a", at(1h));
    shelf_.set_recording("a", false, at(1h));
    EXPECT_FALSE(shelf_.take_due(at(2h)));
    EXPECT_EQ(shelf_.size(), 0U);
    shelf_.set_recording("b", false, at(2h));
    EXPECT_EQ(shelf_.size(), 0U);
}

TEST_F(Shelf, WhatCannotBeDecodedIsTriedLessAndLess) {
    shelf_.set_recording("a", true, at(0s));
    auto now = at(0s);
    for (const auto wait : {10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
        ASSERT_EQ(shelf_.take_due(now), "a");
        shelf_.miss("a", now);
        EXPECT_EQ(*shelf_.next_due() - now, wait);
        now += wait;
    }
    ASSERT_EQ(shelf_.take_due(now), "a");
    shelf_.put("a", frame(media::Role::coded, {1}), picture("x"), now, some_day);
    EXPECT_EQ(*shelf_.next_due() - now, 10s);
}

TEST_F(Shelf, OldestMakesRoom) {
    shelf_.set_recording("recorded", true, at(0s));
    shelf_.ask("old", at(1s));
    shelf_.ask("new", at(2s));
    shelf_.ask("newest", at(3s));
    EXPECT_EQ(shelf_.size(), 3U);
    EXPECT_EQ(shelf_.take_due(at(3s)), "recorded");
    EXPECT_EQ(shelf_.take_due(at(3s)), "new");
    EXPECT_EQ(shelf_.take_due(at(3s)), "newest");
    // What was thrown out while it was being made is not missed.
    finish("old", 4s, "x");
    shelf_.keep("old", at(4s));
    shelf_.miss("old", at(4s));
    EXPECT_EQ(shelf_.size(), 3U);
}

TEST(NewestKeyframe, IsFoundWithItsConfiguration) {
    const auto stream = std::make_shared<hub::Stream>("s", hub::FrameLogSettings{});
    const base::MonotonicTime now{1h};
    EXPECT_FALSE(newest_keyframe(stream, now));
    const std::vector<media::FramePtr> frames{
        frame(media::Role::config, {1, 2}), frame(media::Role::coded, {3}),
        frame(media::Role::coded, {4}, false), frame(media::Role::coded, {5, 6}),
        frame(media::Role::coded, {7}, false)};
    stream->begin_publisher(now);
    stream->publish(frames, now);
    const auto found = newest_keyframe(stream, now + 20s);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->frame, frames[3]);
    EXPECT_EQ(base::to_hex(found->request.config.view()), "0102");
    EXPECT_EQ(base::to_hex(found->request.keyframe.view()), "0506");
    EXPECT_EQ(found->request.codec, media::Codec::h264);
}

// Counts, and answers when it is told to.
class Maker final : public ThumbnailMaker {
  public:
    base::Result<Thumbnail> make(const ThumbnailRequest& request) override {
        const int now = ++running;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) continue;
        open.wait();
        --running;
        ++calls;
        if (request.keyframe.empty()) return base::fail(base::ErrorCode::malformed, "no");
        return picture("picture " + std::to_string(calls));
    }
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    std::atomic<int> calls = 0;
    std::promise<void> door;
    std::shared_future<void> open = door.get_future().share();
};

class Live : public testing::Test {
  protected:
    std::shared_ptr<hub::Stream> open(const std::string& id) {
        auto stream = streams_.open(id);
        const std::vector<media::FramePtr> frames{frame(media::Role::config, {1}),
                                                  frame(media::Role::coded, {2})};
        stream->publish(frames, clock_.now());
        return stream;
    }
    bool comes(const std::function<bool()>& condition) {
        for (int i = 0; i < 1'000 && !condition(); ++i) std::this_thread::sleep_for(5ms);
        return condition();
    }

    base::SystemClock clock_;
    hub::Registry streams_{hub::FrameLogSettings{}};
    Maker maker_;
};

TEST_F(Live, PosterComesForWhoAsks) {
    LiveThumbnails posters(maker_, streams_, clock_, {}, {.posters = {.period = 20ms}, .threads = 2});
    const auto stream = open("s");
    maker_.door.set_value();
    EXPECT_TRUE(comes([&] { return text_of(posters.poster("s")) == "picture 1"; }));
    // The same keyframe is not decoded twice; the next one is.
    const std::vector<media::FramePtr> next{frame(media::Role::coded, {3})};
    stream->publish(next, clock_.now());
    EXPECT_TRUE(comes([&] { return text_of(posters.poster("s")) == "picture 2"; }));
    EXPECT_EQ(maker_.calls, 2);
    // The encoder pauses: the last picture stays.
    streams_.close(stream);
    EXPECT_EQ(text_of(posters.poster("s")), "picture 2");
    EXPECT_EQ(posters.posters(), 1U);
}

TEST_F(Live, NothingIsDecodedUnasked) {
    LiveThumbnails posters(maker_, streams_, clock_, {},
                           {.posters = {.period = 1ms, .idle = 10ms}, .threads = 1});
    maker_.door.set_value();
    open("s");
    posters.poster("s");
    EXPECT_TRUE(comes([&] { return posters.posters() == 0; }));
    const int calls = maker_.calls;
    EXPECT_LE(calls, 1);
    posters.set_recording("s", true);
    EXPECT_TRUE(comes([&] { return maker_.calls > calls; }));
}

TEST_F(Live, NoMoreAtATimeThanThereAreThreads) {
    std::atomic<int> done = 0;
    LiveThumbnails posters(maker_, streams_, clock_, {}, {.threads = 2});
    for (int i = 0; i < 10; ++i) {
        open("s" + std::to_string(i));
        posters.poster("s" + std::to_string(i));
        posters.make("s" + std::to_string(i),
                     [&](const base::Result<Thumbnail>& made) { done += made ? 1 : 0; });
    }
    EXPECT_TRUE(comes([&] { return maker_.running == 2; }));
    maker_.door.set_value();
    EXPECT_TRUE(comes([&] { return maker_.calls == 20 && done == 10; }));
    EXPECT_EQ(maker_.most, 2);
}

TEST_F(Live, SingleOnesAreBoundedAndEachIsAnswered) {
    std::vector<base::ErrorCode> codes;
    {
        LiveThumbnails posters(maker_, streams_, clock_, {}, {.threads = 1, .max_queued = 2});
        const auto keep = [&](const base::Result<Thumbnail>& made) {
            if (!made) codes.push_back(made.error().code);
        };
        posters.make("nobody", keep);
        EXPECT_EQ(codes, std::vector{base::ErrorCode::not_found});
        posters.make(test::small("h264"), keep);
        EXPECT_TRUE(comes([&] { return maker_.running == 1; }));
        posters.make(test::small("h264"), keep);
        posters.make(test::small("h264"), keep);
        posters.make(test::small("h264"), keep);
        EXPECT_EQ(codes.back(), base::ErrorCode::unavailable);
        // Of the two that wait, the thread may take one before it sees that we stop.
        maker_.door.set_value();
    }
    EXPECT_LE(codes.size(), 4U);
    for (std::size_t i = 2; i < codes.size(); ++i) EXPECT_EQ(codes[i], base::ErrorCode::closed);
    EXPECT_EQ(static_cast<std::size_t>(maker_.calls) + codes.size() - 2, 3U);
}

}  // namespace
}  // namespace transcode
