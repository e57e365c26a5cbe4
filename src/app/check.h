// `everycast check`: what is wrong with the set-up, and how to mend it. It changes nothing, but for a
// small object that it puts into an object store and deletes. Main thread.
#pragma once

#include <string>
#include <vector>

#include "app/command_line.h"

namespace app {

enum class Grade { good, note, bad };

struct Finding {
    Grade grade = Grade::good;
    std::string what;
    // How to mend it; empty when there is nothing to mend.
    std::string mend;
};

// Looks at everything that one configuration touches.
std::vector<Finding> examine(const config::Loaded& loaded);

// The exit code: 1 when something is bad.
int check(const Check& request);

}  // namespace app
