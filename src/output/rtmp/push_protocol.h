// PushProtocol: what a destination speaks once its socket stands: RTMP, or FLV in one HTTP POST. Sans-I/O.
// Owned by a Destination, on its core's thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/gather_list.h"
#include "base/result.h"
#include "hub/stream.h"
#include "media/output_status.h"
#include "net/push_url.h"
#include "output/batch_writer.h"
#include "output/outputs.h"

namespace output::rtmp {

// The peer takes media from now on.
struct Accepted {};
// The peer said no to the key or to us; `text` is for people and holds no key.
struct Refused {
    std::string text;
};
// The peer wants to be connected to again, at `url` where it is not empty.
struct ComeAgain {
    std::string url;
};
using PushEvent = std::variant<Accepted, Refused, ComeAgain>;

class PushProtocol {
  public:
    virtual ~PushProtocol() = default;

    virtual base::Result<> consume(base::ByteView bytes, base::MonotonicTime now) = 0;
    virtual base::Result<> tick(base::MonotonicTime now) = 0;
    virtual std::optional<base::MonotonicTime> deadline() const = 0;
    virtual std::optional<PushEvent> next_event() = 0;
    // Bytes of its own, moved out: handshake, commands, answers.
    virtual base::Bytes take_output() = 0;

    // Appends what is sent of the batch, by reference; `out` keeps it. Only after Accepted. `recent` is the
    // core's own.
    virtual Written write(base::GatherList& out, const hub::BatchPtr& batch, RecentWire& recent) = 0;
    // Prepares a good end; take_output() then gives it.
    virtual void finish() = 0;
    // The stream key was sent: an orderly close without a word now most often means that it is wrong.
    virtual bool key_sent() const = 0;
    // What it waits for, for messages: "waiting for the answer to connect".
    virtual std::string doing() const = 0;
};

// `headers` tell what the stream carries now: Enhanced RTMP is announced only where it is needed.
std::unique_ptr<PushProtocol> make_protocol(const net::PushUrl& url, const base::Secret& key,
                                            const hub::HeadersPtr& headers, base::MonotonicTime now);

}  // namespace output::rtmp
