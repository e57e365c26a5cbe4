// `everycast serve`: the process around the server: settings, limits, log, signals, start-up lines. Main
// thread.
#pragma once

#include "app/command_line.h"

namespace app {

// Runs until SIGINT or SIGTERM; the exit code.
int serve(const Serve& request);

}  // namespace app
