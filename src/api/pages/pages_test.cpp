#include "api/pages/pages.h"

#include <gmock/gmock.h>

#include <future>

#include "api/http/html.h"
#include "api/pages/embedded.h"

namespace api::pages {
namespace {

using base::ErrorCode;
using http::Method;
using http::Request;
using http::Response;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string id = "pb0123456789abcdefghij";

std::string header(const Response& response, std::string_view name) {
    for (const auto& one : response.headers)
        if (one.name == name) return one.value;
    return "";
}

// What stands behind: it says that it was asked.
class Behind final : public http::PathHandler {
  public:
    void handle(Request request, http::Reply reply) override {
        Response response;
        response.body = "behind " + request.path;
        reply(std::move(response));
    }
};

class PagesTest : public testing::Test {
  protected:
    Response ask(std::string path, Method method = Method::get, std::string accept = "") {
        if (!pages) pages.emplace(settings, describe, behind);
        Request request;
        request.method = method;
        request.path = std::move(path);
        request.peer_address = "203.0.113.7";
        if (!accept.empty()) request.headers.push_back({"accept-encoding", accept});
        std::promise<Response> answered;
        pages->handle(std::move(request),
                      http::Reply([&](Response response) { answered.set_value(std::move(response)); }));
        return answered.get_future().get();
    }
    static std::string file(std::string_view name) {
        return "/player/" + std::string(assets_digest()) + "/" + std::string(name);
    }

    Behind behind;
    PagesSettings settings{.public_url = "https://live.example"};
    Pages::Describe describe = [this](const std::string& asked, const std::string& address) {
        asked_for = asked + " " + address;
        return found;
    };
    base::Result<Description> found = Description{.title = "Evening news", .station_name = "Channel 4"};
    std::string asked_for;
    std::optional<Pages> pages;
};

TEST_F(PagesTest, GivesAPageForAPlaybackId) {
    const Response response = ask("/watch/" + id);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header(response, "Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(header(response, "Cache-Control"), "no-cache");
    EXPECT_THAT(response.body, HasSubstr("<h1 id=\"title\" dir=\"auto\">Evening news</h1>"));
    EXPECT_THAT(response.body, HasSubstr("data-id=\"" + id + "\" data-kind=\"live\""));
    EXPECT_THAT(response.body, HasSubstr("og:title\" content=\"Evening news\""));
    EXPECT_THAT(response.body, HasSubstr("og:video\" content=\"https://live.example/embed/" + id + "\""));
    EXPECT_THAT(response.body,
                HasSubstr("application/json+oembed\" href=\"https://live.example/api/oembed?url="
                          "https%3A%2F%2Flive.example%2Fwatch%2F" +
                          id + "&amp;format=json\""));
    EXPECT_EQ(asked_for, id + " 203.0.113.7");
    EXPECT_THAT(ask("/watch/as_0123456789abcdefghijkl").body, HasSubstr("data-kind=\"recording\""));
}

TEST_F(PagesTest, NamesNothingInATemplateThatItDoesNotFill) {
    EXPECT_THAT(ask("/watch/" + id).body, Not(HasSubstr("{{")));
    EXPECT_THAT(ask("/embed/" + id).body, Not(HasSubstr("{{")));
}

TEST_F(PagesTest, LetsOnlyTheEmbeddedPlayerBeFramed) {
    const std::string watch = header(ask("/watch/" + id), "Content-Security-Policy");
    const std::string embed = header(ask("/embed/" + id), "Content-Security-Policy");
    EXPECT_THAT(watch, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(embed, HasSubstr("frame-ancestors *"));
    for (const std::string& policy : {watch, embed})
        EXPECT_THAT(policy, AllOf(StartsWith("default-src 'none'; script-src 'self'; style-src 'self'; "),
                                  HasSubstr("connect-src 'self';"), HasSubstr("base-uri 'none'"),
                                  HasSubstr("form-action 'none'"), Not(HasSubstr("unsafe"))));
}

TEST_F(PagesTest, NamesTheOriginsThatMediaMayComeFrom) {
    settings.media_origins = {"https://store.example"};
    const std::string policy = header(ask("/watch/" + id), "Content-Security-Policy");
    EXPECT_THAT(policy, AllOf(HasSubstr("media-src 'self' blob: https://store.example;"),
                              HasSubstr("connect-src 'self' https://store.example;"),
                              HasSubstr("script-src 'self';")));
}

TEST_F(PagesTest, EscapesWhateverAStreamIsCalled) {
    const std::string hostile = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>{{head}}&amp;";
    found = Description{.title = hostile, .text = hostile, .station_name = hostile, .picture_url = hostile};
    for (const char* path : {"/watch/", "/embed/"}) {
        const std::string body = ask(path + id).body;
        EXPECT_THAT(body, Not(HasSubstr("<script>")));
        EXPECT_THAT(body, Not(HasSubstr("<img")));
        EXPECT_THAT(body, Not(HasSubstr("onerror='")));
        EXPECT_THAT(body, HasSubstr("&quot;&gt;&lt;script&gt;alert(1)"));
    }
    EXPECT_THAT(ask("/watch/" + id).body, Not(HasSubstr("og:image"))) << "no address, no picture";
    EXPECT_EQ(http::escape_html(std::string("a\0\x1b\nb", 5)), "a  \nb");
}

TEST_F(PagesTest, GivesAPictureItsWholeAddress) {
    found->picture_url = "/live/x/thumbnail.jpg";
    EXPECT_THAT(ask("/watch/" + id).body,
                HasSubstr("og:image\" content=\"https://live.example/live/x/thumbnail.jpg\""));
}

TEST_F(PagesTest, EchoesNothingThatIsNoId) {
    for (const char* bad : {"%3Cscript%3E", "a'b", "a\"b", "a b", "a.b", "%F0%9F%98%80"}) {
        const Response response = ask(std::string("/watch/") + bad);
        EXPECT_EQ(response.status, 404) << bad;
        EXPECT_THAT(response.body, Not(HasSubstr("%3Cscript")));
        EXPECT_THAT(response.body, HasSubstr("data-id=\"\"")) << bad;
    }
    const Response longest = ask("/watch/" + std::string(max_id_length, 'x'));
    EXPECT_EQ(longest.status, 200);
    const Response longer = ask("/watch/" + std::string(max_id_length + 1, 'x'));
    EXPECT_EQ(longer.status, 404);
    EXPECT_THAT(longer.body, Not(HasSubstr("xxx")));
    EXPECT_THAT(longer.body, HasSubstr("data-id=\"\""));
}

TEST_F(PagesTest, TellsWhatIsNotThereFromWhatCannotBeAsked) {
    found = base::fail(ErrorCode::not_found, "no such stream");
    EXPECT_EQ(ask("/watch/" + id).status, 404);
    EXPECT_THAT(ask("/watch/" + id).body, HasSubstr("data-id=\"" + id))
        << "the page says so in its own words";
    found = base::fail(ErrorCode::unavailable, "the database is away");
    EXPECT_EQ(ask("/watch/" + id).status, 200);
}

TEST_F(PagesTest, GoesOutWithoutADescriptionWhereTooManyAskAtOnce) {
    std::promise<void> gate;
    std::promise<void> began;
    auto opened = gate.get_future().share();
    settings.worker_threads = 1;
    settings.queue_limit = 1;
    describe = [&, first = std::make_shared<std::atomic<bool>>(true)](const std::string&,
                                                                      const std::string&) {
        if (first->exchange(false)) began.set_value();
        opened.wait();
        return found;
    };
    pages.emplace(settings, describe, behind);
    std::vector<std::future<Response>> answers;
    const auto send = [&] {
        auto answered = std::make_shared<std::promise<Response>>();
        answers.push_back(answered->get_future());
        Request request;
        request.path = "/watch/" + id;
        pages->handle(request, http::Reply([answered](Response response) { answered->set_value(response); }));
    };
    send();
    began.get_future().wait();
    send();
    send();
    const Response third = answers[2].get();
    EXPECT_EQ(third.status, 200);
    EXPECT_THAT(third.body, Not(HasSubstr("Evening news")));
    gate.set_value();
    EXPECT_THAT(answers[0].get().body, HasSubstr("Evening news"));
    EXPECT_THAT(answers[1].get().body, HasSubstr("Evening news"));
    pages->stop();
    EXPECT_EQ(ask("/watch/" + id).status, 200) << "after the end, too";
}

TEST_F(PagesTest, ServesItsFilesForEver) {
    const Response plain = ask(file("watch.js"));
    EXPECT_EQ(plain.status, 200);
    EXPECT_EQ(header(plain, "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(header(plain, "Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(header(plain, "Content-Encoding"), "");
    ASSERT_NE(plain.text, nullptr);
    EXPECT_THAT(*plain.text, HasSubstr("import"));
    const Response small = ask(file("hls.js"), Method::get, "gzip, br");
    EXPECT_EQ(header(small, "Content-Encoding"), "gzip");
    ASSERT_NE(small.text, nullptr);
    EXPECT_THAT(*small.text, StartsWith("\x1f\x8b"));
    EXPECT_LT(small.text->size(), ask(file("hls.js")).text->size() / 2);
    EXPECT_EQ(header(small, "Vary"), "Accept-Encoding");
    EXPECT_EQ(ask(file("nothing.js")).status, 404);
    EXPECT_EQ(ask("/player/0000000000000000/watch.js").status, 404);
    EXPECT_EQ(ask("/player").status, 404);
}

TEST_F(PagesTest, NamesOnlyFilesThatAreThere) {
    for (const std::string& body : {ask("/watch/" + id).body, ask("/embed/" + id).body}) {
        const std::string prefix = "/player/" + std::string(assets_digest()) + "/";
        std::size_t named = 0;
        for (auto at = body.find(prefix); at != std::string::npos; at = body.find(prefix, at + 1), ++named) {
            const auto begin = at + prefix.size();
            EXPECT_EQ(ask(file(body.substr(begin, body.find('"', begin) - begin))).status, 200);
        }
        EXPECT_GE(named, 4u);
        EXPECT_THAT(body, Not(HasSubstr("<style")));
        EXPECT_THAT(body, Not(HasSubstr("style=")));
        EXPECT_THAT(body, Not(HasSubstr("<script>")));
    }
}

TEST_F(PagesTest, LeavesEverythingElseToTheNext) {
    EXPECT_EQ(ask("/live/x/index.m3u8").body, "behind /live/x/index.m3u8");
    EXPECT_EQ(ask("/").body, "behind /");
    EXPECT_EQ(ask("/watches").body, "behind /watches");
    // No path at all: the last in the row says so.
    EXPECT_EQ(ask("/watch/x%00y").body, "behind /watch/x%00y");
    EXPECT_EQ(ask(file("../watch.js")).body, "behind " + file("../watch.js"));
    EXPECT_EQ(ask("/watch").status, 404);
    EXPECT_EQ(ask("/watch/a/b").status, 404);
}

TEST_F(PagesTest, TakesOnlyGetAndHead) {
    EXPECT_EQ(ask("/watch/" + id, Method::head).status, 200);
    for (const Method method : {Method::post, Method::del, Method::options}) {
        const Response refused = ask("/embed/" + id, method);
        EXPECT_EQ(refused.status, 405);
        EXPECT_EQ(header(refused, "Allow"), "GET, HEAD");
    }
}

}  // namespace
}  // namespace api::pages
