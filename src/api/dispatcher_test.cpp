#include "api/dispatcher.h"

#include <gmock/gmock.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <future>

#include "api/http/server.h"
#include "api/pages/app.h"
#include "api/rest/respond.h"
#include "support/raw_http.h"

namespace api {
namespace {

using namespace std::chrono_literals;
using base::ErrorCode;
using http::Header;
using http::Method;
using http::Request;
using http::Response;
using rest::Access;
using rest::no_scope;
using rest::Query;
using testing::HasSubstr;
using testing::Not;

std::atomic<int> changes = 0;

base::Result<Response> who(rest::Context& context) {
    return rest::ok({{"user", rest::text(context.actor.user_id)},
                     {"address", rest::text(context.client_address)},
                     {"secure", context.secure},
                     {"local", context.local}});
}

base::Result<Response> change(rest::Context& context) {
    std::string name;
    auto read = context.read_body([&](input::ObjectReader& in) { name = in.text("name"); });
    if (!read) return tl::unexpected(read.error());
    ++changes;
    return rest::ok({{"name", rest::text(name)}});
}

base::Result<Response> fail_inside(rest::Context&) {
    return base::fail(ErrorCode::internal, "the disk is on fire");
}
base::Result<Response> blow_up(rest::Context&) {
    throw std::runtime_error("out of luck");
}

// Holds the slow route until the test lets it go.
class Gate {
  public:
    void reset() { opened_ = std::promise<void>(); }
    void open() { opened_.set_value(); }
    void wait() { opened_.get_future().wait(); }

  private:
    std::promise<void> opened_;
};
Gate gate;

base::Result<Response> slow_answer(rest::Context&) {
    gate.wait();
    return rest::ok();
}

constexpr rest::Route test_routes[] = {
    {Method::post, "/api/slow", Access::anyone, no_scope, Query::none, slow_answer, rest::Place::slow},
    {Method::get, "/api/open", Access::visitor, no_scope, Query::none, who},
    {Method::get, "/api/mine", Access::user, service::scope_read, Query::none, who},
    {Method::post, "/api/things", Access::broadcaster, service::scope_write, Query::none, change},
    {Method::put, "/api/v1/things/{id}", Access::owner, service::scope_write, Query::none, change},
    {Method::post, "/api/login", Access::anyone, no_scope, Query::none, change},
    {Method::post, "/api/hook", Access::hook, no_scope, Query::none, change},
    {Method::del, "/api/everything", Access::admin, service::scope_write, Query::none, who},
    {Method::get, "/metrics", Access::metrics, no_scope, Query::none, who},
    {Method::get, "/api/fail", Access::anyone, no_scope, Query::none, fail_inside},
    {Method::get, "/api/throw", Access::anyone, no_scope, Query::none, blow_up},
};

base::Result<service::Actor> authenticate(const base::Secret& bearer, const std::string& address) {
    service::Actor actor;
    actor.address = address;
    actor.scopes = service::scope_all;
    actor.user_id = "us_1";
    const std::string& token = bearer.reveal();
    if (token == "viewer") return actor;
    actor.role = service::Role::broadcaster;
    if (token == "broadcaster") return actor;
    if (token == "reader") {
        actor.scopes = service::scope_read;
        return actor;
    }
    actor.role = service::Role::admin;
    if (token == "admin") return actor;
    return base::fail(base::Error{ErrorCode::unauthenticated, "That token is not good.", "token_invalid"});
}

// Says whose address it was given.
class FakeMedia final : public http::PathHandler {
  public:
    void handle(Request request, http::Reply reply) override {
        Response response;
        response.body = "media for " + request.peer_address;
        reply(std::move(response));
    }
};

class DispatcherTest : public testing::Test {
  protected:
    DispatcherTest() {
        changes = 0;
        settings.rate.per_second = 0;
        settings.worker_threads = 2;
        settings.observe = [this](const RequestRecord& request) {
            const std::lock_guard lock(mutex);
            records.push_back(std::string(request.method) + " " + std::string(request.route) + " " +
                              std::to_string(request.status));
        };
    }

    Dispatcher& dispatcher() {
        if (!dispatcher_) {
            auto proxies = http::TrustedProxies::parse(settings.trusted_proxies);
            dispatcher_.emplace(
                settings, std::move(*proxies),
                Dispatcher::Backend{{std::begin(test_routes), std::end(test_routes)}, nullptr, authenticate},
                &media, pages, clock, base::Logger());
        }
        return *dispatcher_;
    }

    Response ask(Request request) {
        std::promise<Response> answered;
        dispatcher().handle(std::move(request),
                            http::Reply([&](Response response) { answered.set_value(response); }));
        return answered.get_future().get();
    }
    Response ask(Method method, std::string target, std::vector<Header> headers = {}, std::string body = {}) {
        Request request;
        request.method = method;
        const auto question = target.find('?');
        request.path = target.substr(0, question);
        if (question != std::string::npos) request.query = target.substr(question + 1);
        request.headers = std::move(headers);
        request.headers.push_back({"host", "cast.example"});
        if (!body.empty()) request.headers.push_back({"content-type", "application/json"});
        request.body = std::move(body);
        request.peer_address = "203.0.113.7";
        return ask(std::move(request));
    }
    static Header bearer(std::string token) { return {"authorization", "Bearer " + token}; }
    static std::string header(const Response& response, std::string_view name) {
        for (const Header& one : response.headers)
            if (one.name == name) return one.value;
        return "";
    }
    static std::string code(const Response& response) {
        return std::string(boost::json::parse(response.body).at("error").at("code").as_string());
    }

    base::ManualClock clock;
    Settings settings;
    FakeMedia media;
    pages::App pages;
    std::mutex mutex;
    std::vector<std::string> records;
    std::optional<Dispatcher> dispatcher_;
};

TEST_F(DispatcherTest, LetsInWhomARouteIsFor) {
    struct Row {
        Method method;
        const char* path;
        const char* token;
        int status;
    };
    for (const auto& [method, path, token, status] : {
             Row{Method::get, "/api/open", "", 200},
             Row{Method::get, "/api/open", "viewer", 200},
             Row{Method::get, "/api/open", "forged", 401},
             Row{Method::get, "/api/mine", "", 401},
             Row{Method::get, "/api/mine", "forged", 401},
             Row{Method::get, "/api/mine", "viewer", 200},
             Row{Method::get, "/api/mine", "reader", 200},
             Row{Method::post, "/api/things", "", 401},
             Row{Method::post, "/api/things", "viewer", 403},
             Row{Method::post, "/api/things", "reader", 403},
             Row{Method::post, "/api/things", "broadcaster", 200},
             Row{Method::post, "/api/things", "admin", 200},
             Row{Method::put, "/api/v1/things/x", "", 401},
             Row{Method::put, "/api/v1/things/x", "reader", 403},
             Row{Method::put, "/api/v1/things/x", "viewer", 200},
             Row{Method::del, "/api/everything", "", 401},
             Row{Method::del, "/api/everything", "broadcaster", 403},
             Row{Method::del, "/api/everything", "admin", 200},
             Row{Method::post, "/api/login", "forged", 200},
             Row{Method::post, "/api/hook", "", 200},
         }) {
        std::vector<Header> headers;
        if (*token) headers.push_back(bearer(token));
        const bool sends = method == Method::post || method == Method::put;
        EXPECT_EQ(ask(method, path, headers, sends ? R"({"name":"x"})" : "").status, status)
            << path << " as " << token;
    }
}

TEST_F(DispatcherTest, RefusesAnAuthorizationThatIsNoBearer) {
    for (const char* value : {"Basic YTpi", "Bearer", "bearer", "admin", ""})
        EXPECT_EQ(ask(Method::get, "/api/open", {{"authorization", value}}).status, 401) << value;
    EXPECT_EQ(ask(Method::get, "/api/open", {{"authorization", "bEARER admin"}}).status, 200);
}

TEST_F(DispatcherTest, TellsWhatIsWrongWithAPathOrMethod) {
    EXPECT_EQ(code(ask(Method::get, "/api/nothing")), "route_not_found");
    EXPECT_EQ(code(ask(Method::get, "/api")), "route_not_found");
    EXPECT_EQ(ask(Method::get, "/api/%2e%2e/x").status, 400);
    EXPECT_EQ(ask(Method::get, "no-slash").status, 400);
    const Response wrong = ask(Method::del, "/api/open");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(header(wrong, "Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(ask(Method::other, "/api/open").status, 405);
    const Response options = ask(Method::options, "/api/open");
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(header(options, "Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(ask(Method::head, "/api/open").status, 200);
}

TEST_F(DispatcherTest, RefusesBodiesThatItCannotTrust) {
    const auto send = [&](std::vector<Header> headers, std::string body) {
        headers.push_back(bearer("broadcaster"));
        Request request;
        request.method = Method::post;
        request.path = "/api/things";
        request.headers = std::move(headers);
        request.body = std::move(body);
        return ask(std::move(request));
    };
    const Header json{"content-type", "application/json"};
    EXPECT_EQ(send({json}, R"({"name":"x"})").status, 200);
    EXPECT_EQ(send({{"content-type", "application/json; charset=utf-8"}}, R"({"name":"x"})").status, 200);
    EXPECT_EQ(send({}, R"({"name":"x"})").status, 415);
    EXPECT_EQ(send({{"content-type", "text/plain"}}, R"({"name":"x"})").status, 415);
    EXPECT_EQ(send({{"content-type", "application/jsonx"}}, R"({"name":"x"})").status, 415);
    EXPECT_EQ(send({json, {"content-encoding", "gzip"}}, R"({"name":"x"})").status, 415);
    EXPECT_EQ(send({json, {"content-encoding", "identity"}}, R"({"name":"x"})").status, 200);
    EXPECT_EQ(send({json}, "[]").status, 400);
    EXPECT_EQ(send({json}, "{\"name\":\"\xff\"}").status, 400);
    EXPECT_EQ(send({json}, R"({"name":"x","name":"y"})").status, 400);
    EXPECT_EQ(code(send({json}, R"({"name":"x","nmae":"y"})")), "unknown_field");
    EXPECT_EQ(send({json}, R"({"name":5})").status, 422);
    EXPECT_EQ(code(send({}, "")), "missing_field") << "no body is an empty object";
    EXPECT_EQ(changes, 3);
}

TEST_F(DispatcherTest, RefusesUnknownParameters) {
    const Response response = ask(Method::get, "/api/open?limit=3");
    EXPECT_EQ(response.status, 422);
    EXPECT_THAT(response.body, HasSubstr(R"("field":"limit")"));
    EXPECT_EQ(ask(Method::get, "/api/open?%ff").status, 400);
    EXPECT_EQ(ask(Method::get, "/api/open?").status, 200);
}

TEST_F(DispatcherTest, RefusesOtherSitesPages) {
    settings.allowed_origins = {"https://studio.example"};
    const auto send = [&](std::vector<Header> headers, const char* path = "/api/login") {
        return ask(Method::post, path, std::move(headers), R"({"name":"x"})").status;
    };
    EXPECT_EQ(send({}), 200) << "programs say nothing";
    EXPECT_EQ(send({{"sec-fetch-site", "same-origin"}, {"origin", "https://cast.example"}}), 200);
    EXPECT_EQ(send({{"sec-fetch-site", "none"}}), 200);
    EXPECT_EQ(send({{"sec-fetch-site", "cross-site"}, {"origin", "https://evil.example"}}), 403);
    EXPECT_EQ(send({{"sec-fetch-site", "same-site"}, {"origin", "https://evil.cast.example"}}), 403);
    EXPECT_EQ(send({{"sec-fetch-site", "cross-site"}}), 403);
    EXPECT_EQ(send({{"origin", "http://cast.example"}}), 200) << "plain HTTP has no Sec-Fetch-Site";
    EXPECT_EQ(send({{"origin", "http://evil.example"}}), 403);
    EXPECT_EQ(send({{"origin", "null"}}), 403);
    EXPECT_EQ(send({{"sec-fetch-site", "cross-site"}, {"origin", "https://studio.example"}}), 200);
    EXPECT_EQ(send({{"sec-fetch-site", "cross-site"}}, "/api/hook"), 200) << "no cookie counts there";
    EXPECT_EQ(ask(Method::get, "/api/open", {{"sec-fetch-site", "cross-site"}}).status, 200)
        << "changes nothing";
}

TEST_F(DispatcherTest, SharesWithConfiguredOriginsOnly) {
    settings.allowed_origins = {"https://studio.example"};
    const Response allowed = ask(Method::get, "/api/open", {{"origin", "https://studio.example"}});
    EXPECT_EQ(header(allowed, "Access-Control-Allow-Origin"), "https://studio.example");
    EXPECT_EQ(header(allowed, "Vary"), "Origin");
    const Response preflight = ask(Method::options, "/api/things", {{"origin", "https://studio.example"}});
    EXPECT_THAT(header(preflight, "Access-Control-Allow-Headers"), HasSubstr("authorization"));
    for (const char* origin :
         {"https://evil.example", "https://studio.example.evil", "http://studio.example", "null", ""}) {
        const Response refused = ask(Method::get, "/api/open", {{"origin", origin}});
        EXPECT_EQ(header(refused, "Access-Control-Allow-Origin"), "") << origin;
        EXPECT_EQ(
            header(ask(Method::options, "/api/things", {{"origin", origin}}), "Access-Control-Allow-Headers"),
            "");
    }
}

TEST_F(DispatcherTest, GuardsEveryAnswer) {
    for (const Response& response :
         {ask(Method::get, "/api/open"), ask(Method::get, "/api/nothing"), ask(Method::get, "/"),
          ask(Method::get, "/nothing"), dispatcher().refuse(413, {ErrorCode::too_large, "x"}, "")}) {
        EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(header(response, "Referrer-Policy"), "no-referrer");
        EXPECT_THAT(header(response, "Content-Security-Policy"), HasSubstr("default-src 'none'"));
        EXPECT_EQ(header(response, "X-Request-Id").size(), 16u);
        EXPECT_THAT(header(response, "Cache-Control"), testing::AnyOf("no-store", "no-cache"));
        EXPECT_EQ(header(response, "Access-Control-Allow-Origin"), "");
    }
}

TEST_F(DispatcherTest, HandsPathsOfPagesOn) {
    const Response page = ask(Method::get, "/");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("<div id=\"root\">"));
    EXPECT_EQ(ask(Method::post, "/").status, 405);
    EXPECT_EQ(ask(Method::get, "/missing").status, 404);
}

TEST_F(DispatcherTest, LimitsEachAddress) {
    settings.rate = {.per_second = 1, .burst = 2};
    EXPECT_EQ(ask(Method::get, "/api/open").status, 200);
    EXPECT_EQ(ask(Method::get, "/api/open").status, 200);
    const Response refused = ask(Method::get, "/api/open");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(header(refused, "Retry-After"), "1");
    clock.advance(1s);
    EXPECT_EQ(ask(Method::get, "/api/open").status, 200);
}

TEST_F(DispatcherTest, AudiencesAreNotCountedByTheLimitOfTheApi) {
    settings.rate = {.per_second = 1, .burst = 1};
    settings.trusted_proxies = {"203.0.113.7"};
    for (int i = 0; i < 5; ++i) {
        const Response answer =
            ask(Method::get, "/live/pb_1/index.m3u8", {{"x-forwarded-for", "198.51.100.9"}});
        EXPECT_EQ(answer.body, "media for 198.51.100.9");
    }
    EXPECT_EQ(ask(Method::get, "/vod/as_1/video.mp4").status, 200);
    EXPECT_EQ(ask(Method::get, "/api/open").status, 200);
    EXPECT_EQ(ask(Method::get, "/api/open").status, 429);
    EXPECT_THAT(records, testing::SizeIs(2)) << "what answers players counts for itself";
}

TEST_F(DispatcherTest, GivesMetricsToThisMachineAndToItsToken) {
    settings.system.metrics_token = base::Secret("a metrics token");
    const auto from = [&](std::string address, std::vector<Header> headers) {
        Request request;
        request.path = "/metrics";
        request.peer_address = std::move(address);
        request.headers = std::move(headers);
        return ask(std::move(request)).status;
    };
    EXPECT_EQ(from("127.0.0.1", {}), 200);
    EXPECT_EQ(from("::1", {}), 200);
    EXPECT_EQ(from("203.0.113.7", {}), 401);
    EXPECT_EQ(from("203.0.113.7", {bearer("a metrics token")}), 200);
    EXPECT_EQ(from("203.0.113.7", {bearer("admin")}), 401);
    EXPECT_EQ(from("127.0.0.1", {{"x-forwarded-for", "203.0.113.7"}}), 401)
        << "a proxy here speaks for a stranger";
}

TEST_F(DispatcherTest, WithoutAMetricsTokenNoneIsRight) {
    Request request;
    request.path = "/metrics";
    request.peer_address = "203.0.113.7";
    request.headers = {{"authorization", "Bearer "}};
    EXPECT_EQ(ask(std::move(request)).status, 401);
}

TEST_F(DispatcherTest, BelievesItsProxies) {
    settings.trusted_proxies = {"203.0.113.7"};
    const Response response =
        ask(Method::get, "/api/open", {{"x-forwarded-for", "198.51.100.9"}, {"x-forwarded-proto", "https"}});
    EXPECT_THAT(response.body, HasSubstr(R"("address":"198.51.100.9","secure":true,"local":false)"));
}

TEST_F(DispatcherTest, KeepsFaultsInside) {
    for (const char* path : {"/api/fail", "/api/throw"}) {
        const Response response = ask(Method::get, path);
        EXPECT_EQ(response.status, 500);
        EXPECT_EQ(code(response), "internal_error");
        EXPECT_THAT(response.body, Not(HasSubstr("fire")));
        EXPECT_THAT(response.body, Not(HasSubstr("luck")));
    }
}

TEST_F(DispatcherTest, CountsByPatternNotByPath) {
    ask(Method::put, "/api/v1/things/secret-id", {bearer("admin")}, R"({"name":"x"})");
    ask(Method::get, "/api/whatever-secret");
    ask(Method::get, "/page-secret");
    EXPECT_THAT(records,
                testing::ElementsAre("PUT /api/v1/things/{id} 200", "GET (none) 404", "GET (pages) 404"));
}

TEST_F(DispatcherTest, SlowRoutesDoNotHoldTheOthersUp) {
    settings.worker_threads = 1;
    settings.slow_threads = 1;
    gate.reset();
    std::promise<Response> slow;
    Request request;
    request.method = Method::post;
    request.path = "/api/slow";
    dispatcher().handle(std::move(request),
                        http::Reply([&](Response response) { slow.set_value(response); }));
    EXPECT_EQ(ask(Method::get, "/api/open").status, 200);
    gate.open();
    EXPECT_EQ(slow.get_future().get().status, 200);
}

TEST_F(DispatcherTest, RefusesWhenItHasStopped) {
    dispatcher().stop();
    const Response response = ask(Method::get, "/api/open");
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(code(response), "overloaded");
}

TEST_F(DispatcherTest, AnswersOverARealSocket) {
    http::ServerSettings http;
    http.listen = "127.0.0.1:0";
    http::Server server(http, dispatcher(), base::Logger());
    ASSERT_TRUE(server.start());
    test_support::RawHttp client(server.port());
    const std::string body = R"({"name":"x","unknown":1})";
    const std::string head = "POST /api/things HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer broadcaster\r\n";
    client.send(head + "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
    const auto unknown = client.read_response();
    EXPECT_EQ(unknown.status, 422);
    EXPECT_THAT(unknown.body, HasSubstr("unknown_field"));
    client.send(head + "Content-Length: 1048577\r\n\r\n");
    const auto large = client.read_response();
    EXPECT_EQ(large.status, 413);
    EXPECT_THAT(large.body, HasSubstr("body_too_large"));
    EXPECT_EQ(large.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(large.header("Connection"), "close");
    EXPECT_TRUE(client.ends());
    server.stop();
}

}  // namespace
}  // namespace api
