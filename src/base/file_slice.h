// FileSlice: bytes of an open file that nobody changes while somebody holds them. What is served to many is
// handed round like this: the kernel can send it without it passing through here. Any thread.
#pragma once

#include <cstdint>
#include <memory>

namespace base {

// An open file, and what keeps its bytes as they are: a part of a memory file, a recording, a spilled
// segment.
class FileHandle {
  public:
    virtual ~FileHandle() = default;
    virtual int descriptor() const = 0;
};

struct FileSlice {
    std::shared_ptr<const FileHandle> file = {};
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    // In memory: reading it never waits for a disk, so that an event loop may do it.
    bool resident = false;

    // A part of it; `from` and `count` lie inside.
    FileSlice part(std::uint64_t from, std::uint64_t count) const {
        return {file, offset + from, count, resident};
    }
};

}  // namespace base
