#include "api/rest/conditional.h"

#include <gtest/gtest.h>

#include "api/rest/respond.h"

namespace api::rest {
namespace {

struct Polling : testing::Test {
    http::Response ask(const std::string& if_none_match, const std::string& state = "live 5") {
        request.headers.clear();
        if (!if_none_match.empty()) request.headers.push_back({"if-none-match", if_none_match});
        const Context context{request, nullptr, system, clock, "", "", false, false, {}};
        return when_changed(context, ok({{"state", text(state)}}), state);
    }
    static std::string header(const http::Response& response, const std::string& name) {
        for (const auto& one : response.headers)
            if (one.name == name) return one.value;
        return {};
    }

    http::Request request;
    SystemSettings system;
    base::ManualClock clock;
};

TEST_F(Polling, GivesNoBodyToWhoeverHasIt) {
    const auto first = ask("");
    EXPECT_EQ(first.status, 200);
    const std::string tag = header(first, "ETag");
    EXPECT_TRUE(tag.starts_with("W/\"") && tag.ends_with("\"")) << tag;
    EXPECT_EQ(header(first, "Cache-Control"), "private, no-cache");
    for (const std::string& shown :
         {tag, tag.substr(2), "\"other\", " + tag, tag + ", \"other\"", std::string("*"), "  " + tag + " "}) {
        const auto again = ask(shown);
        EXPECT_EQ(again.status, 304) << shown;
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(header(again, "ETag"), tag);
        EXPECT_EQ(header(again, "Content-Type"), "");
    }
}

TEST_F(Polling, GivesWhatChanged) {
    const std::string tag = header(ask(""), "ETag");
    EXPECT_EQ(ask(tag, "live 6").status, 200);
    EXPECT_NE(header(ask("", "live 6"), "ETag"), tag);
    for (const std::string& shown :
         {std::string("\"\""), std::string(","), std::string("W/"), std::string("\"0\""),
          tag.substr(0, tag.size() - 1), std::string(5'000, ',')})
        EXPECT_EQ(ask(shown).status, 200) << shown.substr(0, 50);
}

}  // namespace
}  // namespace api::rest
