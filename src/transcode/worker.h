// The program inside the program: `everycast thumbnail-worker`, started by worker_process, one request long.
#pragma once

namespace transcode {

inline constexpr const char* worker_command = "thumbnail-worker";

// What main() does when it is started so, before anything else: takes one request on standard input, answers
// on standard output, and ends the process. Nothing of it is for people.
[[noreturn]] void run_thumbnail_worker();

}  // namespace transcode
