// What the command line asks for, as a value. Pure but for printing help; main thread.
#pragma once

#include <chrono>
#include <string>
#include <variant>

#include "app/config/load.h"
#include "app/demo/demo.h"

namespace app {

struct Serve {
    config::Sources sources;
};
struct AddUser {
    config::Sources sources;
    std::string email;
    std::string name;
    std::string role;
};
struct Keygen {};
struct Check {
    config::Sources sources;
    // Prints the table of settings, as in docs/operating.md, and nothing else.
    bool settings = false;
};
struct Top {
    std::string server;
    std::string token_file;
    std::string email;
    bool once = false;
    std::chrono::milliseconds interval{1'000};
};
struct Demo {
    demo::Options options;
};
// Nothing to run: help or the version was printed, or the line was wrong and the reason was.
struct Done {
    int exit_code = 0;
};

using Command = std::variant<Serve, AddUser, Keygen, Check, Top, Demo, Done>;

Command parse_command_line(int argc, const char* const* argv);

}  // namespace app
