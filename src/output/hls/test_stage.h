// The whole of live HLS on a clock that a test moves: encoders, feeds, the server, and who asks it.
#pragma once

#include <unistd.h>

#include <optional>

#include "output/cmaf/test_publisher.h"
#include "output/hls/server.h"
#include "output/hls/test_playlist.h"

namespace output::hls::test {

using cmaf::test::Encoding;
using cmaf::test::Publisher;
using cmaf::test::TestLoop;
using namespace std::chrono_literals;

// All its bytes, whichever way they are kept.
inline std::string read_body(const media::Content& content) {
    if (const auto* text = std::get_if<media::SharedText>(&content.body)) return **text;
    const auto& slice = std::get<base::FileSlice>(content.body);
    std::string bytes(slice.size, '\0');
    const ssize_t got =
        ::pread(slice.file->descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(slice.offset));
    EXPECT_EQ(got, static_cast<ssize_t>(slice.size));
    return bytes;
}

// A question, and its answer when it came.
class Asked {
  public:
    bool answered() const { return result_->has_value(); }
    const base::Result<media::Content>& result() const { return **result_; }
    std::string body() const {
        EXPECT_TRUE(answered());
        if (!answered() || !result()) return {};
        return read_body(*result());
    }
    base::ErrorCode error() const {
        EXPECT_TRUE(answered() && !result());
        return answered() && !result() ? result().error().code : base::ErrorCode::internal;
    }
    LiveHls::Answer callback() const {
        return [result = result_](base::Result<media::Content> content) {
            EXPECT_FALSE(result->has_value()) << "answered twice";
            *result = std::move(content);
        };
    }

  private:
    std::shared_ptr<std::optional<base::Result<media::Content>>> result_ =
        std::make_shared<std::optional<base::Result<media::Content>>>();
};

class Stage {
  public:
    explicit Stage(Settings settings = {}, base::WallTime begin = base::from_unix_millis(1'790'000'000'000)) {
        clock.set_wall(begin);
        server = std::make_unique<Server>(settings, feeds, registry, loop, limits, clock, base::Logger());
    }
    ~Stage() {
        server->stop();
        feeds.stop();
        loop.run_posted();
    }

    Asked ask(HlsQuestion question) {
        Asked asked;
        server->ask(std::move(question), asked.callback());
        loop.run_posted();
        return asked;
    }
    Asked ask(const std::string& file) { return ask({.stream_id = "a", .file = file}); }
    Asked ask_media(std::uint64_t msn, std::optional<std::uint32_t> part = {}) {
        HlsQuestion question{.stream_id = "a", .file = "media.m3u8", .msn = std::to_string(msn)};
        if (part) question.part = std::to_string(*part);
        return ask(std::move(question));
    }
    Listed list(const std::string& file = "media.m3u8") { return read_playlist(ask(file).body()); }
    // Nothing but time.
    void pass(std::chrono::milliseconds time) {
        for (; time > 0ms; time -= 100ms) {
            clock.advance(std::min(time, std::chrono::milliseconds(100)));
            loop.run_posted();
        }
    }

    base::ManualClock clock;
    TestLoop loop{clock};
    hub::Registry registry{{.groups = 2}};
    base::LimitHits limits;
    cmaf::Feeds feeds{{}, {loop}, registry, clock, base::Logger()};
    std::unique_ptr<Server> server;
};

}  // namespace output::hls::test
