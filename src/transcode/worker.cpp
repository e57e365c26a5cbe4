#include "transcode/worker.h"

#include <unistd.h>

#include <cerrno>

#include "transcode/libraries.h"
#include "transcode/picture.h"
#include "transcode/sandbox.h"

namespace transcode {
namespace {

base::Result<base::Bytes> read_all(int fd) {
    base::Bytes message;
    constexpr std::size_t step = 64 * 1024;
    for (;;) {
        const std::size_t used = message.size();
        message.resize(used + step);
        const ssize_t count = ::read(fd, message.data() + used, step);
        message.resize(used + (count > 0 ? static_cast<std::size_t>(count) : 0));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return base::fail(base::ErrorCode::internal, "the request cannot be read");
        if (count == 0) return message;
        if (message.size() > max_request_size)
            return base::fail(base::ErrorCode::limit_exceeded, "the request is too large");
    }
}

void write_all(int fd, base::ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

base::Result<Thumbnail> work() {
    if (auto done = limit_resources(); !done) return base::fail(std::move(done.error()));
    const auto libraries = load_libraries();
    if (!libraries) return base::fail(libraries.error());
    // What it would say is written with system calls that are about to be forbidden.
    libraries->av_log_set_level(AV_LOG_QUIET);
    if (auto done = forbid_system_calls(); !done) return base::fail(std::move(done.error()));
    const auto message = read_all(STDIN_FILENO);
    if (!message) return base::fail(message.error());
    const auto request = read_request(*message);
    if (!request) return base::fail(request.error());
    return make_picture(*libraries, *request);
}

}  // namespace

void run_thumbnail_worker() {
    const auto thumbnail = work();
    write_all(STDOUT_FILENO, thumbnail ? write_reply(*thumbnail) : write_reply(thumbnail.error()));
    // What else would be done at the end of a process needs system calls that are gone.
    ::_exit(0);
}

}  // namespace transcode
