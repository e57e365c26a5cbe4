#include <gmock/gmock.h>

#include "api/input/json_text.h"
#include "api/input/object_reader.h"
#include "api/input/query_reader.h"

namespace api::input {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Optional;

std::string nested(std::size_t depth) {
    std::string text = "{\"a\":";
    for (std::size_t i = 1; i < depth; ++i) text += "[";
    text += "1";
    for (std::size_t i = 1; i < depth; ++i) text += "]";
    return text + "}";
}

TEST(JsonText, TakesObjectsOnly) {
    EXPECT_TRUE(parse_object("{}"));
    EXPECT_TRUE(parse_object(" {\"a\": [1, {\"b\": null}]} \n"));
    for (const char* wrong :
         {"", "[]", "1", "null", "\"x\"", "{", "{}x", "{}{}", "{'a':1}", "{\"a\":1,}", "{a:1}", "{\"a\":01}",
          "{\"a\":NaN}", "// x\n{}", "{\"a\":\"\x01\"}", "\xef\xbb\xbf{}"}) {
        const auto parsed = parse_object(wrong);
        ASSERT_FALSE(parsed) << wrong;
        EXPECT_EQ(parsed.error().code, base::ErrorCode::bad_request);
        EXPECT_EQ(parsed.error().name, "invalid_json");
    }
}

TEST(JsonText, RefusesDuplicateNamesWhereverTheyAre) {
    for (const char* wrong : {R"({"a":1,"a":2})", R"({"x":{"a":1,"b":2,"a":3}})", R"({"x":[{"a":1,"a":1}]})",
                              R"({"a":1,"\u0061":2})"}) {
        const auto parsed = parse_object(wrong);
        ASSERT_FALSE(parsed) << wrong;
        EXPECT_THAT(parsed.error().message, HasSubstr("\"a\" stands twice"));
    }
    EXPECT_TRUE(parse_object(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})"));
}

TEST(JsonText, RefusesInvalidUtf8) {
    for (const char* wrong : {"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\xaf\"}", "{\"a\":\"\xed\xa0\x80\"}",
                              "{\"\xff\":1}", "{\"a\":\"\\ud800\"}"})
        EXPECT_FALSE(parse_object(wrong)) << wrong;
    EXPECT_TRUE(parse_object("{\"a\":\"é€𐍈\"}"));
}

TEST(JsonText, BoundsTheDepth) {
    EXPECT_TRUE(parse_object(nested(max_json_depth)));
    const auto deep = parse_object(nested(max_json_depth + 1));
    ASSERT_FALSE(deep);
    EXPECT_THAT(deep.error().message, HasSubstr("32 levels"));
    EXPECT_FALSE(parse_object(nested(300'000)));
}

boost::json::object object(std::string_view text) {
    return parse_object(text).value();
}

TEST(ObjectReader, ReadsWhatIsThere) {
    const auto body = object(
        R"({"t":"x","s":"y","i":3,"f":3.0,"b":true,"w":"2026-01-31T20:00:00Z","l":["a","b"],"c":"copy","n":null})");
    ObjectReader in(body);
    EXPECT_EQ(in.text("t"), "x");
    EXPECT_EQ(in.secret("s").reveal(), "y");
    EXPECT_EQ(in.integer("i", 0, 5), 3);
    EXPECT_THAT(in.optional_integer("f", 0, 5), Optional(3));
    EXPECT_THAT(in.optional_bool("b"), Optional(true));
    EXPECT_TRUE(in.optional_time("w"));
    EXPECT_THAT(in.texts("l", 2), ElementsAre("a", "b"));
    EXPECT_THAT(in.optional_choice("c", {"copy", "transcode"}), Optional(std::string("copy")));
    EXPECT_EQ(in.optional_text("n"), std::nullopt) << "null counts as absent";
    EXPECT_EQ(in.optional_text("absent"), std::nullopt);
    EXPECT_TRUE(in.finish());
}

struct Wrong {
    const char* body;
    const char* name;
    const char* field;
};

TEST(ObjectReader, NamesWhatIsWrong) {
    for (const auto& [body, name, field] : {
             Wrong{R"({})", "missing_field", "text"},
             Wrong{R"({"text":null})", "missing_field", "text"},
             Wrong{R"({"text":3})", "wrong_type", "text"},
             Wrong{R"({"text":["x"]})", "wrong_type", "text"},
             Wrong{R"({"text":""})", "out_of_range", "text"},
             Wrong{R"({"text":"éééééé"})", "out_of_range", "text"},
             Wrong{R"({"text":"a\u0000b"})", "invalid_characters", "text"},
             Wrong{R"({"text":"a\nb"})", "invalid_characters", "text"},
             Wrong{R"({"text":"x","more":1})", "unknown_field", "more"},
             Wrong{R"({"text":"x","Text":"x"})", "unknown_field", "Text"},
             Wrong{R"({"text":"x","number":"3"})", "wrong_type", "number"},
             Wrong{R"({"text":"x","number":true})", "wrong_type", "number"},
             Wrong{R"({"text":"x","number":3.5})", "out_of_range", "number"},
             Wrong{R"({"text":"x","number":0})", "out_of_range", "number"},
             Wrong{R"({"text":"x","number":11})", "out_of_range", "number"},
             Wrong{R"({"text":"x","number":1e300})", "out_of_range", "number"},
             Wrong{R"({"text":"x","number":18446744073709551615})", "out_of_range", "number"},
             Wrong{R"({"text":"x","rate":0.5})", "out_of_range", "rate"},
             Wrong{R"({"text":"x","rate":1e999})", "out_of_range", "rate"},
             Wrong{R"({"text":"x","rate":"1"})", "wrong_type", "rate"},
             Wrong{R"({"text":"x","flag":"true"})", "wrong_type", "flag"},
             Wrong{R"({"text":"x","flag":1})", "wrong_type", "flag"},
             Wrong{R"({"text":"x","when":"tomorrow"})", "out_of_range", "when"},
             Wrong{R"({"text":"x","when":5})", "wrong_type", "when"},
             Wrong{R"({"text":"x","list":"a"})", "wrong_type", "list"},
             Wrong{R"({"text":"x","list":["a",1]})", "wrong_type", "list[1]"},
             Wrong{R"({"text":"x","list":["a","b","c"]})", "out_of_range", "list"},
             Wrong{R"({"text":"x","choice":"no"})", "out_of_range", "choice"},
             Wrong{R"({"text":"x","nested":[]})", "wrong_type", "nested"},
             Wrong{R"({"text":"x","nested":{"width":"wide"}})", "wrong_type", "nested.width"},
             Wrong{R"({"text":"x","nested":{"height":1}})", "unknown_field", "nested.height"},
             Wrong{R"({"text":"x","items":[{"id":"a"},{}]})", "missing_field", "items[1].id"},
             Wrong{R"({"text":"x","items":[{"id":"a","x":1}]})", "unknown_field", "items[0].x"},
         }) {
        const auto parsed = object(body);
        ObjectReader in(parsed);
        in.text("text", {1, 5});
        in.optional_integer("number", 1, 10);
        in.optional_number("rate", 1, 120);
        in.optional_bool("flag");
        in.optional_time("when");
        in.optional_texts("list", 2);
        in.optional_choice("choice", {"yes"});
        in.optional_object("nested", [](ObjectReader& nested_in) { nested_in.optional_int("width", 1, 10); });
        in.optional_objects("items", 2, [](ObjectReader& item) { item.text("id"); });
        const auto finished = in.finish();
        ASSERT_FALSE(finished) << body;
        EXPECT_EQ(finished.error().code, base::ErrorCode::invalid_argument) << body;
        EXPECT_EQ(finished.error().name, name) << body;
        EXPECT_EQ(finished.error().details.at("field"), field) << body;
        EXPECT_THAT(finished.error().message, HasSubstr(field)) << body;
    }
}

TEST(ObjectReader, CountsCharactersNotBytes) {
    const auto body = object(R"({"text":"ééééé","prose":"two\nlines\tand a tab"})");
    ObjectReader in(body);
    EXPECT_EQ(in.text("text", {5, 5}), "ééééé");
    EXPECT_TRUE(in.optional_text("prose", prose_rule));
    EXPECT_TRUE(in.finish());
}

TEST(ObjectReader, DoesNotRepeatValuesInItsErrors) {
    const auto body = object(R"({"streamKey":12345678,"x":"hunter2"})");
    ObjectReader in(body);
    in.secret("streamKey");
    const auto finished = in.finish();
    ASSERT_FALSE(finished);
    EXPECT_THAT(finished.error().message, testing::Not(HasSubstr("12345678")));
}

TEST(QueryReader, ReadsAndRefusesByName) {
    QueryReader good({{"limit", "20"}, {"mine", "true"}, {"q", "x"}});
    EXPECT_EQ(good.integer("limit", 50, 1, 200), 20);
    EXPECT_TRUE(good.boolean("mine"));
    EXPECT_EQ(good.text("q"), "x");
    EXPECT_EQ(good.integer("absent", 7, 1, 9), 7);
    EXPECT_TRUE(good.finish());

    for (const auto& [pairs, field] : std::vector<std::pair<http::Pairs, std::string>>{
             {{{"limit", "0"}}, "limit"},
             {{{"limit", "201"}}, "limit"},
             {{{"limit", "2x"}}, "limit"},
             {{{"limit", ""}}, "limit"},
             {{{"limit", "99999999999999999999"}}, "limit"},
             {{{"mine", "yes"}}, "mine"},
             {{{"limit", "1"}, {"limit", "2"}}, "limit"},
             {{{"other", "1"}}, "other"},
             {{{"q", "too long"}}, "q"},
         }) {
        QueryReader in(pairs);
        in.integer("limit", 50, 1, 200);
        in.boolean("mine");
        in.text("q", 3);
        const auto finished = in.finish();
        ASSERT_FALSE(finished) << field;
        EXPECT_EQ(finished.error().details.at("field"), field);
    }
}

}  // namespace
}  // namespace api::input
