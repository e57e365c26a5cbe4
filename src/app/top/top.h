// `everycast top`: the live table against a running server. Runs on the main thread until Ctrl-C.
#pragma once

#include <chrono>
#include <string>

#include "app/top/api_client.h"

namespace app::top {

struct Options {
    std::string server = "http://localhost:8000";
    Credentials credentials;
    // One table, then the end.
    bool once = false;
    std::chrono::milliseconds interval{1'000};
};

// The exit code.
int run(const Options& options);

}  // namespace app::top
