#include "app/process/child.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>

namespace app::process {
namespace {

using namespace std::chrono_literals;

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

class ChildTest : public testing::Test {
  protected:
    ~ChildTest() override { std::filesystem::remove(output_); }
    Command shell(const std::string& script) {
        return {.program = "sh", .arguments = {"-c", script}, .output_file = output_};
    }

    const std::filesystem::path output_ =
        std::filesystem::temp_directory_path() / ("everycast-child-test-" + std::to_string(::getpid()));
};

TEST_F(ChildTest, GivesInputOutputAndExitCode) {
    Command command = shell("read line; echo \"got $line\"; echo err >&2; exit 3");
    command.input = "hello\n";
    const auto code = run_to_end(command, 5s);
    ASSERT_TRUE(code) << code.error().message;
    EXPECT_EQ(*code, 3);
    EXPECT_EQ(contents(output_), "got hello\nerr\n");
}

TEST_F(ChildTest, LeavesOutVariables) {
    ::setenv("EVERYCAST_CHILD_TEST", "canary", 1);
    Command command = shell("echo \"[$EVERYCAST_CHILD_TEST]\"");
    command.without_variables = {"EVERYCAST_CHILD_TEST"};
    ASSERT_TRUE(run_to_end(command, 5s));
    EXPECT_EQ(contents(output_), "[]\n");
}

TEST_F(ChildTest, AMissingProgramIsAnError) {
    const auto child = Child::start({.program = "everycast-no-such-program", .arguments = {}});
    ASSERT_FALSE(child);
    EXPECT_EQ(child.error().message, "everycast-no-such-program is not installed");
}

TEST_F(ChildTest, StopAsksFirstAndThenForces) {
    auto polite =
        Child::start(shell("trap 'echo asked; exit 0' TERM; echo up; while :; do sleep 0.05; done"));
    ASSERT_TRUE(polite);
    while (contents(output_).empty()) ::usleep(10'000);
    polite->stop();
    EXPECT_EQ(polite->exit_code(), 0);
    EXPECT_EQ(contents(output_), "up\nasked\n");

    auto stubborn = Child::start(shell("trap '' TERM; echo deaf; while :; do sleep 0.05; done"));
    ASSERT_TRUE(stubborn);
    while (contents(output_).find("deaf") == std::string::npos) ::usleep(10'000);
    stubborn->stop(200ms);
    EXPECT_EQ(stubborn->exit_code(), 128 + SIGKILL);
}

TEST_F(ChildTest, EndsWithItsOwner) {
    pid_t pid = 0;
    {
        auto child = Child::start(shell("sleep 60"));
        ASSERT_TRUE(child);
        pid = child->pid();
        EXPECT_TRUE(child->running());
    }
    EXPECT_EQ(::kill(pid, 0), -1);
}

}  // namespace
}  // namespace app::process
