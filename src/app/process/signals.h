// SIGINT and SIGTERM as something to wait for. Made on the main thread before the first other one, so that
// every thread inherits the mask; waited for by the main thread.
#pragma once

#include <chrono>
#include <string>

namespace app::process {

class Signals {
  public:
    Signals();
    // The name of the signal that came.
    std::string wait();
    // True when one came within `duration`.
    bool wait_for(std::chrono::milliseconds duration);
    // From here on a second signal ends the process at once, and so does the deadline.
    void force_after(std::chrono::milliseconds deadline);
};

}  // namespace app::process
