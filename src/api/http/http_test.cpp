#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "api/http/address_limiter.h"
#include "api/http/client_address.h"
#include "api/http/cookie.h"
#include "api/http/message.h"
#include "api/http/sse.h"
#include "api/http/url.h"
#include "api/http/worker_pool.h"

namespace api::http {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Optional;
using testing::Pair;

const base::MonotonicTime start{1h};

TEST(AddressLimiter, AllowsABurstAndThenTheRate) {
    AddressLimiter limiter({.per_second = 2, .burst = 3});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take("1.2.3.4", start), 0);
    EXPECT_EQ(limiter.take("1.2.3.4", start), 1);
    EXPECT_EQ(limiter.take("5.6.7.8", start), 0) << "another address has its own";
    EXPECT_EQ(limiter.take("1.2.3.4", start + 500ms), 0);
    EXPECT_EQ(limiter.take("1.2.3.4", start + 500ms), 1);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(limiter.take("1.2.3.4", start + 1h), 0) << "no more than a burst is saved";
    EXPECT_NE(limiter.take("1.2.3.4", start + 1h), 0);
}

TEST(AddressLimiter, SaysHowLongToWait) {
    AddressLimiter limiter({.per_second = 0.1, .burst = 1});
    EXPECT_EQ(limiter.take("1.2.3.4", start), 0);
    EXPECT_EQ(limiter.take("1.2.3.4", start), 10);
    EXPECT_EQ(limiter.take("1.2.3.4", start + 9s), 1);
}

TEST(AddressLimiter, CountsAnIpv6NetworkAsOne) {
    AddressLimiter limiter({.per_second = 1, .burst = 1});
    EXPECT_EQ(limiter.take("2001:db8:1:2::1", start), 0);
    EXPECT_NE(limiter.take("2001:db8:1:2:ffff::9", start), 0);
    EXPECT_EQ(limiter.take("2001:db8:1:3::1", start), 0);
}

TEST(AddressLimiter, RemembersABoundedNumberOfAddresses) {
    AddressLimiter limiter({.per_second = 1, .burst = 1});
    for (std::size_t i = 0; i < AddressLimiter::max_addresses + 10; ++i)
        limiter.take(std::to_string(i), start);
    EXPECT_EQ(limiter.size(), AddressLimiter::max_addresses);
    EXPECT_EQ(limiter.take("0", start), 0) << "the oldest was forgotten";
    EXPECT_NE(limiter.take(std::to_string(AddressLimiter::max_addresses + 9), start), 0);
}

TEST(Cookie, IsFoundByItsWholeName) {
    EXPECT_EQ(cookie_value("a=1; refresh=two=2;b=3", "refresh"), "two=2");
    EXPECT_EQ(cookie_value("xrefresh=1; refreshx=2; refresh", "refresh"), "");
    EXPECT_EQ(cookie_value("", "refresh"), "");
    EXPECT_EQ(cookie_value(";;  refresh=v  ;", "refresh"), "v");
}

TEST(Cookie, IsOutOfReachForScriptsAndOtherSites) {
    EXPECT_EQ(set_cookie("r", "v", {"/api/auth", 60s, true}),
              "r=v; Path=/api/auth; Max-Age=60; HttpOnly; SameSite=Strict; Secure");
    EXPECT_EQ(set_cookie("r", "", {"/", 0s, false}), "r=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
}

TEST(Head, IsWrittenByTheBook) {
    Response response;
    response.status = 404;
    response.body = "gone";
    response.set("X-Name", "a value\r\nSet-Cookie: injected");
    const auto then = base::from_rfc3339("2026-01-31T20:05:09.9Z").value();
    EXPECT_EQ(render_head(response, Framing::length, true, then),
              "HTTP/1.1 404 Not Found\r\nX-Name: a value  Set-Cookie: injected\r\n"
              "Date: Sat, 31 Jan 2026 20:05:09 GMT\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\n");
    response.status = 204;
    response.headers.clear();
    EXPECT_EQ(render_head(response, Framing::length, false, then),
              "HTTP/1.1 204 No Content\r\nDate: Sat, 31 Jan 2026 20:05:09 GMT\r\nConnection: close\r\n\r\n");
}

TEST(Sse, FramesEventsByTheBook) {
    EXPECT_EQ(sse_event(7, "a.b", R"({"x":1})"), "id: 7\nevent: a.b\ndata: {\"x\":1}\n\n");
    EXPECT_EQ(sse_event(8, "t", "one\ntwo\r\nthree\rfour"),
              "id: 8\nevent: t\ndata: one\ndata: two\ndata: three\ndata: four\n\n");
    EXPECT_EQ(sse_comment("x"), ": x\n\n");
    EXPECT_EQ(sse_retry(2000), "retry: 2000\n\n");
}

TEST(Sse, TakesBackOnlyItsOwnIds) {
    EXPECT_THAT(parse_event_id("42"), Optional(42u));
    for (const char* wrong : {"", "-1", "4x", "18446744073709551616", " 4"})
        EXPECT_FALSE(parse_event_id(wrong)) << wrong;
}

TEST(Path, IsDecodedIntoItsSegments) {
    EXPECT_THAT(decode_path("/"), Optional(ElementsAre()));
    EXPECT_THAT(decode_path("/api/a%20b/%C3%A9"), Optional(ElementsAre("api", "a b", "é")));
    EXPECT_THAT(decode_path("/api/x/"), Optional(ElementsAre("api", "x")));
    EXPECT_THAT(decode_path("/a+b"), Optional(ElementsAre("a+b")));
}

TEST(Path, RefusesWhatCouldLeadElsewhere) {
    for (const char* wrong :
         {"", "api", "//", "/a//b", "/../etc", "/a/./b", "/%2e%2e/x", "/a%2fb", "/a%5cb", "/a\\b", "/%00",
          "/%", "/%4", "/%zz", "/%ff", "/%c0%af", "/a%0d%0ab", "http://h/x", "/%ed%a0%80"})
        EXPECT_FALSE(decode_path(wrong)) << wrong;
}

TEST(Form, IsDecoded) {
    EXPECT_THAT(decode_form("a=1&b=x+y%26&c&&d="),
                Optional(ElementsAre(Pair("a", "1"), Pair("b", "x y&"), Pair("c", ""), Pair("d", ""))));
    EXPECT_THAT(decode_form("k=a=b"), Optional(ElementsAre(Pair("k", "a=b"))));
    EXPECT_FALSE(decode_form("a=%zz"));
    EXPECT_FALSE(decode_form("a=%ff"));
    EXPECT_TRUE(decode_form("a&a&a", 3));
    EXPECT_FALSE(decode_form("a&a&a&a", 3));
}

TEST(Utf8, IsCheckedStrictly) {
    for (const char* good : {"", "abc", "é", "€", "𐍈", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf"})
        EXPECT_TRUE(valid_utf8(good)) << good;
    for (const char* bad :
         {"\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
          "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82", "a\xffz"})
        EXPECT_FALSE(valid_utf8(bad));
}

Request request_from(std::string peer, std::vector<Header> headers) {
    Request request;
    request.peer_address = std::move(peer);
    request.headers = std::move(headers);
    return request;
}

TEST(ClientAddress, BelievesOnlyTheOperatorsProxies) {
    auto proxies = TrustedProxies::parse({"127.0.0.1", "10.0.0.0/8", "fd00::/8"});
    ASSERT_TRUE(proxies);
    const auto origin = [&](std::string peer, std::vector<Header> headers) {
        return client_origin(request_from(std::move(peer), std::move(headers)), *proxies);
    };
    EXPECT_EQ(origin("203.0.113.7", {{"x-forwarded-for", "1.1.1.1"}}).address, "203.0.113.7");
    EXPECT_TRUE(origin("203.0.113.7", {{"x-forwarded-for", "1.1.1.1"}}).forwarded_by_stranger);
    EXPECT_EQ(origin("127.0.0.1", {{"x-forwarded-for", "1.1.1.1"}}).address, "1.1.1.1");
    EXPECT_EQ(origin("127.0.0.1", {{"x-forwarded-for", "6.6.6.6, 1.1.1.1, 10.2.3.4"}}).address, "1.1.1.1")
        << "what the client itself wrote on the left does not count";
    EXPECT_EQ(origin("fd00::1", {{"x-forwarded-for", "6.6.6.6"}, {"x-forwarded-for", "1.1.1.1"}}).address,
              "1.1.1.1");
    EXPECT_EQ(origin("127.0.0.1", {{"x-forwarded-for", "garbage"}}).address, "127.0.0.1");
    EXPECT_EQ(origin("127.0.0.1", {}).address, "127.0.0.1");
    EXPECT_TRUE(origin("127.0.0.1", {{"x-forwarded-proto", "https"}}).secure);
    EXPECT_FALSE(origin("203.0.113.7", {{"x-forwarded-proto", "https"}}).secure);
}

TEST(ClientAddress, KnowsAProxyByItsIpv4AddressHoweverItIsWritten) {
    const auto proxies = TrustedProxies::parse({"::ffff:192.0.2.1", "::ffff:10.0.0.0/104"});
    ASSERT_TRUE(proxies);
    for (const char* proxy : {"192.0.2.1", "::ffff:192.0.2.1", "10.9.9.9"})
        EXPECT_TRUE(proxies->contains(proxy)) << proxy;
    for (const char* other : {"192.0.2.2", "11.0.0.1", "::"}) EXPECT_FALSE(proxies->contains(other)) << other;
}

TEST(ClientAddress, RefusesWhatIsNoNetwork) {
    for (const char* wrong : {"", "host", "10.0.0.0/33", "1.2.3", "::/129", "::ffff:10.0.0.0/90"})
        EXPECT_FALSE(TrustedProxies::parse({wrong})) << wrong;
}

TEST(ClientAddress, KnowsThisMachine) {
    for (const char* here : {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(is_loopback(here)) << here;
    for (const char* there : {"128.0.0.1", "::2", "", "localhost"}) EXPECT_FALSE(is_loopback(there)) << there;
}

TEST(WorkerPool, RefusesWorkBeyondItsQueueAndFinishesWhatItTook) {
    std::atomic<bool> go = false;
    std::atomic<int> done = 0;
    WorkerPool pool(1, 2);
    const auto work = [&] {
        while (!go) std::this_thread::sleep_for(1ms);
        ++done;
    };
    ASSERT_TRUE(pool.submit(work));
    while (pool.queued() > 0) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(pool.submit(work));
    EXPECT_TRUE(pool.submit(work));
    EXPECT_FALSE(pool.submit(work));
    go = true;
    pool.stop();
    EXPECT_EQ(done, 3);
    EXPECT_FALSE(pool.submit(work));
}

}  // namespace
}  // namespace api::http
