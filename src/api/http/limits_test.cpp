// The bounds of the HTTP server that need many connections or much time: at the bound, and past it.
#include <gtest/gtest.h>

#include <list>
#include <map>
#include <thread>

#include "api/http/server.h"
#include "support/raw_http.h"

namespace api::http {
namespace {

using namespace std::chrono_literals;
using test_support::RawHttp;

// Answers with a body of the size that the path names.
class Sized : public RequestSink {
  public:
    void handle(Request request, Reply reply) override {
        Response response;
        response.body.assign(std::stoul(request.path.substr(1)), 'x');
        reply(std::move(response));
    }
    Response refuse(int status, const base::Error& error, std::string_view) override {
        Response response;
        response.status = status;
        response.body = error.message;
        return response;
    }
};

class HttpLimits : public testing::Test {
  protected:
    void start(ServerSettings settings) {
        settings.listen = "127.0.0.1:0";
        server.emplace(settings, sink, base::Logger());
        const auto started = server->start();
        ASSERT_TRUE(started) << started.error().message;
    }
    bool eventually(const std::function<bool()>& holds) {
        const auto until = std::chrono::steady_clock::now() + 10s;
        while (!holds() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(5ms);
        return holds();
    }

    using Counts = std::map<std::string, std::uint64_t, std::less<>>;
    static Counts reached(const ServerSettings& settings) { return settings.hits->counts(); }

    Sized sink;
    std::optional<Server> server;
};

TEST_F(HttpLimits, TakesSoManyConnectionsAndNotOneMore) {
    ASSERT_EQ(ServerSettings{}.max_connections, 12'000u);
    ServerSettings settings;
    settings.max_connections = 5;
    start(settings);
    std::list<RawHttp> clients;
    const auto status = [](RawHttp& client) {
        client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
        return client.read_response().status;
    };
    for (int i = 0; i < 5; ++i) EXPECT_EQ(status(clients.emplace_back(server->port())), 200) << i;
    {
        RawHttp extra(server->port());
        EXPECT_EQ(extra.read_response().status, 503);
        EXPECT_TRUE(extra.ends());
    }
    EXPECT_EQ(reached(settings), (Counts{{"http_connections", 1}}));
    EXPECT_EQ(status(clients.front()), 200) << "those within the bound stay";
    clients.pop_front();
    EXPECT_TRUE(eventually([&] { return server->connection_count() == 4; }));
    RawHttp next(server->port());
    EXPECT_EQ(status(next), 200);
}

TEST_F(HttpLimits, AnAnswerThatNobodyReadsIsGivenUp) {
    ASSERT_EQ(ServerSettings{}.write_deadline, 30s);
    ServerSettings settings;
    settings.write_deadline = 500ms;
    start(settings);
    // More than the kernel keeps for somebody who does not read.
    RawHttp deaf(server->port());
    deaf.send("GET /100000000 HTTP/1.1\r\nHost: h\r\n\r\n");
    RawHttp reader(server->port());
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(eventually([&] { return server->connection_count() == 2; }));
    EXPECT_TRUE(eventually([&] { return server->connection_count() == 1; }));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 400ms);
    EXPECT_EQ(reached(settings), (Counts{{"http_write_seconds", 1}}));
    // Who reads gets the whole of an answer.
    reader.send("GET /1000000 HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(reader.read_response().body.size(), 1'000'000u);
}

TEST_F(HttpLimits, AreCountedByTheirNames) {
    ServerSettings settings;
    settings.max_header_bytes = 1'000;
    settings.max_body_bytes = 1'000;
    settings.max_connections_per_address = 2;
    settings.header_deadline = 200ms;
    settings.body_deadline = 200ms;
    settings.idle_deadline = 100ms;
    start(settings);
    const auto after = [&](std::string_view bytes) {
        const auto before = reached(settings);
        {
            RawHttp client(server->port());
            client.send(bytes);
            client.ends();
        }
        EXPECT_TRUE(eventually([&] { return server->connection_count() == 0; }));
        std::string passed;
        for (const auto& [of, count] : reached(settings))
            if (const auto earlier = before.find(of); earlier == before.end() || earlier->second < count)
                passed += of;
        return passed;
    };
    EXPECT_EQ(after("GET /1 HTTP/1.1\r\nHost: h\r\nX: " + std::string(2'000, 'x') + "\r\n\r\n"),
              "http_header_bytes");
    EXPECT_EQ(after("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n"), "http_body_bytes");
    EXPECT_EQ(after(""), "http_header_seconds");
    EXPECT_EQ(after("GET /1 HTTP/1.1\r\nHo"), "http_header_seconds");
    EXPECT_EQ(after("POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx"), "http_body_seconds");
    EXPECT_EQ(after("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"), "") << "an idle connection passes no bound";
    RawHttp one(server->port());
    RawHttp other(server->port());
    EXPECT_TRUE(eventually([&] { return server->connection_count() == 2; }));
    EXPECT_EQ(RawHttp(server->port()).read_response().status, 503);
    EXPECT_EQ(reached(settings)["http_connections_per_address"], 1u);
}

}  // namespace
}  // namespace api::http
