#include "support/rtmp_hang.h"

#include <algorithm>

#include "protocol/rtmp/command.h"
#include "protocol/rtmp/handshake.h"

namespace test_support {
namespace {

using protocol::rtmp::MessageType;

constexpr std::uint64_t handshake_size = 1 + 2 * protocol::rtmp::handshake_packet_size;

// Which of the handshake's bytes go before the hang.
std::uint64_t bytes_before(Hang at) {
    switch (at) {
        case Hang::s0:
            return 0;
        case Hang::s1:
            return 1;
        case Hang::s2:
            return 1 + protocol::rtmp::handshake_packet_size;
        default:
            return handshake_size;
    }
}

bool answers(const protocol::rtmp::Message& message, Hang at) {
    if (message.type != MessageType::command_amf0) return false;
    const protocol::rtmp::Command command = protocol::rtmp::read_command(message).command;
    const bool result = command.name == "_result" || command.name == "_error";
    switch (at) {
        case Hang::connect:
            return result && command.transaction == 1;
        case Hang::create_stream:
            return result && command.transaction > 1;
        case Hang::publish:
            return command.name == "onStatus";
        default:
            return false;
    }
}

}  // namespace

base::Bytes RtmpHang::pass(base::ByteView more) {
    base::append(kept_, more);
    const std::size_t count = free_bytes();
    base::Bytes free(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(count));
    passed_ += count;
    seen_ -= std::min(seen_, count);
    whole_ -= std::min(whole_, count);
    return free;
}

std::size_t RtmpHang::free_bytes() {
    if (at_ == Hang::none) return kept_.size();
    const std::uint64_t limit = bytes_before(at_);
    if (passed_ < handshake_size || limit < handshake_size) {
        const std::uint64_t room = limit > passed_ ? limit - passed_ : 0;
        return static_cast<std::size_t>(std::min<std::uint64_t>(room, kept_.size()));
    }
    // Whole messages only, up to the one that is kept back.
    while (!reached_ && seen_ < kept_.size()) {
        const auto progress = reader_.read(base::ByteView(kept_).subspan(seen_));
        if (!progress) return kept_.size();  // no RTMP: nothing to hang in
        seen_ += progress->used;
        if (!progress->message) break;
        reached_ = answers(*progress->message, at_);
        if (!reached_) whole_ = seen_;
    }
    return whole_;
}

}  // namespace test_support
