// How bodies reach the client: files by the kernel and from disks, shared texts, sources in chunks and as
// WebSocket messages; and what those cost who does not read, or leaves.
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "api/http/server.h"
#include "api/http/websocket.h"
#include "support/raw_http.h"

namespace api::http {
namespace {

using namespace std::chrono_literals;
using test_support::RawHttp;
using test_support::RawResponse;
using testing::HasSubstr;
using testing::StartsWith;

// Bytes that tell where they stand.
std::string pattern(std::size_t size) {
    std::string text;
    text.reserve(size + 16);
    for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + ",";
    text.resize(size);
    return text;
}

class TestFile final : public base::FileHandle {
  public:
    explicit TestFile(std::string_view content) : descriptor_(::memfd_create("test", MFD_CLOEXEC)) {
        EXPECT_EQ(::write(descriptor_, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    }
    ~TestFile() override { ::close(descriptor_); }
    int descriptor() const override { return descriptor_; }

  private:
    int descriptor_;
};

// Answers each path as the test says.
class Canned : public RequestSink {
  public:
    void handle(Request request, Reply reply) override {
        const std::lock_guard lock(mutex);
        if (request.path == "/hold") return held.push_back(std::move(reply));
        const auto found = answers.find(request.path);
        reply(found == answers.end() ? Response() : found->second());
    }
    Response refuse(int status, const base::Error&, std::string_view) override {
        Response response;
        response.status = status;
        return response;
    }

    std::mutex mutex;
    std::map<std::string, std::function<Response()>> answers;
    std::vector<Reply> held;
};

// Gives what was pushed, in pieces of several parts, and ends when told to.
class Pieces : public base::ByteSource {
  public:
    void start(std::function<void()> wake_up) override {
        const std::lock_guard lock(mutex);
        wake = std::move(wake_up);
    }
    Pull pull(base::MonotonicTime, base::GatherList& out) override {
        const std::lock_guard lock(mutex);
        for (const auto& piece : std::exchange(waiting, {})) {
            out.add_view(base::as_bytes(*piece));
            out.keep(piece);
        }
        return {.end = ended};
    }
    void push(std::string bytes, bool end = false) {
        std::function<void()> call;
        {
            const std::lock_guard lock(mutex);
            waiting.push_back(std::make_shared<const std::string>(std::move(bytes)));
            ended = end;
            call = wake;
        }
        if (call) call();
    }

    std::mutex mutex;
    std::function<void()> wake;
    std::vector<std::shared_ptr<const std::string>> waiting;
    bool ended = false;
};

class DeliveryTest : public testing::Test {
  protected:
    void start() {
        settings.listen = "127.0.0.1:0";
        server.emplace(settings, sink, base::Logger());
        const auto started = server->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    static std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n"; }
    bool eventually(const std::function<bool()>& holds) {
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (!holds() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(5ms);
        return holds();
    }
    void serve_file(const std::string& path, const std::string& content, bool resident) {
        const auto file = std::make_shared<TestFile>(content);
        sink.answers[path] = [file, size = content.size(), resident] {
            Response response;
            response.file = {file, 0, size, resident};
            return response;
        };
    }
    bool holds_one() {
        return eventually([&] {
            const std::lock_guard lock(sink.mutex);
            return sink.held.size() == 1;
        });
    }

    ServerSettings settings;
    Canned sink;
    std::optional<Server> server;
};

TEST_F(DeliveryTest, SendsFilesAndGoesOn) {
    const std::string content = pattern(3'000'000);
    for (const bool resident : {true, false}) {
        serve_file("/file", content, resident);
        const auto file = std::make_shared<TestFile>(content);
        sink.answers["/part"] = [&, file] {
            Response response;
            response.file = base::FileSlice{file, 0, content.size(), resident}.part(1'234'567, 500'000);
            return response;
        };
        serve_file("/empty", "", resident);
        start();
        RawHttp client(server->port());
        // All at once: answers come in the order of the questions.
        client.send(get("/file") + get("/part") + get("/empty") + "HEAD /file HTTP/1.1\r\nHost: h\r\n\r\n" +
                    get("/file"));
        EXPECT_TRUE(client.read_response().body == content);
        EXPECT_TRUE(client.read_response().body == content.substr(1'234'567, 500'000));
        EXPECT_EQ(client.read_response().header("Content-Length"), "0");
        EXPECT_EQ(client.read_response(true).header("Content-Length"), "3000000");
        const RawResponse last = client.read_response();
        EXPECT_TRUE(last.body == content);
        EXPECT_EQ(last.header("Connection"), "keep-alive");
        server->stop();
    }
}

TEST_F(DeliveryTest, ClosesWhenAFileIsShorterThanWasPromised) {
    for (const bool resident : {true, false}) {
        const auto file = std::make_shared<TestFile>("short");
        sink.answers["/file"] = [&] {
            Response response;
            response.file = {file, 0, 100'000, resident};
            return response;
        };
        start();
        RawHttp client(server->port());
        client.send(get("/file"));
        EXPECT_LT(client.read_response().body.size(), 100'000u);
        EXPECT_TRUE(client.ends());
        server->stop();
    }
}

TEST_F(DeliveryTest, GivesASharedTextToManyWithoutACopy) {
    const auto text = std::make_shared<const std::string>(pattern(100'000));
    sink.answers["/text"] = [&] {
        Response response;
        response.text = text;
        return response;
    };
    start();
    for (int i = 0; i < 3; ++i) {
        RawHttp client(server->port());
        client.send(get("/text"));
        EXPECT_TRUE(client.read_response().body == *text);
    }
    EXPECT_TRUE(eventually([&] { return text.use_count() == 1; }));
}

// A file whose reading waits, as on a disk that has gone, until it is let go.
class StuckFile final : public base::FileHandle {
  public:
    int descriptor() const override {
        asked = true;
        gate.get_future().wait();
        return -1;
    }
    mutable std::promise<void> gate;
    mutable std::atomic<bool> asked = false;
};

TEST_F(DeliveryTest, ADiskThatWaitsHoldsNobodyElseUp) {
    settings.reader_threads = 1;
    const auto stuck = std::make_shared<StuckFile>();
    sink.answers["/stuck"] = [&] {
        Response response;
        response.file = {stuck, 0, 1'000, false};
        return response;
    };
    serve_file("/file", pattern(1'000'000), true);
    start();
    RawHttp waiting(server->port());
    waiting.send(get("/stuck"));
    ASSERT_TRUE(eventually([&] { return stuck->asked.load(); }));
    RawHttp client(server->port());
    client.send(get("/file"));
    EXPECT_EQ(client.read_response().body.size(), 1'000'000u);
    stuck->gate.set_value();
    EXPECT_EQ(waiting.read_response().body, "") << "the disk failed";
    EXPECT_TRUE(waiting.ends());
}

TEST_F(DeliveryTest, ADiskThatNeverAnswersHasItsDeadline) {
    settings.reader_threads = 1;
    settings.write_deadline = 300ms;
    const auto stuck = std::make_shared<StuckFile>();
    sink.answers["/stuck"] = [&] {
        Response response;
        response.file = {stuck, 0, 1'000, false};
        return response;
    };
    start();
    RawHttp client(server->port());
    client.send(get("/stuck"));
    EXPECT_EQ(client.read_response().body, "");
    EXPECT_TRUE(client.ends());
    EXPECT_TRUE(eventually([&] { return server->connection_count() == 0; }));
    stuck->gate.set_value();
}

TEST_F(DeliveryTest, ASlowReaderCostsOnlyItselfAndGetsItAll) {
    settings.write_deadline = 1s;
    const std::string content = pattern(8'000'000);
    serve_file("/memory", content, true);
    serve_file("/disk", content, false);
    start();
    for (const char* path : {"/memory", "/disk"}) {
        RawHttp slow(server->port());
        slow.send(get(path));
        // Longer than the deadline altogether, but never without a byte for so long.
        std::string got;
        slow.read_until("\r\n\r\n");
        for (int i = 0; i < 8; ++i) {
            std::this_thread::sleep_for(200ms);
            got += slow.read_bytes(1'000'000);
            RawHttp other(server->port());
            other.send(get("/nothing"));
            EXPECT_EQ(other.read_response().status, 200);
        }
        EXPECT_TRUE(got == content) << path;
    }
}

TEST_F(DeliveryTest, WhoNeverReadsIsGivenUp) {
    settings.write_deadline = 300ms;
    const std::string content = pattern(64'000'000);
    serve_file("/memory", content, true);
    serve_file("/disk", content, false);
    const auto source = std::make_shared<Pieces>();
    source->push(content);
    sink.answers["/source"] = [&] {
        Response response;
        response.source = source;
        return response;
    };
    start();
    for (const char* path : {"/memory", "/disk", "/source"}) {
        const auto before = settings.hits->counts()["http_write_seconds"];
        RawHttp deaf(server->port());
        deaf.send(get(path));
        EXPECT_TRUE(eventually([&] { return settings.hits->counts()["http_write_seconds"] == before + 1; }))
            << path;
        EXPECT_TRUE(eventually([&] { return server->connection_count() == 0; })) << path;
    }
}

TEST_F(DeliveryTest, WhoLeavesWhileTheirQuestionWaitsIsForgotten) {
    start();
    {
        RawHttp client(server->port());
        client.send(get("/hold"));
        ASSERT_TRUE(holds_one());
    }
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] { return server->connection_count() == 0; }));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
    sink.held.front()(Response());
}

TEST_F(DeliveryTest, WhoClosesTheirSideStillGetsAQuickAnswer) {
    start();
    RawHttp client(server->port());
    client.send(get("/hold"));
    client.finish_sending();
    ASSERT_TRUE(holds_one());
    Response response;
    response.body = "still here";
    sink.held.front()(std::move(response));
    EXPECT_EQ(client.read_response().body, "still here");
}

TEST_F(DeliveryTest, AnswersFromOtherThreadsKeepTheOrder) {
    start();
    RawHttp client(server->port());
    client.send(get("/hold") + get("/nothing"));
    ASSERT_TRUE(holds_one());
    std::thread([&] {
        Response response;
        response.body = "first";
        sink.held.front()(std::move(response));
    }).join();
    EXPECT_EQ(client.read_response().body, "first");
    EXPECT_EQ(client.read_response().header("Content-Length"), "0");
}

TEST_F(DeliveryTest, CapsTheStrangersOfOneAddress) {
    settings.max_strangers_per_address = 2;
    start();
    RawHttp known(server->port());
    known.send(get("/nothing"));
    EXPECT_EQ(known.read_response().status, 200);
    RawHttp first(server->port());
    RawHttp second(server->port());
    ASSERT_TRUE(eventually([&] { return server->connection_count() == 3; }));
    EXPECT_EQ(RawHttp(server->port()).read_response().status, 503);
    // Whoever asks something is no stranger any more, and makes room.
    first.send(get("/nothing"));
    EXPECT_EQ(first.read_response().status, 200);
    RawHttp third(server->port());
    third.send(get("/nothing"));
    EXPECT_EQ(third.read_response().status, 200);
}

class WebSocketDelivery : public DeliveryTest {
  protected:
    static constexpr std::string_view handshake =
        "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    WebSocketDelivery() {
        sink.answers["/ws"] = [this] {
            Response response;
            response.status = 101;
            response.source = source;
            return response;
        };
    }
    // A masked frame; the mask is all zeros.
    static std::string frame(unsigned first, std::string_view payload) {
        return std::string{static_cast<char>(first), static_cast<char>(0x80 | payload.size())} +
               std::string(4, '\0') + std::string(payload);
    }

    std::shared_ptr<Pieces> source = std::make_shared<Pieces>();
};

TEST_F(WebSocketDelivery, SendsPiecesAsMessagesAndAnswersPings) {
    start();
    RawHttp client(server->port());
    client.send(handshake);
    const std::string head = client.read_until("\r\n\r\n");
    EXPECT_THAT(head, StartsWith("HTTP/1.1 101 Switching Protocols\r\n"));
    EXPECT_THAT(head, HasSubstr("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    EXPECT_THAT(head, testing::Not(HasSubstr("Transfer-Encoding")));

    source->push("FLV");
    EXPECT_EQ(client.read_bytes(5),
              "\x82\x03"
              "FLV");
    const std::string large = pattern(70'000);
    source->push(large);
    EXPECT_EQ(client.read_bytes(10), websocket_head(large.size()));
    EXPECT_TRUE(client.read_bytes(large.size()) == large);
    client.send(frame(0x82, "thrown away") + frame(0x89, "ping"));
    EXPECT_EQ(client.read_bytes(6), "\x8a\x04ping");
    source->push("end", true);
    EXPECT_EQ(client.read_bytes(5),
              "\x82\x03"
              "end");
    EXPECT_EQ(client.read_bytes(4), websocket_close(1000));
    EXPECT_TRUE(client.ends());
}

TEST_F(WebSocketDelivery, EndsWithTheClientsGoodbyeOrItsFaults) {
    start();
    struct Row {
        std::string sent;
        std::uint16_t status;
    };
    for (const auto& [sent, status] :
         {Row{frame(0x88, "\x03\xe8"), 1000}, Row{std::string("\x82\x01x", 3), 1002},
          Row{std::string("\x82\xff\0\0\0\0\0\1\0\1", 10) + "mask", 1009}}) {
        RawHttp client(server->port());
        client.send(handshake);
        client.read_until("\r\n\r\n");
        client.send(sent);
        EXPECT_EQ(client.read_bytes(4), websocket_close(status)) << status;
        EXPECT_TRUE(client.ends()) << status;
    }
    EXPECT_TRUE(eventually([&] { return source.use_count() == 1; }));
}

TEST_F(WebSocketDelivery, SaysThatItGoesAwayWhenTheServerStops) {
    start();
    RawHttp client(server->port());
    client.send(handshake);
    client.read_until("\r\n\r\n");
    server->stop();
    EXPECT_EQ(client.read_bytes(4), websocket_close(1001));
}

}  // namespace
}  // namespace api::http
