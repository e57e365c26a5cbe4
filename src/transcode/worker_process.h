// Starts a worker, gives it one message, and takes what it says until a deadline. Blocks; any thread. Nothing
// is left behind: no process, no zombie, no descriptor.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace transcode {

// What it complains of, kept to be told.
inline constexpr std::size_t max_complaint = 4096;

struct WorkerCommand {
    std::string program;
    std::string argument;  // the only one
    // It reads these, one behind the other, on standard input.
    std::vector<base::ByteView> input;
    std::size_t max_output = 0;
    std::chrono::milliseconds deadline{5'000};
    // When this becomes readable, the worker is killed. -1: nothing.
    int stop_fd = -1;
};

// Its output, when it ended well by itself. Errors: timed_out, closed (stopped), internal.
base::Result<base::Bytes> run_worker(const WorkerCommand& command);

}  // namespace transcode
