// Reference: what one run of one stream consisted of, as it was given to the hub, kept apart from the hub's
// own memory: the measure of what outputs received. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "media/frame.h"
#include "simulation/world.h"

namespace simulation {

inline std::uint64_t hash_of(base::ByteView bytes) {
    return std::hash<std::string_view>{}(base::as_text(bytes));
}

struct Reference {
    static constexpr std::int64_t none = -1;
    // Indices of what a decoder needs, in the order in which it is sent: metadata, audio, video.
    using Headers = std::array<std::int64_t, 3>;

    struct Entry {
        media::Kind kind{};
        media::Role role{};
        bool keyframe = false;  // a picture that decoding can start with
        std::int64_t dts_ms = 0;
        std::uint64_t hash = 0;
        Time published{};
        Headers headers{none, none, none};  // as they are at this entry, itself included
        Time last_picture{};                // the newest coded picture up to this entry
    };

    std::uint32_t id = 0;
    int stream = 0;
    std::vector<Entry> entries;
    Headers headers{none, none, none};
    bool ended = false;

    std::int64_t last() const { return static_cast<std::int64_t>(entries.size()) - 1; }
    const Entry& at(std::int64_t index) const { return entries[static_cast<std::size_t>(index)]; }
};

// Every tag body of the simulation ends in this: which reference, and which entry of it.
struct Serial {
    std::uint32_t reference = 0;
    std::uint32_t index = 0;
};
inline constexpr std::size_t serial_size = sizeof(Serial);

}  // namespace simulation
