// Deadline: by when the step that a connection is at has to get on. One clock of the server looks at all of
// them a few times a second, so that setting one costs nothing. The io thread only.
#pragma once

#include <chrono>

#include "base/clock.h"

namespace api::http {

class Deadline {
  public:
    void set(std::chrono::milliseconds within) {
        at_ = std::chrono::steady_clock::now() + within;
        passed_ = false;
    }
    void clear() {
        at_ = base::MonotonicTime::max();
        passed_ = false;
    }
    // Whether it is over; it then stays so until it is set again.
    bool look(base::MonotonicTime now) {
        if (now >= at_) passed_ = true;
        return passed_;
    }
    bool passed() const { return passed_; }

  private:
    base::MonotonicTime at_{base::MonotonicTime::max()};
    bool passed_ = false;
};

}  // namespace api::http
