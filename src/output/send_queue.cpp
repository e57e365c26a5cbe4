#include "output/send_queue.h"

#include <utility>

namespace output {

net::IoResult SendQueue::flush(net::Link& link, base::GatherList& scratch, Source& source) {
    if (blocked_) return {net::IoStatus::would_block};
    while (true) {
        const bool fresh = unsent_.empty();
        if (fresh) {
            scratch.clear();
            source.fill(scratch);
            if (scratch.empty()) break;
        }
        net::IoResult sent = send(link, fresh ? scratch : unsent_);
        if (sent.status == net::IoStatus::ok) {
            if (!fresh) unsent_ = {};
            continue;
        }
        if (sent.status != net::IoStatus::would_block) {
            // The scratch is others' next: it must not keep alive what nobody will send.
            scratch.clear();
            return sent;
        }
        if (fresh) unsent_ = std::exchange(scratch, {});
        return wait(link, source);
    }
    // TLS may have taken the last record without having sent it.
    net::IoResult flushed = link.flush_pending();
    return flushed.status == net::IoStatus::would_block ? wait(link, source) : flushed;
}

net::IoResult SendQueue::send(net::Link& link, base::GatherList& gather) {
    while (!gather.empty()) {
        net::IoResult sent = link.write_some(gather.parts());
        if (sent.status != net::IoStatus::ok) return sent;
        bytes_sent_ += sent.bytes;
        gather.consume(sent.bytes);
    }
    return {};
}

net::IoResult SendQueue::wait(net::Link& link, Source& source) {
    blocked_ = true;
    // Both outlive the link's waits: the link is theirs.
    link.wait_writable([this, &source] {
        blocked_ = false;
        source.flush();
    });
    return {net::IoStatus::would_block};
}

void SendQueue::clear() {
    unsent_ = {};
    blocked_ = false;
}

}  // namespace output
