// A connection test: what a destination does up to the platform's yes or no to the key, without a frame of
// media.
#pragma once

#include "net/dialer.h"
#include "output/outputs.h"

namespace output::rtmp {

// Blocks the calling thread, for 15 s at most. Any thread but the dialer's and the media cores'.
TestReport test_connection(net::Dialer& dialer, const DesiredOutput& target);

}  // namespace output::rtmp
