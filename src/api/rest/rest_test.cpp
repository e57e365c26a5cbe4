#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <set>

#include "api/rest/all_routes.h"
#include "api/rest/broadcast_dto.h"
#include "api/rest/errors.h"
#include "api/rest/event_stream.h"
#include "api/rest/json_writer.h"
#include "api/rest/respond.h"
#include "api/rest/router.h"

namespace api::rest {
namespace {

using namespace std::chrono_literals;
using http::Method;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

std::string header(const http::Response& response, std::string_view name) {
    for (const http::Header& one : response.headers)
        if (one.name == name) return one.value;
    return "";
}

TEST(Errors, HaveOneStatusEach) {
    using enum base::ErrorCode;
    const std::map<base::ErrorCode, int> expected{
        {internal, 500},         {malformed, 400},   {limit_exceeded, 422},  {unsupported, 422},
        {timed_out, 504},        {closed, 502},      {network, 502},         {refused, 502},
        {invalid_argument, 422}, {bad_request, 400}, {unauthenticated, 401}, {forbidden, 403},
        {not_found, 404},        {conflict, 409},    {too_large, 413},       {unsupported_media, 415},
        {rate_limited, 429},     {unavailable, 503}};
    for (const auto& [code, status] : expected) EXPECT_EQ(status_for(code), status) << base::to_string(code);
}

TEST(Errors, AreWrittenInOneForm) {
    const auto response = error_response(
        {base::ErrorCode::invalid_argument, "Wrong \"width\".", "out_of_range", {{"field", "maxRetries"}}});
    EXPECT_EQ(response.status, 422);
    EXPECT_EQ(header(response, "Content-Type"), "application/json");
    EXPECT_EQ(
        response.body,
        R"({"ok":false,"error":{"code":"out_of_range","message":"Wrong \"width\".","details":{"field":"maxRetries"}}})");
    EXPECT_THAT(error_response({base::ErrorCode::conflict, "x"}).body, HasSubstr(R"("code":"conflict")"));
}

TEST(Errors, SpeakSnakeCaseUnderV1AndNameFieldsAsTheyCame) {
    const base::Error error{
        base::ErrorCode::rate_limited, "x", "", {{"field", "scheduledAt"}, {"retryAfter", "7"}}};
    const auto response = error_response(error, Naming::snake);
    EXPECT_THAT(response.body, HasSubstr(R"("details":{"field":"scheduledAt","retry_after":7})"));
    EXPECT_THAT(error_response(error).body, HasSubstr(R"("details":{"field":"scheduledAt","retryAfter":7})"));
    EXPECT_EQ(header(response, "Retry-After"), "7");
}

TEST(Errors, OfOursStayInside) {
    const auto response =
        error_response({base::ErrorCode::internal, "SQL: no such table users", "secret_name", {{"a", "b"}}});
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr("internal_error"));
    for (const char* hidden : {"SQL", "secret_name", "\"a\""})
        EXPECT_THAT(response.body, Not(HasSubstr(hidden)));
}

TEST(Errors, SayHowToComeAgain) {
    EXPECT_EQ(header(error_response({base::ErrorCode::unauthenticated, "x"}), "WWW-Authenticate"), "Bearer");
    EXPECT_EQ(header(error_response({base::ErrorCode::unavailable, "x"}), "Retry-After"), "1");
    EXPECT_EQ(header(error_response({base::ErrorCode::conflict, "x"}), "Retry-After"), "");
}

base::Result<http::Response> nothing(Context&) {
    return http::Response();
}

constexpr Route test_routes[] = {
    {Method::get, "/things/{id}", Access::anyone, no_scope, Query::none, nothing},
    {Method::put, "/things/{id}", Access::owner, service::scope_write, Query::none, nothing},
    {Method::get, "/things/best", Access::anyone, no_scope, Query::none, nothing},
    {Method::post, "/things/{id}/parts/{part}", Access::owner, service::scope_write, Query::none, nothing},
};

TEST(Router, FindsTheRouteAndItsParameters) {
    const Router router({std::begin(test_routes), std::end(test_routes)});
    const auto match = router.find(Method::post, {"things", "a b", "parts", "7"});
    ASSERT_TRUE(match.route);
    EXPECT_EQ(match.route->pattern, "/things/{id}/parts/{part}");
    EXPECT_THAT(match.params, ElementsAre(Pair("id", "a b"), Pair("part", "7")));
}

TEST(Router, PrefersAFixedName) {
    const Router router({std::begin(test_routes), std::end(test_routes)});
    EXPECT_EQ(router.find(Method::get, {"things", "best"}).route->pattern, "/things/best");
    EXPECT_EQ(router.find(Method::get, {"things", "worst"}).route->pattern, "/things/{id}");
    EXPECT_EQ(router.find(Method::put, {"things", "best"}).route->pattern, "/things/{id}");
}

TEST(Router, TellsUnknownPathsFromUnknownMethods) {
    const Router router({std::begin(test_routes), std::end(test_routes)});
    EXPECT_EQ(router.find(Method::get, {"nothing"}).allow, "");
    EXPECT_EQ(router.find(Method::get, {"things"}).allow, "");
    EXPECT_EQ(router.find(Method::get, {"things", "x", "y"}).allow, "");
    const auto wrong_method = router.find(Method::del, {"things", "x"});
    EXPECT_EQ(wrong_method.route, nullptr);
    EXPECT_EQ(wrong_method.allow, "GET, HEAD, OPTIONS, PUT");
    EXPECT_EQ(router.find(Method::head, {"things", "x"}).route->pattern, "/things/{id}");
    EXPECT_EQ(router.find(Method::other, {"things", "x"}).route, nullptr);
}

// What api/openapi.yaml says of each operation: "GET /api/stations" → "public". Reads the file's fixed
// layout.
std::map<std::string, std::string> contract() {
    std::ifstream file(EVERYCAST_SOURCE_DIR "/api/openapi.yaml");
    std::map<std::string, std::string> operations;
    std::string path;
    std::string method;
    for (std::string line; std::getline(file, line);) {
        if (line == "components:") break;
        if (line.starts_with("  /")) path = line.substr(2, line.size() - 3);
        if (path.empty()) continue;
        if (line.starts_with("    ") && line[4] != ' ' && line.ends_with(":")) {
            method = line.substr(4, line.size() - 5);
            std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::toupper(c); });
        }
        constexpr std::string_view access_mark = "      x-access: ";
        if (line.starts_with(access_mark)) operations[method + " " + path] = line.substr(access_mark.size());
    }
    return operations;
}

TEST(Routes, AreThoseOfTheContract) {
    std::map<std::string, std::string> served;
    for (const Route& route : all_routes()) {
        const auto [entry, fresh] =
            served.emplace(std::string(http::to_string(route.method)) + " " + std::string(route.pattern),
                           to_string(route.access));
        EXPECT_TRUE(fresh) << entry->first << " stands there twice";
    }
    EXPECT_THAT(served, testing::ContainerEq(contract()));
}

TEST(Routes, ThatChangeSomethingNeedMoreThanReading) {
    // Asks without changing, and only posts because its question is long.
    const std::set<std::string_view> questions{"/api/live/bandwidth"};
    for (const Route& route : all_routes()) {
        if (route.method == Method::get || route.scope == no_scope || questions.contains(route.pattern))
            continue;
        EXPECT_NE(route.scope, service::scope_read) << route.pattern;
    }
}

TEST(JsonWriter, WritesNumbersAsPeopleDo) {
    const boost::json::value value = boost::json::parse(
        R"({"a":29.97,"b":30.0,"c":0.0,"d":-1.5,"e":7,"f":[true,null,"x\"\n"],"g":{},"h":[],"i\"":"\u0001é"})");
    EXPECT_EQ(
        to_text(value),
        R"({"a":29.97,"b":30,"c":0,"d":-1.5,"e":7,"f":[true,null,"x\"\n"],"g":{},"h":[],"i\"":"\u0001é"})");
    EXPECT_EQ(to_text(boost::json::value(std::numeric_limits<double>::infinity())), "null");
}

TEST(BroadcastDto, ShowsWhatTheEncoderSends) {
    service::IngestState ingest;
    ingest.facts.frames = 100;
    ingest.facts.frames_dropped = 12;
    ingest.facts.discontinuities = 3;
    const std::string shown = to_text(to_json(ingest));
    EXPECT_THAT(shown, HasSubstr(R"("frames":100,"framesDropped":12,"discontinuities":3)"));
}

struct Thing {
    std::string id;
};

TEST(Slice, WalksThroughAListPageByPage) {
    const std::vector<Thing> all{{"a"}, {"b"}, {"c"}};
    auto page = slice(all, {.limit = 2, .cursor = ""});
    EXPECT_EQ(page.items.size(), 2u);
    EXPECT_EQ(page.next_cursor, "b");
    page = slice(all, {.limit = 2, .cursor = page.next_cursor});
    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.items[0].id, "c");
    EXPECT_EQ(page.next_cursor, "");
    EXPECT_TRUE(slice(all, {.limit = 2, .cursor = "gone"}).items.empty());
    EXPECT_TRUE(slice(std::vector<Thing>(), {}).items.empty());
}

class EventStreamTest : public testing::Test {
  protected:
    service::Actor actor() {
        service::Actor someone;
        someone.user_id = "us_1";
        someone.scopes = service::scope_all;
        someone.session_id = "rs_1";
        return someone;
    }
    EventStream& open(service::Actor who, std::optional<std::uint64_t> after = std::nullopt) {
        stream.emplace(hub, std::move(who), after, clock);
        stream->start([this] { ++woken; });
        return *stream;
    }

    struct Piece {
        std::string bytes;
        bool end = false;
        base::MonotonicTime next{};
    };
    Piece pull(EventStream& events) {
        base::GatherList out;
        const auto pulled = events.pull(clock.now(), out);
        Piece piece{{}, pulled.end, pulled.next};
        for (const iovec& part : out.parts())
            piece.bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
        return piece;
    }

    base::ManualClock clock;
    service::EventHub hub;
    std::optional<EventStream> stream;
    int woken = 0;
};

TEST_F(EventStreamTest, GreetsAndThenGivesWhatHappens) {
    EventStream& events = open(actor());
    EXPECT_EQ(pull(events).bytes, "retry: 2000\n\n");
    EXPECT_EQ(pull(events).bytes, "");
    hub.publish("session.started", "us_1", false, {{"sessionId", "se_1"}});
    hub.publish("session.started", "us_2", false, {{"sessionId", "se_2"}});
    EXPECT_EQ(woken, 1);
    const auto piece = pull(events);
    EXPECT_THAT(piece.bytes, StartsWith("id: "));
    EXPECT_THAT(piece.bytes, HasSubstr("event: session.started\ndata: {\"sessionId\":\"se_1\"}\n\n"));
    EXPECT_THAT(piece.bytes, Not(HasSubstr("se_2")));
    EXPECT_FALSE(piece.end);
}

TEST_F(EventStreamTest, KeepsAQuietStreamOpen) {
    EventStream& events = open(actor());
    const auto first = pull(events);
    EXPECT_EQ(first.next, clock.now() + EventStream::heartbeat);
    clock.advance(14s);
    EXPECT_EQ(pull(events).bytes, "");
    clock.advance(1s);
    EXPECT_THAT(pull(events).bytes, StartsWith(": "));
}

TEST_F(EventStreamTest, EndsWithItsToken) {
    service::Actor who = actor();
    who.expires_at = clock.wall() + 5s;
    EventStream& events = open(who);
    const auto first = pull(events);
    EXPECT_FALSE(first.end);
    EXPECT_EQ(first.next, clock.now() + 5s);
    clock.advance(5s);
    EXPECT_TRUE(pull(events).end);
}

TEST_F(EventStreamTest, EndsWithItsSignIn) {
    EventStream& events = open(actor());
    pull(events);
    hub.close_session("rs_1");
    EXPECT_GE(woken, 1);
    EXPECT_TRUE(pull(events).end);
}

TEST_F(EventStreamTest, GoesOnAfterTheLastEventSeen) {
    hub.publish("a", "us_1", false, {});
    const std::uint64_t seen = hub.last_id();
    hub.publish("b", "us_1", false, {});
    const auto piece = pull(open(actor(), seen));
    EXPECT_THAT(piece.bytes, HasSubstr("event: b\n"));
    EXPECT_THAT(piece.bytes, Not(HasSubstr("event: a\n")));
}

}  // namespace
}  // namespace api::rest
