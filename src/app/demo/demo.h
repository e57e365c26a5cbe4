// `everycast demo`: the whole product seen working on one machine. A test card is published by RTMP, checked,
// and fanned out to three real RTMP servers, one of which fails and comes back. Main thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace app::demo {

struct Options {
    // What it writes: the server's data and log, the receivers' pictures.
    std::filesystem::path folder = "data/demo";
    // Taken when they are free; otherwise a free port is.
    std::uint16_t http_port = 8000;
    std::uint16_t rtmp_port = 1935;
    // Ends by itself after so long, with a verdict; zero: runs until Ctrl-C.
    std::chrono::seconds duration{0};
};

// The exit code: 0 when everything that had to happen happened.
int run(const Options& options);

}  // namespace app::demo
