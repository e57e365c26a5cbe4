#include "app/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config/setting.h"

namespace app {
namespace {

Command parse(std::vector<const char*> words) {
    words.insert(words.begin(), "everycast");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

template <class Kind>
Kind expect(const Command& command) {
    const auto* kind = std::get_if<Kind>(&command);
    EXPECT_NE(kind, nullptr) << "another command: " << command.index();
    return kind ? *kind : Kind{};
}

std::string text_printed(const std::function<void()>& call) {
    testing::internal::CaptureStdout();
    call();
    return testing::internal::GetCapturedStdout();
}

TEST(CommandLine, ServeTakesEverySettingAsAFlag) {
    for (const config::Setting& setting : config::settings()) {
        const std::string flag = setting.flag();
        const auto serve = expect<Serve>(parse({"serve", flag.c_str(), "text"}));
        EXPECT_EQ(serve.sources.flags.at(std::string(setting.name)), "text");
    }
}

TEST(CommandLine, AFlagWithoutValueSwitchesOn) {
    const auto serve =
        expect<Serve>(parse({"serve", "--allow-private-addresses", "--https", "--takeover=false"}));
    EXPECT_EQ(serve.sources.flags.at("allow_private_addresses"), "true");
    EXPECT_EQ(serve.sources.flags.at("https"), "true");
    EXPECT_EQ(serve.sources.flags.at("takeover"), "false");
}

TEST(CommandLine, WhatWasNotGivenIsNoFlag) {
    EXPECT_TRUE(expect<Serve>(parse({"serve"})).sources.flags.empty());
}

TEST(CommandLine, UserAddNeedsEmailAndRole) {
    const auto add =
        expect<AddUser>(parse({"user", "add", "a@example.org", "--role", "viewer", "--data-dir", "d"}));
    EXPECT_EQ(add.email, "a@example.org");
    EXPECT_EQ(add.role, "viewer");
    EXPECT_EQ(add.sources.flags.at("data_dir"), "d");
    testing::internal::CaptureStderr();
    EXPECT_NE(expect<Done>(parse({"user", "add", "a@example.org"})).exit_code, 0);
    EXPECT_NE(expect<Done>(parse({"user", "add", "a@example.org", "--role", "king"})).exit_code, 0);
    EXPECT_NE(expect<Done>(parse({"user", "add", "--role", "viewer"})).exit_code, 0);
    testing::internal::GetCapturedStderr();
}

TEST(CommandLine, DemoListensWhereItIsTold) {
    const auto demo =
        expect<Demo>(parse({"demo", "--demo-seconds", "45", "--http", "127.0.0.1:1", "--data-dir", "x"}));
    EXPECT_EQ(demo.options.duration, std::chrono::seconds(45));
    EXPECT_EQ(demo.options.http, "127.0.0.1:1");
    EXPECT_EQ(demo.options.data_dir, "x");
}

TEST(CommandLine, TopAndCheckAndKeygen) {
    EXPECT_TRUE(expect<Top>(parse({"top", "--once", "--server", "http://h:1"})).once);
    EXPECT_TRUE(expect<Check>(parse({"check", "--settings"})).settings);
    expect<Keygen>(parse({"keygen"}));
}

TEST(CommandLine, HelpAndVersionEndWell) {
    EXPECT_THAT(text_printed([] { EXPECT_EQ(expect<Done>(parse({"--version"})).exit_code, 0); }),
                testing::StartsWith("everycast "));
    EXPECT_THAT(text_printed([] {
                    EXPECT_EQ(expect<Done>(parse({"serve", "--help"})).exit_code, 0);
                }),
                testing::HasSubstr("--allow-private-addresses"));
}

TEST(CommandLine, UnknownWordsAreMistakes) {
    testing::internal::CaptureStderr();
    EXPECT_NE(expect<Done>(parse({"serve", "--no-such-flag"})).exit_code, 0);
    EXPECT_NE(expect<Done>(parse({"dance"})).exit_code, 0);
    EXPECT_NE(expect<Done>(parse({})).exit_code, 0);
    testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace app
