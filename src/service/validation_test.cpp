#include "service/validation.h"

#include <gtest/gtest.h>

namespace service {
namespace {

TEST(Email, is_lower_cased_and_looks_like_one) {
    EXPECT_EQ(*check_email(" Ann.Lee+x@Example.ORG "), "ann.lee+x@example.org");
    for (const char* text :
         {"", "a", "@example.org", "a@", "a@example", "a@.org", "a@example.", "a@b@example.org",
          "a b@example.org", "a@exa..mple.org", "a\n@example.org", "<a@example.org>"})
        EXPECT_FALSE(check_email(text)) << text;
    EXPECT_FALSE(check_email(std::string(250, 'a') + "@example.org"));
}

TEST(Password, is_ten_to_256_characters) {
    const auto check = [](const std::string& text) {
        return check_password("password", base::Secret(text), "ann@example.org").has_value();
    };
    EXPECT_FALSE(check("123456789"));
    EXPECT_TRUE(check("1234567890"));
    EXPECT_TRUE(check(std::string(255, 'x') + "y"));
    EXPECT_FALSE(check(std::string(256, 'x') + "y"));
    EXPECT_FALSE(check("aaaaaaaaaaaa"));
    EXPECT_FALSE(check("ann@example.org"));
    // Characters count, not bytes.
    EXPECT_FALSE(check("éééééé123"));
    EXPECT_TRUE(check("éééééé1234"));
    EXPECT_FALSE(check("bad\xff\xfe password"));
}

TEST(Password, tells_the_field_and_never_the_password) {
    const auto refused = check_password("newPassword", base::Secret("short"), "");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().details.at("field"), "newPassword");
    EXPECT_EQ(refused.error().message.find("short"), std::string::npos);
}

TEST(Names, are_trimmed_one_line_and_bounded) {
    EXPECT_EQ(*check_name("name", "  Radio Été "), "Radio Été");
    EXPECT_FALSE(check_name("name", "  "));
    EXPECT_FALSE(check_name("name", "two\nlines"));
    EXPECT_FALSE(check_name("name", std::string("nul\0", 4)));
    EXPECT_TRUE(check_name("name", std::string(max_name, 'x')));
    EXPECT_FALSE(check_name("name", std::string(max_name + 1, 'x')));
    EXPECT_EQ(*check_text("description", "two\nlines", 100), "two\nlines");
    EXPECT_EQ(*check_text("description", "", 100), "");
}

TEST(Text, is_well_formed_utf8) {
    EXPECT_EQ(text_length("aé€😀"), 4u);
    for (const char* text : {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"})
        EXPECT_FALSE(text_length(text)) << text;
}

TEST(Slug, is_made_of_names_and_checked) {
    EXPECT_EQ(slug_of("Radio One!  24/7"), "radio-one-24-7");
    EXPECT_EQ(slug_of("日本"), "");
    EXPECT_TRUE(check_slug("abc"));
    EXPECT_TRUE(check_slug(std::string(63, 'a')));
    for (const std::string& slug : {std::string("ab"), std::string(64, 'a'), std::string("-ab"),
                                    std::string("ab-"), std::string("Abc"), std::string("a_b")})
        EXPECT_FALSE(check_slug(slug)) << slug;
}

TEST(WebUrl, is_http_or_nothing) {
    EXPECT_EQ(*check_web_url("artworkUrl", ""), "");
    EXPECT_EQ(*check_web_url("artworkUrl", "https://example.org/a.png?b=c"), "https://example.org/a.png?b=c");
    for (const char* url :
         {"javascript:alert(1)", "ftp://example.org", "//example.org/a", "https://", "not a url"})
        EXPECT_FALSE(check_web_url("artworkUrl", url)) << url;
}

}  // namespace
}  // namespace service
