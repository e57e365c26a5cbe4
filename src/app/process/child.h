// A program started by us: its own process group, so that Ctrl-C in the terminal reaches us alone and we end
// it in good order; killed by the kernel should we die first. Main thread only, because the kernel ties that
// to the thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace app::process {

struct Command {
    std::filesystem::path program;  // a path, or a name to be found in PATH
    std::vector<std::string> arguments;
    std::string input = {};                  // what it reads on standard input; small (it must fit a pipe)
    std::filesystem::path output_file = {};  // where both outputs are appended; empty: nowhere
    // What should not be inherited.
    std::vector<std::string> without_variables = {};
};

class Child {
  public:
    static base::Result<Child> start(const Command& command);
    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    // Ends it if it still runs.
    ~Child();

    pid_t pid() const { return pid_; }
    bool running();
    // Its exit code once it ended; 128 + signal when it was killed.
    std::optional<int> exit_code();
    std::optional<int> wait(std::chrono::milliseconds patience);
    // SIGTERM, then SIGKILL after `patience`.
    void stop(std::chrono::milliseconds patience = std::chrono::milliseconds(5'000));
    void kill();

  private:
    explicit Child(pid_t pid) : pid_(pid) {}

    pid_t pid_ = -1;
    std::optional<int> exit_code_;
};

// Starts it, waits for it; its exit code. An error when it cannot be started or takes longer than `patience`.
base::Result<int> run_to_end(const Command& command, std::chrono::milliseconds patience);

// A program of this name can be found in PATH, or in the places where system programs lie.
std::filesystem::path find_program(const std::string& name);

}  // namespace app::process
