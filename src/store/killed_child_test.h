// A child process of a test that is killed on purpose: at one of SQLite's writes to files, or after some
// time. The parent has no other threads when it makes one.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace store {

namespace api = sqlite_api;

// How the process ends at the write: before any of it, or after half of it (what a power cut may leave).
enum class Cut { before, half_way };

// In a child process: SQLite's writes to files, counted where the parent sees it. Never two at once.
inline int* const writes = static_cast<int*>(
    ::mmap(nullptr, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
inline int last_write = 0;
inline Cut cut = Cut::before;

inline void die() {
    ::raise(SIGKILL);
}
inline bool is_the_last() {
    return ++*writes == last_write;
}

inline ssize_t deadly_pwrite(int fd, const void* data, size_t size, off_t at) {
    if (is_the_last()) {
        if (cut == Cut::half_way) (void)!::pwrite(fd, data, size / 2, at);
        die();
    }
    return ::pwrite(fd, data, size, at);
}
inline ssize_t deadly_write(int fd, const void* data, size_t size) {
    if (is_the_last()) {
        if (cut == Cut::half_way) (void)!::write(fd, data, size / 2);
        die();
    }
    return ::write(fd, data, size);
}
inline int deadly_truncate(int fd, off_t size) {
    if (is_the_last()) die();
    return ::ftruncate(fd, size);
}
inline int deadly_unlink(const char* path) {
    if (is_the_last()) die();
    return ::unlink(path);
}

template <class Function>
void replace(const char* name, Function function) {
    api::sqlite3_vfs* const files = api::sqlite3_vfs_find(nullptr);
    const auto pointer = reinterpret_cast<api::sqlite3_syscall_ptr>(function);
    if (files->xSetSystemCall(files, name, pointer) != SQLITE_OK) ::_exit(99);
}

inline void make_writes_deadly(int at, Cut how) {
    *writes = 0;
    last_write = at;
    cut = how;
    replace("pwrite", &deadly_pwrite);
    replace("pwrite64", &deadly_pwrite);
    replace("write", &deadly_write);
    replace("ftruncate", &deadly_truncate);
    replace("unlink", &deadly_unlink);
}

struct Death {
    bool killed = false;
    int acknowledged = 0;  // how often the child said that something was done
};

// Runs `work` in a child; `say` in it tells the parent that one more thing is done. A failure there is one
// here.
template <class Work>
Death in_child(Work work, std::chrono::microseconds kill_after = {}) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        bool good = false;
        try {
            good = work([&] { (void)!::write(pipe[1], "+", 1); });
        } catch (...) {
        }
        ::_exit(good ? 0 : 98);
    }
    ::close(pipe[1]);
    if (kill_after.count() > 0) {
        std::this_thread::sleep_for(kill_after);
        ::kill(child, SIGKILL);
    }
    Death death;
    char said = 0;
    while (::read(pipe[0], &said, 1) == 1) ++death.acknowledged;
    ::close(pipe[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    death.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    EXPECT_TRUE(death.killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        << "the child failed by itself: " << status;
    return death;
}

}  // namespace store
