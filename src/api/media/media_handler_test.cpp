// Players against the handler over real sockets, with a playback service that the test speaks for.
#include "api/media/media_handler.h"

#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "api/http/server.h"
#include "api/http/websocket.h"
#include "support/raw_http.h"

namespace api::media {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using test_support::RawHttp;
using test_support::RawResponse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class TestFile final : public base::FileHandle {
  public:
    explicit TestFile(const std::string& content) : descriptor_(::memfd_create("test", MFD_CLOEXEC)) {
        EXPECT_EQ(::write(descriptor_, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    }
    ~TestFile() override { ::close(descriptor_); }
    int descriptor() const override { return descriptor_; }

  private:
    int descriptor_;
};

class OneText final : public base::ByteSource {
  public:
    explicit OneText(std::atomic<bool>& alive) : alive_(alive) { alive_ = true; }
    ~OneText() override { alive_ = false; }
    void start(std::function<void()>) override { started_ = true; }
    Pull pull(base::MonotonicTime, base::GatherList& out) override {
        EXPECT_TRUE(started_);
        out.add_view(base::as_bytes("FLV tags"));
        return {.end = true};
    }

  private:
    std::atomic<bool>& alive_;
    bool started_ = false;
};

class FakePlayback final : public service::PlaybackService {
  public:
    void live(service::LiveQuestion question, service::Viewer viewer, ContentAnswer answer) override {
        const std::lock_guard lock(mutex);
        last = question;
        last_viewer = viewer;
        if (question.file == "hold.m3u8") return held.push_back(std::move(answer));
        answer_one(question.file, answer);
    }
    void live_flv(std::string playback_id, service::Viewer viewer, StreamAnswer answer) override {
        last_viewer = viewer;
        if (playback_id != "pb_1")
            return answer(base::fail(ErrorCode::not_found, "There is no such stream."));
        answer(std::make_shared<OneText>(source_alive));
    }
    void vod(std::string asset_id, std::string file, service::Viewer, ContentAnswer answer) override {
        last.playback_id = std::move(asset_id);
        answer_one(file, answer);
    }
    base::Result<service::PlaybackCard> card(const service::Actor&, const std::string&,
                                             const service::Viewer&) override {
        return base::fail(ErrorCode::not_found, "");
    }

    void answer_one(const std::string& file, const ContentAnswer& answer) const {
        if (const auto error = errors.find(file); error != errors.end())
            return answer(tl::unexpected(error->second));
        const auto found = contents.find(file);
        if (found == contents.end())
            return answer(base::fail(ErrorCode::not_found, "There is no such file."));
        answer(found->second);
    }

    std::mutex mutex;
    std::map<std::string, ::media::Content> contents;
    std::map<std::string, base::Error> errors;
    std::vector<ContentAnswer> held;
    service::LiveQuestion last;
    service::Viewer last_viewer;
    std::atomic<bool> source_alive = false;
};

// What the dispatcher does with such paths.
class Sink : public http::RequestSink {
  public:
    explicit Sink(http::PathHandler& to) : handler(to) {}
    void handle(http::Request request, http::Reply reply) override {
        handler.handle(std::move(request), std::move(reply));
    }
    http::Response refuse(int status, const base::Error&, std::string_view) override {
        http::Response response;
        response.status = status;
        return response;
    }
    http::PathHandler& handler;
};

class MediaHandlerTest : public testing::Test {
  protected:
    MediaHandlerTest() {
        ::media::Content playlist;
        playlist.body = std::make_shared<const std::string>("#EXTM3U\n");
        playlist.gzip = std::make_shared<const std::string>("packed");
        playlist.type = "application/vnd.apple.mpegurl";
        playlist.etag = "v1";
        playback.contents["index.m3u8"] = playlist;
        for (std::size_t i = 0; segment.size() < 500'000; ++i) segment += std::to_string(i) + ",";
        ::media::Content file;
        file.body = base::FileSlice{std::make_shared<TestFile>(segment), 0, segment.size(), true};
        file.type = "video/mp4";
        file.lifetime = std::nullopt;
        file.etag = "s1";
        playback.contents["1.m4s"] = file;
        playback.contents["video.mp4"] = file;
        playback.contents["video.mp4"].download_name = "Show.mp4";
        playback.errors["late.m3u8"] = {ErrorCode::unavailable, "Not in time."};
        playback.errors["gated.m3u8"] = {ErrorCode::forbidden, "Show a token.", "playback_refused"};
        playback.errors["broken.m3u8"] = {ErrorCode::internal, "a secret of ours"};
        http::ServerSettings settings;
        settings.listen = "127.0.0.1:0";
        server.emplace(settings, sink, base::Logger());
        EXPECT_TRUE(server->start());
    }

    static std::string request(const std::string& target, const std::string& headers = "",
                               const std::string& method = "GET") {
        return method + " " + target + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
    }
    RawResponse ask(const std::string& target, const std::string& headers = "",
                    const std::string& method = "GET") {
        RawHttp client(server->port());
        client.send(request(target, headers, method));
        return client.read_response(method == "HEAD");
    }

    std::string segment;
    FakePlayback playback;
    base::SystemClock clock;
    std::mutex mutex;
    std::vector<std::string> records;
    std::vector<std::string> lines;
    MediaHandler handler{playback, clock,
                         base::Logger([this](std::string_view line) { lines.emplace_back(line); }),
                         [this](const http::RequestRecord& record) {
                             const std::lock_guard lock(mutex);
                             records.push_back(std::string(record.method) + " " + std::string(record.route) +
                                               " " + std::to_string(record.status));
                         }};
    Sink sink{handler};
    std::optional<http::Server> server;
};

TEST_F(MediaHandlerTest, HandsOverWhatThePlayerAsks) {
    const RawResponse answer =
        ask("/live/pb_1/index.m3u8?token=a.b&viewer=v1&_HLS_msn=7&_HLS_part=2&_HLS_skip=YES&plain=1&x=%zz");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "#EXTM3U\n");
    EXPECT_EQ(playback.last.playback_id, "pb_1");
    EXPECT_EQ(playback.last.file, "index.m3u8");
    EXPECT_EQ(playback.last.msn, "7");
    EXPECT_EQ(playback.last.part, "2");
    EXPECT_EQ(playback.last.skip, "YES");
    EXPECT_TRUE(playback.last.plain);
    EXPECT_EQ(playback.last_viewer.token, "a.b");
    EXPECT_EQ(playback.last_viewer.session, "v1");
    EXPECT_EQ(playback.last_viewer.client_address, "127.0.0.1");
    EXPECT_EQ(ask("/vod/as_1/video.mp4").header("Content-Disposition"), "attachment; filename=\"Show.mp4\"");
    EXPECT_EQ(playback.last.playback_id, "as_1");
}

TEST_F(MediaHandlerTest, ServesAPipelineInOrder) {
    RawHttp client(server->port());
    client.send(request("/live/pb_1/1.m4s") + request("/live/pb_1/1.m4s", "Range: bytes=10-19\r\n") +
                request("/live/pb_1/1.m4s", "", "HEAD") + request("/live/pb_1/nothing") +
                request("/live/pb_1/index.m3u8", "Accept-Encoding: gzip\r\n") +
                request("/live/pb_1/1.m4s", "If-None-Match: \"s1\"\r\n") + request("/live/pb_1/index.m3u8"));
    EXPECT_TRUE(client.read_response().body == segment);
    const RawResponse part = client.read_response();
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, segment.substr(10, 10));
    EXPECT_EQ(client.read_response(true).header("Content-Length"), std::to_string(segment.size()));
    EXPECT_EQ(client.read_response().status, 404);
    EXPECT_EQ(client.read_response().body, "packed");
    EXPECT_EQ(client.read_response(true).status, 304);
    EXPECT_EQ(client.read_response().body, "#EXTM3U\n");
}

TEST_F(MediaHandlerTest, LetsAnySitePlay) {
    struct Row {
        const char* target;
        const char* method;
        const char* headers;
        int status;
    };
    for (const auto& [target, method, headers, status] : {
             Row{"/live/pb_1/index.m3u8", "GET", "", 200},
             Row{"/live/pb_1/index.m3u8", "HEAD", "", 200},
             Row{"/live/pb_1/index.m3u8", "GET", "Origin: https://fan.example\r\nCookie: a=b\r\n", 200},
             Row{"/live/pb_1/index.m3u8", "GET", "If-None-Match: \"v1\"\r\n", 304},
             Row{"/live/pb_1/1.m4s", "GET", "Range: bytes=0-1\r\nOrigin: null\r\n", 206},
             Row{"/live/pb_1/1.m4s", "GET", "Range: bytes=999999-\r\n", 416},
             Row{"/live/pb_1/nothing", "GET", "", 404},
             Row{"/live/pb_1/gated.m3u8", "GET", "", 403},
             Row{"/live/pb_1/late.m3u8", "GET", "", 503},
             Row{"/live/pb_1/broken.m3u8", "GET", "", 500},
             Row{"/live/..%2f", "GET", "", 404},
             Row{"/live/pb_1/index.m3u8?token=%zz", "GET", "", 400},
             Row{"/live/pb_1/index.m3u8", "OPTIONS", "Origin: https://fan.example\r\n", 204},
             Row{"/live/pb_1.flv", "OPTIONS", "Origin: https://fan.example\r\n", 204},
             Row{"/vod/as_1/video.mp4", "OPTIONS", "Origin: https://fan.example\r\n", 204},
             Row{"/vod/as_1/video.mp4", "DELETE", "", 405},
             Row{"/live/pb_1/index.m3u8", "POST", "Content-Length: 0\r\n", 405},
         }) {
        const RawResponse answer = ask(target, headers, method);
        EXPECT_EQ(answer.status, status) << method << " " << target;
        EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*") << method << " " << target;
        EXPECT_EQ(answer.header("Access-Control-Allow-Credentials"), "");
        EXPECT_EQ(answer.header("Set-Cookie"), "");
        EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
        EXPECT_THAT(answer.header("Access-Control-Expose-Headers"), HasSubstr("Content-Range"));
        const bool preflight = std::string_view(method) == "OPTIONS";
        EXPECT_EQ(answer.header("Access-Control-Allow-Methods"), preflight ? "GET, HEAD, OPTIONS" : "");
        EXPECT_EQ(answer.header("Access-Control-Allow-Headers").find("Range") == 0, preflight);
    }
}

TEST_F(MediaHandlerTest, SaysWhatFailedAndLetsNobodyKeepIt) {
    const RawResponse gated = ask("/live/pb_1/gated.m3u8");
    EXPECT_THAT(gated.body, HasSubstr(R"("code":"playback_refused")"));
    EXPECT_EQ(gated.header("Cache-Control"), "no-store");
    EXPECT_EQ(gated.header("Content-Type"), "application/json");
    EXPECT_EQ(ask("/live/pb_1/late.m3u8").header("Retry-After"), "1");
    EXPECT_TRUE(lines.size() == 1 && lines[0].find("503") != std::string::npos) << "4xx are not worth a line";
    EXPECT_THAT(ask("/live/pb_1/broken.m3u8").body, Not(HasSubstr("secret")));
    EXPECT_EQ(ask("/live/pb_1/x", "", "PUT").header("Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(MediaHandlerTest, CountsByPattern) {
    ask("/live/pb_1/index.m3u8?token=secret");
    ask("/live/pb_2.flv");
    ask("/vod/as_1/video.mp4", "", "HEAD");
    ask("/vod/as_1");
    const std::lock_guard lock(mutex);
    EXPECT_THAT(records, ElementsAre("GET /live/{playbackId}/{file} 200", "GET /live/{playbackId}.flv 404",
                                     "HEAD /vod/{assetId}/{file} 200", "GET (media) 404"));
}

TEST_F(MediaHandlerTest, AnswersWhenTheAnswerComes) {
    RawHttp client(server->port());
    client.send(request("/live/pb_1/hold.m3u8", "Accept-Encoding: gzip\r\n") +
                request("/live/pb_1/index.m3u8"));
    for (int i = 0; i < 1'000; ++i) {
        std::this_thread::sleep_for(5ms);
        const std::lock_guard lock(playback.mutex);
        if (!playback.held.empty()) break;
    }
    std::thread([&] {
        const std::lock_guard lock(playback.mutex);
        ASSERT_EQ(playback.held.size(), 1u);
        playback.held.front()(playback.contents["index.m3u8"]);
    }).join();
    EXPECT_EQ(client.read_response().body, "packed");
    EXPECT_EQ(client.read_response().body, "#EXTM3U\n");
}

TEST_F(MediaHandlerTest, StreamsFlvInChunks) {
    RawHttp client(server->port());
    client.send(request("/live/pb_1.flv?token=t"));
    const std::string head = client.read_until("\r\n\r\n");
    EXPECT_THAT(head, HasSubstr("Content-Type: video/x-flv\r\n"));
    EXPECT_THAT(head, HasSubstr("Cache-Control: no-store\r\n"));
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "8\r\nFLV tags\r\n0\r\n\r\n");
    EXPECT_TRUE(client.ends());
    EXPECT_EQ(playback.last_viewer.token, "t");
    EXPECT_EQ(ask("/live/pb_1.flv", "", "HEAD").status, 200);
    for (int i = 0; i < 1'000 && playback.source_alive; ++i) std::this_thread::sleep_for(5ms);
    EXPECT_FALSE(playback.source_alive);

    RawHttp old(server->port());
    old.send("GET /live/pb_1.flv HTTP/1.0\r\n\r\n");
    EXPECT_THAT(old.read_until("\r\n\r\n"), HasSubstr("Connection: close"));
    EXPECT_EQ(old.read_bytes(100), "FLV tags") << "no chunks for those who know none";
}

TEST_F(MediaHandlerTest, StreamsFlvByWebSocketToAnySite) {
    const std::string upgrade =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nOrigin: https://fan.example\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    RawHttp client(server->port());
    client.send(request("/live/pb_1.flv", upgrade + "Sec-WebSocket-Version: 13\r\n"));
    const std::string head = client.read_until("\r\n\r\n");
    EXPECT_THAT(head, StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(head, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    EXPECT_THAT(head, Not(HasSubstr("Extensions"))) << "nothing is compressed";
    EXPECT_EQ(client.read_bytes(10),
              "\x82\x08"
              "FLV tags");
    EXPECT_EQ(client.read_bytes(4), http::websocket_close(1000));
    EXPECT_TRUE(client.ends());

    const RawResponse old = ask("/live/pb_1.flv", upgrade + "Sec-WebSocket-Version: 8\r\n");
    EXPECT_EQ(old.status, 426);
    EXPECT_EQ(old.header("Sec-WebSocket-Version"), "13");
    EXPECT_EQ(ask("/live/pb_2.flv", upgrade + "Sec-WebSocket-Version: 13\r\n").status, 404);
}

}  // namespace
}  // namespace api::media
