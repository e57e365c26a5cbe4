// ByteSource: bytes that come into being while they are sent: a live stream to a player, server-sent events.
// Whoever sends them pulls on its own thread, so nothing here may block.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/gather_list.h"

namespace base {

class ByteSource {
  public:
    struct Pull {
        bool end = false;
        // Of an end: there would be more, and who comes back may find it.
        bool cut_off = false;
        // Pull again then, even when nobody called `wake`.
        MonotonicTime next{MonotonicTime::max()};
    };

    virtual ~ByteSource() = default;
    // Called once before the first pull. `wake` may be called from any thread, also after the connection is
    // gone.
    virtual void start(std::function<void()> wake) = 0;
    // Appends what there is to send next to the empty `out`; nothing where nothing is to be sent now.
    virtual Pull pull(MonotonicTime now, GatherList& out) = 0;
};

}  // namespace base
