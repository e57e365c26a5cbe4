// What a window keeps of a stream: segments, their parts and init segments, with the bytes of each. A segment
// never changes once it was handed out; any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "format/m3u8/playlist.h"
#include "media/content.h"
#include "output/cmaf/part.h"

namespace output::hls {

using Duration = format::m3u8::Duration;

struct InitSection {
    // The sequence number of the first segment behind it: so it is never another's name.
    std::uint64_t name = 0;
    media::SharedText bytes;
    cmaf::InitPtr init;

    bool has_video() const { return init->width > 0; }
};
using InitSectionPtr = std::shared_ptr<const InitSection>;

struct SegmentPart {
    Duration duration{0};
    bool independent = false;
    // Of its segment's slice.
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    // It could not be stored.
    bool lost = false;
};

// A part is asked for as segment and index, but the first of a segment as one more of the segment before:
// that is what a preload hint said it would be called.
struct PartName {
    std::uint64_t msn = 0;
    std::uint32_t index = 0;

    bool operator==(const PartName&) const = default;
};

struct Segment {
    std::uint64_t msn = 0;
    InitSectionPtr init;
    bool discontinuity = false;
    base::WallTime program_date_time{};
    // So far, where it is in the making.
    Duration duration{0};
    std::vector<SegmentPart> parts;
    PartName first_part;
    // Parts that are listed: all, but none behind one that is longer than the target, and none of a whole
    // segment that has such a one.
    std::uint32_t listed_parts = 0;
    bool lost = false;
    std::uint64_t pictures = 0;
    base::FileSlice slice;

    PartName name_of(std::uint32_t index) const { return index == 0 ? first_part : PartName{msn, index}; }
    PartName next_part() const {
        return parts.empty() ? first_part : PartName{msn, static_cast<std::uint32_t>(parts.size())};
    }
};
using SegmentPtr = std::shared_ptr<const Segment>;

}  // namespace output::hls
