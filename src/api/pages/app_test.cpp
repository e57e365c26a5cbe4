#include "api/pages/app.h"

#include <gmock/gmock.h>

#include <optional>
#include <set>

namespace api::pages {
namespace {

using http::Method;
using http::Request;
using http::Response;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view browser =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

std::string header(const Response& response, std::string_view name) {
    for (const auto& one : response.headers)
        if (one.name == name) return one.value;
    return "";
}

class AppTest : public testing::Test {
  protected:
    Response ask(std::string path, std::vector<http::Header> headers = {{"accept", std::string(browser)}},
                 Method method = Method::get) {
        if (!app) app.emplace(settings);
        Request request;
        request.method = method;
        request.path = std::move(path);
        request.headers = std::move(headers);
        std::optional<Response> answered;
        app->handle(std::move(request),
                    http::Reply([&](Response response) { answered = std::move(response); }));
        return std::move(answered).value();
    }
    // The first file of this type that is embedded.
    static const AppFile& some(std::string_view ending) {
        for (const AppFile& file : app_files())
            if (file.path.starts_with("/assets/") && file.path.ends_with(ending)) return file;
        throw std::runtime_error("nothing ends with " + std::string(ending));
    }
    static std::string nonce_of(const Response& page) {
        const std::string policy = header(page, "Content-Security-Policy");
        const auto begin = policy.find("'nonce-") + 7;
        return policy.substr(begin, policy.find('\'', begin) - begin);
    }

    AppSettings settings{.public_url = "https://live.example"};
    std::optional<App> app;
};

TEST_F(AppTest, GivesOnePageForEveryPathThatItsRouterKnows) {
    for (const char* path :
         {"/", "/livestreams", "/livestreams/", "/livestreams/ls_1", "/livestreams/a%20b", "/replays/as_1",
          "/tv-stations/channel-4", "/setup", "/dashboard", "/multistream", "/artist/livestreams/create",
          "/artist/livestreams/ls_1", "/settings", "/admin"}) {
        const Response page = ask(path);
        EXPECT_EQ(page.status, 200) << path;
        EXPECT_THAT(page.body, AllOf(HasSubstr("<div id=\"root\">"), HasSubstr("src=\"/assets/"))) << path;
        EXPECT_EQ(header(page, "Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(ask(path, {}).status, 200) << path << " for whoever does not say what they accept";
    }
}

TEST_F(AppTest, LetsThePageSayWhatIsNotThere) {
    for (const char* path : {"/nothing", "/livestreams/a/b", "/tv-stations", "/artist", "/a.b", "/x%00y",
                             "/..", "/Setup", "/index.html", "//"}) {
        const Response page = ask(path);
        EXPECT_EQ(page.status, 404) << path;
        EXPECT_THAT(page.body, HasSubstr("<div id=\"root\">")) << path;
        EXPECT_THAT(header(page, "Content-Security-Policy"), HasSubstr("'nonce-")) << path;
        // A picture or a script that is missing is none.
        for (const char* accept : {"*/*", "image/avif,image/*", "application/json", "text/htmlx", ""}) {
            const Response other = ask(path, {{"accept", accept}});
            EXPECT_EQ(other.status, 404) << path;
            EXPECT_EQ(header(other, "Content-Type"), "application/json") << path << " as " << accept;
        }
    }
    EXPECT_THAT(ask("/assets/nothing.js").body, Not(HasSubstr("<div"))) << "no page is a script";
    EXPECT_EQ(ask("/assets/nothing.js").status, 404);
    EXPECT_EQ(ask("/assets/").status, 404);
}

TEST_F(AppTest, HasANonceOfItsOwnForEachAnswer) {
    std::set<std::string> nonces;
    for (int i = 0; i < 100; ++i) {
        const Response page = ask("/");
        const std::string nonce = nonce_of(page);
        EXPECT_EQ(nonce.size(), 32U);
        EXPECT_THAT(page.body, HasSubstr("<meta name=\"csp-nonce\" content=\"" + nonce + "\">"));
        EXPECT_THAT(page.body, Not(HasSubstr("{{")));
        nonces.insert(nonce);
    }
    EXPECT_EQ(nonces.size(), 100U);
    EXPECT_EQ(header(ask("/"), "Cache-Control"), "no-cache");
    EXPECT_EQ(header(ask("/"), "ETag"), "") << "no answer is like the last";
}

TEST_F(AppTest, HasAStrictPolicy) {
    const Response page = ask("/");
    EXPECT_EQ(header(page, "Content-Security-Policy"),
              "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce_of(page) +
                  "'; img-src 'self' data: blob:; media-src 'self' blob:; "
                  "connect-src 'self' wss://live.example; font-src 'self'; worker-src 'self'; "
                  "manifest-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
                  "form-action 'self'");
    EXPECT_EQ(header(page, "Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_THAT(header(page, "Permissions-Policy"), HasSubstr("camera=()"));
    // What is written into the page itself would be stopped.
    EXPECT_THAT(page.body, AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("<style")),
                                 Not(HasSubstr(" style=")), Not(HasSubstr(" on"))));
}

TEST_F(AppTest, NamesTheOriginsThatMediaMayComeFrom) {
    settings = {.public_url = "http://127.0.0.1:8000", .media_origins = {"https://store.example"}};
    EXPECT_THAT(header(ask("/"), "Content-Security-Policy"),
                AllOf(HasSubstr("img-src 'self' data: blob: https://store.example;"),
                      HasSubstr("media-src 'self' blob: https://store.example;"),
                      HasSubstr("connect-src 'self' ws://127.0.0.1:8000 https://store.example;"),
                      HasSubstr("script-src 'self';")));
}

TEST_F(AppTest, NamesOnlyFilesThatAreThere) {
    const std::string body = ask("/").body;
    int named = 0;
    for (const std::string_view attribute : {"src=\"/", "href=\"/"}) {
        for (auto at = body.find(attribute); at != std::string::npos; at = body.find(attribute, at + 1)) {
            const auto begin = at + attribute.size() - 1;
            EXPECT_EQ(ask(body.substr(begin, body.find('"', begin) - begin)).status, 200);
            ++named;
        }
    }
    EXPECT_GE(named, 3);
}

TEST_F(AppTest, ServesItsFilesForEver) {
    const AppFile& script = some(".js");
    const Response plain = ask(std::string(script.path), {});
    EXPECT_EQ(plain.status, 200);
    EXPECT_EQ(*plain.text, script.plain);
    EXPECT_EQ(header(plain, "Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(header(plain, "Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(header(plain, "Vary"), "Accept-Encoding");
    EXPECT_EQ(header(plain, "Content-Encoding"), "");
    EXPECT_EQ(header(ask(std::string(some(".css").path)), "Content-Type"), "text/css; charset=utf-8");
    // Its name is all that finds it.
    EXPECT_EQ(ask(std::string(script.path) + "/", {}).status, 404);
    EXPECT_EQ(ask("/assets/../index.html").status, 404);
    EXPECT_EQ(ask("/assets%2f" + std::string(script.path.substr(8)), {}).status, 404);
}

TEST_F(AppTest, CompressesAsTheClientLikes) {
    const AppFile& script = some(".js");
    const auto as = [&](const char* accepted, std::string_view path) {
        return ask(std::string(path), {{"accept-encoding", accepted}});
    };
    const Response brotli = as("gzip, deflate, br, zstd", script.path);
    EXPECT_EQ(header(brotli, "Content-Encoding"), "br");
    EXPECT_EQ(*brotli.text, script.brotli);
    const Response gzip = as("gzip", script.path);
    EXPECT_EQ(header(gzip, "Content-Encoding"), "gzip");
    EXPECT_THAT(*gzip.text, StartsWith("\x1f\x8b"));
    EXPECT_EQ(header(as("identity", script.path), "Content-Encoding"), "");
    EXPECT_LT(brotli.text->size(), gzip.text->size());
    EXPECT_LT(gzip.text->size(), script.plain.size());
    for (const Response& one : {brotli, gzip}) {
        EXPECT_EQ(header(one, "Content-Type"), "text/javascript; charset=utf-8");
        EXPECT_EQ(header(one, "Vary"), "Accept-Encoding");
    }

    const Response font = as("gzip, br", some(".woff2").path);
    EXPECT_EQ(header(font, "Content-Encoding"), "") << "compressed as it is";
    EXPECT_EQ(header(font, "Vary"), "");
    EXPECT_EQ(header(font, "Content-Type"), "font/woff2");
    EXPECT_THAT(*font.text, StartsWith("wOF2"));
}

TEST_F(AppTest, SaysWhenWhatOneHasIsStillTheSame) {
    const AppFile& script = some(".js");
    const std::string path(script.path);
    std::set<std::string> tags;
    for (const char* accepted : {"", "gzip", "br"}) {
        const std::string tag = header(ask(path, {{"accept-encoding", accepted}}), "ETag");
        tags.insert(tag);
        const Response same = ask(path, {{"accept-encoding", accepted}, {"if-none-match", tag}});
        EXPECT_EQ(same.status, 304);
        EXPECT_EQ(same.text, nullptr);
        EXPECT_EQ(header(same, "ETag"), tag);
        EXPECT_EQ(header(same, "Vary"), "Accept-Encoding");
        EXPECT_EQ(header(same, "Cache-Control"), "public, max-age=31536000, immutable");
    }
    EXPECT_EQ(tags.size(), 3U) << "other bytes, another tag";
    EXPECT_EQ(ask(path, {{"if-none-match", "\"other\""}}).status, 200);
}

TEST_F(AppTest, HasWhatIsAskedForUnasked) {
    const Response robots = ask("/robots.txt", {{"accept", "*/*"}});
    EXPECT_EQ(header(robots, "Content-Type"), "text/plain; charset=utf-8");
    EXPECT_THAT(*robots.text, HasSubstr("Disallow: /api/"));
    EXPECT_EQ(header(robots, "Cache-Control"), "public, max-age=3600")
        << "its name stays, its content may not";
    EXPECT_THAT(*ask("/licenses.txt").text, AllOf(HasSubstr("react-dom 1"), HasSubstr("hls.js 1")));
    for (const char* icon : {"/favicon.ico", "/favicon.svg"})
        EXPECT_EQ(header(ask(icon, {{"accept", "image/*"}}), "Content-Type"), "image/svg+xml") << icon;
}

TEST_F(AppTest, TakesOnlyGetAndHead) {
    EXPECT_EQ(ask("/", {}, Method::head).status, 200);
    EXPECT_EQ(ask(std::string(some(".js").path), {}, Method::head).status, 200);
    for (const Method method : {Method::post, Method::put, Method::del, Method::options}) {
        for (const std::string& path :
             {std::string("/"), std::string("/setup"), std::string(some(".js").path)}) {
            const Response refused = ask(path, {}, method);
            EXPECT_EQ(refused.status, 405) << path;
            EXPECT_EQ(header(refused, "Allow"), "GET, HEAD");
        }
        EXPECT_EQ(ask("/nothing", {{"accept", std::string(browser)}}, method).status, 404);
    }
}

}  // namespace
}  // namespace api::pages
