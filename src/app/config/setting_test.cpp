#include "app/config/setting.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace app::config {
namespace {

const Setting& setting(std::string_view name) {
    return *find_setting(name);
}

TEST(Settings, HaveOneNameInThreeSpellings) {
    EXPECT_EQ(setting("allow_private_addresses").flag(), "--allow-private-addresses");
    EXPECT_EQ(setting("allow_private_addresses").variable(), "EVERYCAST_ALLOW_PRIVATE_ADDRESSES");
    EXPECT_EQ(setting("hook_secret").flag(), "--hook-secret-file");
}

TEST(Settings, AreNamedOnceAndExplained) {
    std::set<std::string_view> names;
    for (const Setting& one : settings()) {
        EXPECT_TRUE(names.insert(one.name).second) << one.name;
        EXPECT_FALSE(one.help.empty()) << one.name;
        EXPECT_FALSE(display(Config{}, one).empty() && one.empty_means.empty()) << one.name;
    }
}

TEST(Settings, DefaultsAreValuesTheyAcceptThemselves) {
    for (const Setting& one : settings()) {
        const std::string text = display(Config{}, one);
        if (text.empty()) continue;
        Config config;
        const auto done = assign(config, one, text);
        EXPECT_TRUE(done) << one.name << ": " << (done ? "" : done.error().message);
    }
}

struct Case {
    std::string_view name;
    std::string_view text;
    bool good;
};

class Assign : public testing::TestWithParam<Case> {};

TEST_P(Assign, ChecksTheValue) {
    Config config;
    const auto done = assign(config, setting(GetParam().name), GetParam().text);
    EXPECT_EQ(done.has_value(), GetParam().good) << GetParam().name << " = " << GetParam().text;
    if (!done) {
        EXPECT_NE(done.error().message.find(GetParam().name), std::string::npos) << done.error().message;
    }
}

INSTANTIATE_TEST_SUITE_P(
    Table, Assign,
    testing::Values(Case{"http", "0.0.0.0:8000", true}, Case{"http", "[::1]:8000", true},
                    Case{"http", "off", true}, Case{"http", "8000", false}, Case{"http", "::1:8000", false},
                    Case{"http", "host:", false}, Case{"http", "host:65536", false},
                    Case{"http", "host:-1", false}, Case{"http", "[]:1", false}, Case{"http", ":8000", false},
                    Case{"grace_s", "0", true}, Case{"grace_s", "3600", true}, Case{"grace_s", "3601", false},
                    Case{"grace_s", "-1", false}, Case{"grace_s", "6x", false}, Case{"grace_s", "", false},
                    Case{"flush_window_ms", "0", true}, Case{"flush_window_ms", "1000", true},
                    Case{"flush_window_ms", "1001", false}, Case{"flush_window_ms", "-1", false},
                    Case{"max_destinations", "1", true}, Case{"max_destinations", "10000", true},
                    Case{"max_destinations", "0", false}, Case{"max_destinations", "10001", false},
                    Case{"takeover", "off", true}, Case{"takeover", "1", true},
                    Case{"takeover", "maybe", false}, Case{"registration", "open", true},
                    Case{"registration", "Open", false}, Case{"log_level", "loud", false}));

TEST(Settings, ListsAreSplitAtCommas) {
    Config config;
    ASSERT_TRUE(assign(config, setting("cors_origins"), " https://a.example ,https://b.example,"));
    EXPECT_EQ(config.cors_origins, (std::vector<std::string>{"https://a.example", "https://b.example"}));
}

TEST(Settings, HiddenValuesAreNeverShown) {
    Config config;
    ASSERT_TRUE(assign(config, setting("hook_secret"), "s3cret-canary\n"));
    EXPECT_EQ(config.hook_secret.reveal(), "s3cret-canary");
    EXPECT_EQ(display(config, setting("hook_secret")), "(set)");
}

TEST(Settings, NamesTheClosestForATypingMistake) {
    EXPECT_EQ(closest_setting("registraton"), "registration");
    EXPECT_EQ(closest_setting("allow_private_adresses"), "allow_private_addresses");
    EXPECT_EQ(closest_setting("zzzzzzzzzzzzzzzzzzzzzzzz"), "");
}

TEST(Settings, AreAllInTheOperatingManualWordForWord) {
    std::ifstream file(EVERYCAST_SOURCE_DIR "/docs/operating.md");
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_NE(text.str().find(settings_as_markdown()), std::string::npos)
        << "docs/operating.md should hold this table (everycast check --settings prints it):\n"
        << settings_as_markdown();
}

}  // namespace
}  // namespace app::config
