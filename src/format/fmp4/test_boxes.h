// How the tests look into what the writers made: by code of their own that knows nothing of theirs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace format::fmp4::test {

struct Found {
    std::string type;
    base::ByteView body;
};

// Boxes one behind the other.
inline std::vector<Found> boxes(base::ByteView bytes) {
    std::vector<Found> found;
    while (!bytes.empty()) {
        if (bytes.size() < 8) {
            ADD_FAILURE() << "half a box";
            return found;
        }
        const std::size_t size =
            static_cast<std::size_t>(bytes[0]) << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
        if (size < 8 || size > bytes.size()) {
            ADD_FAILURE() << "a box of " << size << " bytes where there are " << bytes.size();
            return found;
        }
        found.push_back({std::string(base::as_text(bytes.subspan(4, 4))), bytes.subspan(8, size - 8)});
        bytes = bytes.subspan(size);
    }
    return found;
}

// What stands in a box before the boxes in it.
inline std::size_t fields_before_boxes(const std::string& type) {
    static const std::map<std::string, std::size_t> sizes{{"stsd", 8},  {"dref", 8},  {"avc1", 78},
                                                          {"hvc1", 78}, {"hev1", 78}, {"av01", 78},
                                                          {"mp4a", 28}, {"Opus", 28}};
    const auto found = sizes.find(type);
    return found == sizes.end() ? 0 : found->second;
}

// The body of a box: "moov/trak/mdia/mdhd"; "moov/trak.1" is the second of them.
inline base::ByteView find(base::ByteView bytes, const std::string& path) {
    const std::size_t slash = path.find('/');
    std::string type = path.substr(0, slash);
    std::size_t number = 0;
    if (const std::size_t dot = type.find('.'); dot != std::string::npos) {
        number = std::stoul(type.substr(dot + 1));
        type.resize(dot);
    }
    for (const Found& box : boxes(bytes)) {
        if (box.type != type || number-- > 0) continue;
        if (slash == std::string::npos) return box.body;
        return find(box.body.subspan(fields_before_boxes(type)), path.substr(slash + 1));
    }
    ADD_FAILURE() << "no box " << path;
    return {};
}

// Their types, in their order.
inline std::string list(base::ByteView bytes) {
    std::string types;
    for (const Found& box : boxes(bytes)) types += (types.empty() ? "" : " ") + box.type;
    return types;
}

inline std::string hex(base::ByteView bytes) {
    return base::to_hex(bytes);
}

// Digits as they are written in a test, with spaces for the reader's sake.
inline std::string plain(std::string digits) {
    std::erase(digits, ' ');
    return digits;
}

}  // namespace format::fmp4::test
