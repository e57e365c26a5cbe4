// Link: a connected stream of bytes as those see it who read and write it, driven by readiness; it never
// blocks. In production a Transport. Owned by one connection, on its loop's thread only.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/tcp_counters.h"

namespace net {

enum class IoStatus {
    ok,           // `bytes` were moved (at least one)
    would_block,  // wait for readiness, then try again
    closed,       // the peer closed its side in good order
    failed,       // the connection is lost; `error` says how
};

struct IoResult {
    IoStatus status = IoStatus::ok;
    std::size_t bytes = 0;
    std::string error = {};
};

class Link {
  public:
    virtual ~Link() = default;

    virtual IoResult read_some(std::span<std::uint8_t> into) = 0;
    // Takes as much of `parts` as there is room for. What it reports as taken may wait inside, until the next
    // call or flush_pending().
    virtual IoResult write_some(std::span<const iovec> parts) = 0;
    // Sends what waits inside; ok when nothing does, would_block while it does not go.
    virtual IoResult flush_pending() = 0;

    // One wait of each kind at a time. The handler is not called after close() or destruction.
    virtual void wait_readable(std::function<void()> ready) = 0;
    virtual void wait_writable(std::function<void()> ready) = 0;

    // Nothing when nobody counts.
    virtual std::optional<TcpCounters> counters() const = 0;

    // Ends our side in good order: the peer gets all that was written, then the end. Read on until it ends
    // its side, for a while, before close(): closing with bytes unread would reset the connection under what
    // is on its way.
    virtual void shutdown_write() = 0;
    virtual void close() = 0;
    // Drops the connection at once with a reset: what was not delivered is lost.
    virtual void abort() = 0;
};

using LinkPtr = std::unique_ptr<Link>;

}  // namespace net
