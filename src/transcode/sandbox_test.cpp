#include "transcode/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <thread>

namespace transcode {
namespace {

constexpr int allowed = 0;

// In a process of its own, behind the walls.
[[noreturn]] void behind_walls(const std::function<void()>& act) {
    if (!limit_resources() || !forbid_system_calls()) ::_exit(2);
    act();
    ::_exit(allowed);
}

class SandboxDeathTest : public testing::TestWithParam<std::pair<const char*, std::function<void()>>> {};

TEST_P(SandboxDeathTest, ForbiddenCallKills) {
    EXPECT_EXIT(behind_walls(GetParam().second), testing::KilledBySignal(SIGSYS), "");
}

INSTANTIATE_TEST_SUITE_P(
    Calls, SandboxDeathTest,
    testing::Values(
        std::pair{"socket", [] { ::socket(AF_INET, SOCK_STREAM, 0); }},
        std::pair{"unix_socket", [] { ::socket(AF_UNIX, SOCK_STREAM, 0); }},
        std::pair{"open", [] { ::open("/etc/passwd", O_RDONLY); }},
        std::pair{"create", [] { ::open("/tmp/thumbnail", O_CREAT | O_WRONLY, 0600); }},
        std::pair{"fork", [] { ::fork(); }},
        std::pair{"exec",
                  [] {
                      char* const nothing[] = {nullptr};
                      ::execve("/bin/true", nothing, nothing);
                  }},
        std::pair{"thread", [] { std::thread([] {}).join(); }},
        std::pair{"executable",
                  [] { ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }},
        std::pair{"made_executable",
                  [] {
                      void* page =
                          ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                      ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
                  }},
        std::pair{"kill", [] { ::kill(::getppid(), 0); }}, std::pair{"ptrace", [] { ::getppid(); }}),
    [](const auto& test) { return std::string(test.param.first); });

TEST(SandboxDeathTest2, MemoryAndOpenPipesMayBeUsed) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe(ends), 0);
    EXPECT_EXIT(behind_walls([&] {
                    std::string large(32 << 20, 'x');
                    large.resize(64 << 20, 'y');
                    if (::write(ends[1], large.data(), 4) != 4) ::_exit(3);
                    if (::read(ends[0], large.data(), 4) != 4) ::_exit(4);
                }),
                testing::ExitedWithCode(allowed), "");
    ::close(ends[0]);
    ::close(ends[1]);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(SandboxDeathTest2, MemoryIsBounded) {
    EXPECT_EXIT(behind_walls([] {
                    void* const most = std::malloc(max_address_space);
                    ::_exit(most == nullptr ? 7 : 8);
                }),
                testing::ExitedWithCode(7), "");
}
#endif

}  // namespace
}  // namespace transcode
