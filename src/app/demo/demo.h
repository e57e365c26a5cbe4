// `everycast demo`: the whole product seen working on one machine. A test card is published by RTMP, checked,
// and fanned out to three real RTMP servers, one of which fails and comes back. Main thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace app::demo {

struct Options {
    // All that it writes goes into demo/ in there: the server's data and log, the receivers' pictures.
    std::filesystem::path data_dir = "data";
    // HOST:PORT; when the port is taken, a free one is used.
    std::string http = "0.0.0.0:8000";
    std::string rtmp = "0.0.0.0:1935";
    // Ends by itself after so long, with a verdict; zero: runs until Ctrl-C.
    std::chrono::seconds duration{0};
};

// The exit code: 0 when everything that had to happen happened.
int run(const Options& options);

}  // namespace app::demo
