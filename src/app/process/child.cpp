#include "app/process/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

namespace app::process {
namespace {

constexpr std::chrono::milliseconds poll_interval{20};

// Runs in the new process between fork and exec, where only the simplest system calls are safe.
[[noreturn]] void become(const char* program, char* const* arguments, char* const* environment, int input,
                         int output, pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::dup2(input, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execve(program, arguments, environment);
    ::_exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts) list.push_back(text.data());
    list.push_back(nullptr);
    return list;
}

std::vector<std::string> environment_without(const std::vector<std::string>& names) {
    std::vector<std::string> kept;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const std::string_view name = text.substr(0, text.find('='));
        bool drop = false;
        for (const std::string& unwanted : names) drop = drop || name == unwanted;
        if (!drop) kept.emplace_back(text);
    }
    return kept;
}

}  // namespace

std::filesystem::path find_program(const std::string& name) {
    const char* path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): main thread
    std::string places = path == nullptr ? "" : path;
    places += ":/usr/sbin:/sbin:/usr/local/bin:/usr/bin";
    for (std::size_t begin = 0; begin <= places.size();) {
        const std::size_t end = std::min(places.find(':', begin), places.size());
        const std::filesystem::path candidate =
            std::filesystem::path(places.substr(begin, end - begin)) / name;
        if (end > begin && ::access(candidate.c_str(), X_OK) == 0) return candidate;
        begin = end + 1;
    }
    return {};
}

base::Result<Child> Child::start(const Command& command) {
    std::filesystem::path program = command.program;
    if (!program.has_parent_path()) program = find_program(command.program);
    if (program.empty() || ::access(program.c_str(), X_OK) != 0)
        return base::fail(base::ErrorCode::not_found,
                          fmt::format("{} is not installed", command.program.string()));

    std::vector<std::string> arguments = command.arguments;
    arguments.insert(arguments.begin(), program);
    std::vector<std::string> environment = environment_without(command.without_variables);
    const std::vector<char*> argument_list = pointers(arguments);
    const std::vector<char*> environment_list = pointers(environment);

    int input[2] = {-1, -1};
    if (::pipe2(input, O_CLOEXEC) != 0)
        return base::fail(base::ErrorCode::internal,
                          fmt::format("pipe: {}", std::generic_category().message(errno)));
    const char* output_path = command.output_file.empty() ? "/dev/null" : command.output_file.c_str();
    const int output = ::open(output_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const pid_t parent = ::getpid();
    const pid_t pid = output < 0 ? -1 : ::fork();
    if (pid == 0)
        become(program.c_str(), argument_list.data(), environment_list.data(), input[0], output, parent);
    const int error = errno;
    ::close(input[0]);
    if (output >= 0) ::close(output);
    if (pid > 0 && !command.input.empty()) {
        [[maybe_unused]] const auto written = ::write(input[1], command.input.data(), command.input.size());
    }
    ::close(input[1]);
    if (pid < 0)
        return base::fail(base::ErrorCode::internal, fmt::format("{} cannot be started: {}", program.string(),
                                                                 std::generic_category().message(error)));
    return Child(pid);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), exit_code_(std::exchange(other.exit_code_, std::nullopt)) {}

Child& Child::operator=(Child&& other) noexcept {
    if (this != &other) {
        stop();
        pid_ = std::exchange(other.pid_, -1);
        exit_code_ = std::exchange(other.exit_code_, std::nullopt);
    }
    return *this;
}

Child::~Child() {
    stop();
}

std::optional<int> Child::exit_code() {
    if (pid_ > 0 && !exit_code_) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_)
            exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    return exit_code_;
}

bool Child::running() {
    return pid_ > 0 && !exit_code();
}

std::optional<int> Child::wait(std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (running() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(poll_interval);
    return exit_code_;
}

void Child::stop(std::chrono::milliseconds patience) {
    if (!running()) return;
    ::kill(pid_, SIGTERM);
    if (!wait(patience)) kill();
}

void Child::kill() {
    if (!running()) return;
    ::kill(pid_, SIGKILL);
    wait(std::chrono::milliseconds(2'000));
}

base::Result<int> run_to_end(const Command& command, std::chrono::milliseconds patience) {
    auto child = Child::start(command);
    if (!child) return base::fail(std::move(child.error()));
    if (const auto code = child->wait(patience)) return *code;
    return base::fail(
        base::ErrorCode::timed_out,
        fmt::format("{} did not end within {} s", command.program.string(), patience.count() / 1000));
}

}  // namespace app::process
