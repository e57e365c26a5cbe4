// Reading pieces of files on threads that may wait for a disk. Any thread.
#pragma once

#include <algorithm>
#include <functional>

#include "api/http/worker_pool.h"
#include "base/bytes.h"
#include "base/file_slice.h"

namespace api::http {

struct DiskRead {
    // A fast reader gets large pieces; a slow one none that would be thrown away. Multiples of a TLS record.
    static constexpr std::size_t first_size = 64 * 1024;
    static constexpr std::size_t max_size = 256 * 1024;
    static constexpr std::size_t next_size(std::size_t taken) {
        constexpr std::size_t record = 16 * 1024;
        return std::clamp((2 * taken + record - 1) / record * record, record, max_size);
    }

    base::Bytes bytes = {};
    // Otherwise the disk failed, or the file is shorter than was promised.
    bool whole = false;
};

// Gives the slice's bytes to `arrived`, on a thread of the pool; nothing when it is no longer `wanted` by
// then. False when too many wait already.
bool read_from_disk(WorkerPool& readers, base::FileSlice slice, std::function<bool()> wanted,
                    std::function<void(DiskRead)> arrived);

}  // namespace api::http
