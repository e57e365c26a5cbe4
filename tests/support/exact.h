// What a receiver got, held against what the encoder sent. Each gives an empty text when all is well, else
// what is wrong.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "support/rtmp_sink.h"

namespace test_support {

// "Clean": every message from the first keyframe that was received up to whichever came last, none lost, none
// twice, none changed, all at one distance in time from the encoder's; metadata and configurations before it.
std::string exact_while_it_lasted(const std::vector<Recorded>& sent, const SinkRun& run);
// The same from the encoder's very first keyframe to its last message.
std::string exact_throughout(const std::vector<Recorded>& sent, const SinkRun& run);

// Messages may be missing, but only from a keyframe on up to another: each group of pictures is whole or cut
// at its end, followed by a keyframe; sound and picture keep one distance in time.
struct Gaps {
    std::string wrong;
    std::size_t groups_begun = 0;  // keyframes that were received
    std::size_t pictures_missing = 0;
    std::chrono::milliseconds skew{0};  // the most that sound and picture were apart
};
Gaps gaps(const std::vector<Recorded>& sent, const SinkRun& run);

// From each message's sending to its arrival.
struct Delays {
    std::chrono::microseconds p50{0};
    std::chrono::microseconds p99{0};
    std::chrono::microseconds max{0};
    std::size_t count = 0;
};
Delays delays(const std::vector<Recorded>& sent, const std::vector<SinkRun>& runs);

}  // namespace test_support
