#include "transcode/worker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "net/unique_fd.h"
#include "transcode/worker_message.h"

namespace transcode {
namespace {

using net::UniqueFd;

tl::unexpected<base::Error> failed(const char* what, int error) {
    return base::fail(base::ErrorCode::internal, fmt::format("the thumbnail worker cannot be started: {}: {}",
                                                             what, std::generic_category().message(error)));
}

// A file in memory that nobody can change any more: however slowly it is read, nobody waits.
base::Result<UniqueFd> sealed(const std::vector<base::ByteView>& parts) {
    UniqueFd file(::memfd_create("thumbnail-request", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file) return failed("memfd_create", errno);
    for (base::ByteView part : parts) {
        while (!part.empty()) {
            const ssize_t count = ::write(file.get(), part.data(), part.size());
            if (count < 0) return failed("write", errno);
            part = part.subspan(static_cast<std::size_t>(count));
        }
    }
    if (::lseek(file.get(), 0, SEEK_SET) != 0) return failed("lseek", errno);
    if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
        return failed("fcntl", errno);
    return file;
}

struct Pipe {
    UniqueFd reader;
    UniqueFd writer;
};

base::Result<Pipe> make_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return failed("pipe", errno);
    Pipe made{UniqueFd(ends[0]), UniqueFd(ends[1])};
    // Only our end: the worker's writes may wait.
    if (::fcntl(made.reader.get(), F_SETFL, O_NONBLOCK) != 0) return failed("fcntl", errno);
    return made;
}

// What posix_spawn is told. It does not copy our page tables, as fork would, with every thread waiting.
class Spawning {
  public:
    Spawning(int in, int out, int err) {
        ::posix_spawn_file_actions_init(&files_);
        ::posix_spawn_file_actions_adddup2(&files_, in, STDIN_FILENO);
        ::posix_spawn_file_actions_adddup2(&files_, out, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&files_, err, STDERR_FILENO);
        ::posix_spawn_file_actions_addclosefrom_np(&files_, STDERR_FILENO + 1);
        ::posix_spawnattr_init(&how_);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        ::posix_spawnattr_setsigmask(&how_, &none);
        ::posix_spawnattr_setsigdefault(&how_, &all);
        // Its own group: Ctrl-C reaches us alone.
        ::posix_spawnattr_setpgroup(&how_, 0);
        ::posix_spawnattr_setflags(&how_,
                                   POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    Spawning(const Spawning&) = delete;
    Spawning& operator=(const Spawning&) = delete;
    ~Spawning() {
        ::posix_spawn_file_actions_destroy(&files_);
        ::posix_spawnattr_destroy(&how_);
    }

    // An error number, or 0. The environment is empty.
    int start(pid_t& pid, std::string program, std::string argument) {
        std::array<char*, 3> arguments{program.data(), argument.data(), nullptr};
        std::array<char*, 1> environment{nullptr};
        return ::posix_spawn(&pid, program.c_str(), &files_, &how_, arguments.data(), environment.data());
    }

  private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t how_{};
};

// One of its outputs: what came, until it ends.
struct Output {
    UniqueFd fd;
    std::size_t most = 0;
    base::Bytes bytes = {};
    bool overflow = false;

    void drain() {
        std::array<std::uint8_t, 16 * 1024> part{};
        for (;;) {
            const ssize_t count = ::read(fd.get(), part.data(), part.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0 && errno == EAGAIN) return;
            if (count <= 0) {
                fd.reset();
                return;
            }
            const auto size = static_cast<std::size_t>(count);
            const std::size_t kept = std::min(size, most - bytes.size());
            base::append(bytes, base::ByteView(part).first(kept));
            overflow = overflow || kept < size;
        }
    }
};

enum class End { itself, deadline, stopped, overflow };

// Until it has ended and said all, or is not waited for any longer.
End watch(int process, Output& out, Output& err, const WorkerCommand& command) {
    const auto end = std::chrono::steady_clock::now() + command.deadline;
    bool gone = false;
    for (;;) {
        if (gone && !out.fd && !err.fd) return End::itself;
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return End::deadline;
        // Those that are closed are -1, and looked over.
        std::array<pollfd, 4> looks{pollfd{out.fd.get(), POLLIN, 0}, pollfd{err.fd.get(), POLLIN, 0},
                                    pollfd{gone ? -1 : process, POLLIN, 0},
                                    pollfd{command.stop_fd, POLLIN, 0}};
        if (::poll(looks.data(), looks.size(), static_cast<int>(left.count())) < 0) continue;
        if (looks[3].revents != 0) return End::stopped;
        if (looks[0].revents != 0) out.drain();
        if (looks[1].revents != 0) err.drain();
        if (looks[2].revents != 0) gone = true;
        if (out.overflow) return End::overflow;
    }
}

}  // namespace

base::Result<base::Bytes> run_worker(const WorkerCommand& command) {
    auto input = sealed(command.input);
    if (!input) return base::fail(std::move(input.error()));
    auto out_pipe = make_pipe();
    if (!out_pipe) return base::fail(std::move(out_pipe.error()));
    auto err_pipe = make_pipe();
    if (!err_pipe) return base::fail(std::move(err_pipe.error()));

    pid_t pid = -1;
    if (const int error = Spawning(input->get(), out_pipe->writer.get(), err_pipe->writer.get())
                              .start(pid, command.program, command.argument))
        return failed(command.program.c_str(), error);
    input->reset();
    out_pipe->writer.reset();
    err_pipe->writer.reset();

    Output out{std::move(out_pipe->reader), command.max_output};
    Output err{std::move(err_pipe->reader), max_complaint};
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    const int no_handle = process ? 0 : errno;
    const End end = process ? watch(process.get(), out, err, command) : End::stopped;
    if (end != End::itself) ::kill(pid, SIGKILL);
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;

    if (no_handle != 0) return failed("pidfd_open", no_handle);
    if (end == End::stopped) return base::fail(base::ErrorCode::closed, "the server is stopping");
    if (end == End::deadline)
        return base::fail(base::ErrorCode::timed_out,
                          fmt::format("the thumbnail took longer than {} ms", command.deadline.count()));
    if (end == End::overflow)
        return base::fail(base::ErrorCode::internal, "the thumbnail worker said too much");
    const std::string complaint = printable(base::as_text(err.bytes));
    if (WIFSIGNALED(status))
        return base::fail(
            base::ErrorCode::internal,
            fmt::format("the thumbnail worker was killed by signal {}: {}", WTERMSIG(status), complaint));
    if (WEXITSTATUS(status) != 0)
        return base::fail(base::ErrorCode::internal, fmt::format("the thumbnail worker failed with {}: {}",
                                                                 WEXITSTATUS(status), complaint));
    return std::move(out.bytes);
}

}  // namespace transcode
