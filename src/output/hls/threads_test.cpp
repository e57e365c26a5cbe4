// The real loops, and players on threads of their own: every question is answered once, whatever meets
// whatever.
#include <random>
#include <thread>

#include "output/hls/test_stage.h"

namespace output::hls {
namespace {

using namespace test;

// As fast as it can: time in the media, not on a clock.
class Rush {
  public:
    Rush(hub::Registry& registry, const base::Clock& clock) : registry_(registry), clock_(clock) {}

    void run(std::chrono::seconds media, bool closes) {
        const auto stream = registry_.open("a");
        stream->begin_publisher(clock_.now());
        publish(*stream, *cmaf::test::config_frame("h264"), 0us);
        for (int i = 0; i < media / 1s * 30; ++i) {
            publish(*stream,
                    *cmaf::test::coded_frame(media::Kind::video, media::Codec::h264, i % 60 == 0, 0us, 500),
                    33'333us * i);
            if (i % 30 == 0) std::this_thread::sleep_for(2ms);
        }
        if (closes) registry_.close(stream);
    }

  private:
    void publish(hub::Stream& stream, media::Frame frame, media::Timestamp at) {
        frame.dts = at;
        const media::FramePtr one = std::make_shared<const media::Frame>(std::move(frame));
        stream.publish(std::span(&one, 1), clock_.now());
    }

    hub::Registry& registry_;
    const base::Clock& clock_;
};

TEST(HlsOnThreads, answers_every_question_once) {
    base::SystemClock clock;
    base::LimitHits limits;
    net::IoPool media(2, "test-media");
    net::IoPool answers(1, "test-hls");
    hub::Registry registry({.groups = 2});
    cmaf::Feeds feeds({}, media, registry, clock, base::Logger());
    Server server({.memory_budget = 2'000'000, .idle = 1s}, feeds, registry, answers.core(0), limits, clock,
                  base::Logger());
    std::atomic<bool> over{false};
    std::atomic<std::uint64_t> asked{0};
    std::atomic<std::uint64_t> answered{0};
    std::atomic<std::uint64_t> good{0};
    std::atomic<std::uint64_t> bytes{0};

    const auto ask = [&](HlsQuestion question, std::function<void(const media::Content&)> then = {}) {
        ++asked;
        server.ask(std::move(question), [&, then](base::Result<media::Content> content) {
            if (content) {
                ++good;
                bytes += read_body(*content).size();
                if (then) then(*content);
            }
            ++answered;
        });
    };
    std::vector<std::thread> players;
    for (unsigned seed = 0; seed < 3; ++seed) {
        players.emplace_back([&, seed] {
            std::mt19937 random(seed);
            std::mutex mutex;
            std::string text;
            while (!over) {
                HlsQuestion question{.stream_id = "a",
                                     .file = random() % 4 == 0 ? "index.m3u8" : "media.m3u8"};
                if (random() % 3 == 0) question.uri_query = "?token=t";
                std::string known;
                {
                    const std::lock_guard lock(mutex);
                    known = text;
                }
                if (known.starts_with("#EXTM3U") && question.file == "media.m3u8" &&
                    question.uri_query.empty()) {
                    const Listed list = read_playlist(known);
                    const std::uint64_t next = list.media_sequence() + list.segments.size();
                    question.msn = std::to_string(next);
                    question.part = std::to_string(list.open ? list.open->parts.size() : 0);
                    const auto uris = list.uris();
                    ask({.stream_id = "a", .file = uris[random() % uris.size()]});
                    if (!list.hint.empty()) ask({.stream_id = "a", .file = list.hint});
                }
                const bool keeps = question.file == "media.m3u8" && question.uri_query.empty();
                ask(question, [&, keeps](const media::Content& content) {
                    if (!keeps) return;
                    const std::lock_guard lock(mutex);
                    text = read_body(content);
                });
                std::this_thread::sleep_for(500us);
            }
            // What it gave away refers to it.
            const auto deadline = std::chrono::steady_clock::now() + 20s;
            while (answered < asked && std::chrono::steady_clock::now() < deadline)
                std::this_thread::sleep_for(5ms);
        });
    }
    Rush rush(registry, clock);
    for (int i = 0; i < 3; ++i) rush.run(120s, i != 2);
    over = true;
    server.stop();
    for (std::thread& player : players) player.join();
    EXPECT_EQ(answered, asked);
    EXPECT_GT(good, 500u);
    EXPECT_GT(bytes, 1'000'000u);
    feeds.stop();
    media.stop();
    answers.stop();
    EXPECT_EQ(server.facts().waiting, 0u);
    EXPECT_EQ(server.facts().streams, 0u);
    EXPECT_EQ(server.facts().bytes_held, 0u);
}

}  // namespace
}  // namespace output::hls
