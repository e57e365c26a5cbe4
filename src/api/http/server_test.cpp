#include "api/http/server.h"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "support/raw_http.h"

namespace api::http {
namespace {

using namespace std::chrono_literals;
using test_support::RawHttp;
using test_support::RawResponse;
using testing::HasSubstr;
using testing::StartsWith;

// Answers every request with what came; remembers the requests.
class Echo : public RequestSink {
  public:
    void handle(Request request, Reply reply) override {
        Response response;
        response.body = std::string(to_string(request.method)) + " " + request.path + "?" + request.query +
                        " [" + request.body + "]";
        if (request.path == "/source") response.source = source;
        const std::lock_guard lock(mutex);
        if (request.path == "/hold") return held.push_back(std::move(reply));
        reply(std::move(response));
        ++count;
    }
    Response refuse(int status, const base::Error& error, std::string_view) override {
        Response response;
        response.status = status;
        response.body = error.message;
        return response;
    }

    std::mutex mutex;
    std::vector<Reply> held;
    std::shared_ptr<base::ByteSource> source;
    std::atomic<int> count = 0;
};

class ServerTest : public testing::Test {
  protected:
    void start(ServerSettings settings = {}) {
        settings.listen = "127.0.0.1:0";
        server.emplace(settings, echo, base::Logger());
        const auto started = server->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    RawResponse ask(std::string_view bytes) {
        RawHttp client(server->port());
        client.send(bytes);
        return client.read_response();
    }
    bool eventually(const std::function<bool()>& holds) {
        for (int i = 0; i < 500; ++i) {
            if (holds()) return true;
            std::this_thread::sleep_for(10ms);
        }
        return false;
    }

    Echo echo;
    std::optional<Server> server;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
    start();
    RawHttp client(server->port());
    client.send("GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.read_response().body, "GET /a?x=1 []");
    client.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    const RawResponse second = client.read_response();
    EXPECT_EQ(second.body, "POST /b? [abc]");
    EXPECT_EQ(second.header("Connection"), "keep-alive");
    EXPECT_EQ(server->connection_count(), 1u);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    start();
    RawHttp client(server->port());
    client.send(
        "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
        "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"
        "POST /3 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nyz\r\n0\r\n\r\n"
        "GET /4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(client.read_response().body, "POST /1? [x]");
    EXPECT_EQ(client.read_response().body, "GET /2? []");
    EXPECT_EQ(client.read_response().body, "POST /3? [yz]");
    const RawResponse last = client.read_response();
    EXPECT_EQ(last.body, "GET /4? []");
    EXPECT_EQ(last.header("Connection"), "close");
    EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, GivesAHeadOnlyItsHeaders) {
    start();
    RawHttp client(server->port());
    client.send("HEAD /h HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.read_response(true).header("Content-Length"), "11");
    EXPECT_EQ(client.read_response().body, "GET /next? []");
}

TEST_F(ServerTest, TellsAClientThatWaitsToGoOn) {
    start();
    RawHttp client(server->port());
    client.send("POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("ok");
    EXPECT_EQ(client.read_response().body, "POST /e? [ok]");
}

TEST_F(ServerTest, TakesABodyAtTheLimitAndRefusesOneByteMore) {
    ServerSettings settings;
    settings.max_body_bytes = 1000;
    start(settings);
    const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ";
    EXPECT_EQ(ask(head + "1000\r\n\r\n" + std::string(1000, 'x')).status, 200);
    const RawResponse refused = ask(head + "1001\r\n\r\n" + std::string(1001, 'x'));
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.header("Connection"), "close");
}

TEST_F(ServerTest, TheAnswerToAnOversizedBodyArrivesWhileTheClientStillSends) {
    start();
    RawHttp client(server->port());
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n");
    EXPECT_TRUE(client.send(std::string(3'000'000, 'x')));
    EXPECT_EQ(client.read_response().status, 413);
    client.finish_sending();
    EXPECT_TRUE(client.ends()) << "closed in order, not reset";
}

TEST_F(ServerTest, RefusesAChunkedBodyBeyondTheLimit) {
    ServerSettings settings;
    settings.max_body_bytes = 1000;
    start(settings);
    std::string bytes = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 11; ++i) bytes += "64\r\n" + std::string(100, 'x') + "\r\n";
    EXPECT_EQ(ask(bytes + "0\r\n\r\n").status, 413);
}

TEST_F(ServerTest, RefusesTooManyHeaders) {
    start();
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(15 * 1024, 'x') + "\r\n\r\n").status, 200);
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(17 * 1024, 'x') + "\r\n\r\n").status, 431);
}

TEST_F(ServerTest, RefusesWhatIsNoHttp) {
    start();
    for (const std::string_view bytes : {
             "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
             "GET / HTTP/1.1\r\n\r\n",
             "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
             "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
             "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
         })
        EXPECT_EQ(ask(bytes).status, 400) << bytes;
    EXPECT_EQ(echo.count, 0);
}

TEST_F(ServerTest, EndsConnectionsThatAreTooSlow) {
    ServerSettings settings;
    settings.header_deadline = 200ms;
    settings.body_deadline = 200ms;
    settings.idle_deadline = 200ms;
    start(settings);
    RawHttp silent(server->port());
    RawHttp slow_header(server->port());
    RawHttp slow_body(server->port());
    RawHttp idle(server->port());
    slow_header.send("GET / HTTP/1.1\r\nHo");
    slow_body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nab");
    idle.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(idle.read_response().status, 200);
    for (RawHttp* client : {&silent, &slow_header, &slow_body, &idle}) EXPECT_TRUE(client->ends());
    EXPECT_TRUE(eventually([&] { return server->connection_count() == 0; }));
}

TEST_F(ServerTest, OneByteAtATimeDoesNotMoveTheHeaderDeadline) {
    ServerSettings settings;
    settings.header_deadline = 300ms;
    start(settings);
    RawHttp client(server->port());
    const auto began = std::chrono::steady_clock::now();
    client.send("GET / HTTP/1.1\r\nX: ");
    while (client.send("x") && std::chrono::steady_clock::now() - began < 3s)
        std::this_thread::sleep_for(20ms);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

TEST_F(ServerTest, CapsTheConnectionsOfOneAddress) {
    ServerSettings settings;
    settings.max_connections_per_address = 2;
    start(settings);
    std::optional<RawHttp> first(std::in_place, server->port());
    RawHttp second(server->port());
    ASSERT_TRUE(eventually([&] { return server->connection_count() == 2; }));
    RawHttp third(server->port());
    EXPECT_EQ(third.read_response().status, 503);
    EXPECT_TRUE(third.ends());
    first.reset();
    ASSERT_TRUE(eventually([&] { return server->connection_count() == 1; }));
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

TEST_F(ServerTest, DoesNotCapTheOperatorsProxies) {
    ServerSettings settings;
    settings.max_connections_per_address = 1;
    settings.uncapped = [](std::string_view address) { return address == "127.0.0.1"; };
    start(settings);
    RawHttp first(server->port());
    ASSERT_TRUE(eventually([&] { return server->connection_count() == 1; }));
    EXPECT_EQ(ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n").status, 200);
}

TEST_F(ServerTest, AnswersWithAFaultWhenNobodyAnswers) {
    start();
    RawHttp client(server->port());
    client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock(echo.mutex);
        return !echo.held.empty();
    }));
    echo.held.clear();
    EXPECT_EQ(client.read_response().status, 500);
}

TEST_F(ServerTest, StoppingFinishesWhatIsBeingAnswered) {
    start();
    RawHttp idle(server->port());
    RawHttp client(server->port());
    client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock(echo.mutex);
        return !echo.held.empty();
    }));
    std::thread stopper([&] { server->stop(); });
    EXPECT_TRUE(idle.ends());
    Response late;
    late.body = "late";
    echo.held.front()(std::move(late));
    const RawResponse response = client.read_response();
    EXPECT_EQ(response.body, "late");
    EXPECT_EQ(response.header("Connection"), "close");
    stopper.join();
    echo.held.clear();
}

TEST_F(ServerTest, StoppingDoesNotWaitForEver) {
    ServerSettings settings;
    settings.stop_deadline = 100ms;
    start(settings);
    RawHttp client(server->port());
    client.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock(echo.mutex);
        return !echo.held.empty();
    }));
    server->stop();
    EXPECT_EQ(client.read_response().status, 0);
    echo.held.clear();
}

TEST_F(ServerTest, SaysWhatIsInTheWayOfItsPort) {
    start();
    ServerSettings taken;
    taken.listen = "127.0.0.1:" + std::to_string(server->port());
    Server other(taken, echo, base::Logger());
    const auto started = other.start();
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().message, HasSubstr(taken.listen));
    for (const char* wrong : {"", "8000", "host:80", "1.2.3.4:", "1.2.3.4:70000", "1.2.3.4:x", "[::1:80"}) {
        ServerSettings settings;
        settings.listen = wrong;
        Server bad(settings, echo, base::Logger());
        EXPECT_FALSE(bad.start()) << wrong;
    }
}

// Gives what was pushed, and ends when told to.
class Pushed : public base::ByteSource {
  public:
    void start(std::function<void()> wake_up) override {
        const std::lock_guard lock(mutex);
        wake = std::move(wake_up);
    }
    Pull pull(base::MonotonicTime now, base::GatherList& out) override {
        const std::lock_guard lock(mutex);
        const auto text = std::make_shared<const std::string>(std::exchange(waiting, ""));
        out.add_view(base::as_bytes(*text));
        out.keep(text);
        return {.end = ended, .cut_off = cut_off, .next = now + 1h};
    }
    void push(std::string bytes, bool end = false) {
        std::function<void()> call;
        {
            const std::lock_guard lock(mutex);
            waiting += bytes;
            ended = end;
            call = wake;
        }
        if (call) call();
    }

    std::mutex mutex;
    std::function<void()> wake;
    std::string waiting = "hello";
    bool ended = false;
    bool cut_off = false;
};

TEST_F(ServerTest, SendsASourceAsItComesAndEndsWithIt) {
    start();
    const auto source = std::make_shared<Pushed>();
    echo.source = source;
    RawHttp client(server->port());
    client.send("GET /source HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked"));
    EXPECT_EQ(client.read_until("hello\r\n"), "5\r\nhello\r\n");
    source->push("more");
    EXPECT_EQ(client.read_until("more\r\n"), "4\r\nmore\r\n");
    source->push("end", true);
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "3\r\nend\r\n0\r\n\r\n");
    EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, ASourceThatIsCutOffEndsWithoutItsLastChunk) {
    start();
    const auto source = std::make_shared<Pushed>();
    echo.source = source;
    RawHttp client(server->port());
    client.send("GET /source HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_until("hello\r\n");
    source->cut_off = true;
    source->push("end", true);
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "3\r\nend\r\n");
    EXPECT_TRUE(client.ends());
}

TEST_F(ServerTest, LetsASourceGoWhenItsClientLeaves) {
    start();
    std::weak_ptr<Pushed> watched;
    {
        const auto source = std::make_shared<Pushed>();
        watched = source;
        echo.source = source;
        RawHttp client(server->port());
        client.send("GET /source HTTP/1.1\r\nHost: h\r\n\r\n");
        client.read_until("hello\r\n");
        echo.source = nullptr;
    }
    EXPECT_TRUE(eventually([&] { return watched.expired(); }));
    EXPECT_TRUE(eventually([&] { return server->connection_count() == 0; }));
}

TEST_F(ServerTest, StoppingEndsSources) {
    start();
    echo.source = std::make_shared<Pushed>();
    RawHttp client(server->port());
    client.send("GET /source HTTP/1.1\r\nHost: h\r\n\r\n");
    client.read_until("hello\r\n");
    const auto began = std::chrono::steady_clock::now();
    server->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
    EXPECT_EQ(client.read_until("\r\n\r\n"), "0\r\n\r\n");
}

}  // namespace
}  // namespace api::http
