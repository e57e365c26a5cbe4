// SendQueue: puts what a connection has to say on its link as fast as that takes it, and no faster. It asks
// its source for one gathered write at a time and keeps what a full link did not take, so that at most one
// write is ever held back. Owned by one connection, on its core's thread.
#pragma once

#include <cstdint>

#include "base/gather_list.h"
#include "net/link.h"
#include "output/flush_scheduler.h"

namespace output {

class SendQueue {
  public:
    // Whoever owns the queue and the link. flush() is called when the link takes bytes again.
    class Source : public Flushable {
      public:
        // Puts what is to be sent next into the empty `gather`; nothing where nothing is to be sent.
        virtual void fill(base::GatherList& gather) = 0;
    };

    // Sends until the source has no more (ok), the link is full (would_block: the source is called when it is
    // not) or lost (closed, failed). `scratch` is lent for the call, so that idle connections hold no list.
    net::IoResult flush(net::Link& link, base::GatherList& scratch, Source& source);

    // Waits for the link.
    bool blocked() const { return blocked_; }
    std::size_t unsent_bytes() const { return unsent_.bytes(); }
    // Taken by links, ever.
    std::uint64_t bytes_sent() const { return bytes_sent_; }
    // The link is gone, and with it what it did not take.
    void clear();

  private:
    net::IoResult send(net::Link& link, base::GatherList& gather);
    net::IoResult wait(net::Link& link, Source& source);

    base::GatherList unsent_;
    bool blocked_ = false;
    std::uint64_t bytes_sent_ = 0;
};

}  // namespace output
