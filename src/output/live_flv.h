// Live FLV, for services: a running stream as one FLV file without an end, for players such as mpegts.js.
// Implemented by output/player, safe from any thread.
#pragma once

#include <memory>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"

namespace output {

class LiveFlv {
  public:
    virtual ~LiveFlv() = default;
    // FLV header, codec configurations, then the stream from its newest keyframe on, until it ends. Returns
    // at once; the source is pulled on one thread of whoever sends it. A reader that is too slow loses whole
    // groups of pictures, and nobody else notices. Whether somebody may read it was asked before, and whoever
    // opened it ends it. Errors: not_found when the stream does not run; unavailable when there are too many
    // readers.
    virtual base::Result<std::shared_ptr<base::ByteSource>> open(const std::string& stream_id) = 0;
};

}  // namespace output
