// The test program is its own worker, as the server is its own; and the workers that do not behave.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "transcode/sandbox.h"
#include "transcode/worker.h"

namespace {

void misbehave(std::string_view how) {
    if (how == "worker-that-stops") {
        ::raise(SIGSTOP);
    } else if (how == "worker-that-shouts") {
        const std::string text(1'000'000, 'x');
        std::fwrite(text.data(), 1, text.size(), stderr);
        std::fwrite(text.data(), 1, text.size(), stdout);
    } else if (how == "worker-that-complains") {
        std::fprintf(stderr, "no\tpicture\033[31m today\n%s", std::string(100'000, '.').c_str());
        std::exit(3);
    } else if (how == "worker-that-connects") {
        if (!transcode::limit_resources() || !transcode::forbid_system_calls()) std::exit(4);
        ::socket(AF_INET, SOCK_STREAM, 0);
    } else if (how == "worker-that-looks-around") {
        for (char** entry = environ; *entry != nullptr; ++entry) std::printf("%s\n", *entry);
        for (int fd = 0; fd < 1'000; ++fd)
            if (::lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF) std::printf("%d ", fd);
    }
    std::exit(0);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view command = argc == 2 ? argv[1] : "";
    if (command == transcode::worker_command) transcode::run_thumbnail_worker();
    if (command.starts_with("worker-that-")) misbehave(command);
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
