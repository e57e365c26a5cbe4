#include "api/http/disk_read.h"

#include <unistd.h>

#include <cerrno>

namespace api::http {
namespace {

DiskRead read(const base::FileSlice& slice) {
    DiskRead piece;
    piece.bytes.resize(slice.size);
    std::size_t done = 0;
    while (done < piece.bytes.size()) {
        const ssize_t got = ::pread(slice.file->descriptor(), piece.bytes.data() + done,
                                    piece.bytes.size() - done, static_cast<off_t>(slice.offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return piece;
        done += static_cast<std::size_t>(got);
    }
    piece.whole = true;
    return piece;
}

}  // namespace

bool read_from_disk(WorkerPool& readers, base::FileSlice slice, std::function<bool()> wanted,
                    std::function<void(DiskRead)> arrived) {
    return readers.submit(
        [slice = std::move(slice), wanted = std::move(wanted), arrived = std::move(arrived)] {
            if (wanted()) arrived(read(slice));
        });
}

}  // namespace api::http
