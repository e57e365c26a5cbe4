#include "simulation/checker.h"

#include <algorithm>
#include <cstring>

#include "protocol/rtmp/media_writer.h"

namespace simulation {
namespace {

// A stream that shows no picture for this long is joined at its sound.
constexpr auto video_patience = 2s;

bool is_header(const Reference::Entry& entry) {
    return entry.role != media::Role::coded;
}

}  // namespace

void Checker::message(const protocol::rtmp::Message& message) {
    Held held{};
    if (world_.failed() || !identify(message, held)) return;
    const Reference::Entry& entry = reference_->at(held.index);

    bool in_turn = current_ != Reference::none && headers_.empty() && held.index == current_ + 1;
    // After a gap, the first header to be sent again may be the very one that was next: its time tells.
    if (in_turn && is_header(entry) && !exact_) in_turn = held.timestamp == expected_time(held.index);
    if (in_turn) {
        require_time(held, held.index);
        current_ = held.index;
    } else if (is_header(entry)) {
        headers_.push_back(held);
        return;
    } else {
        start_or_skip(held);
    }
    if (is_header(entry)) return;
    std::uint32_t& latest = latest_[static_cast<std::size_t>(entry.kind)];
    require(held.timestamp >= latest, "output time runs backwards", held.index);
    latest = held.timestamp;
}

// Which entry this message is; its type and its bytes are that entry's.
bool Checker::identify(const protocol::rtmp::Message& message, Held& held) {
    base::ByteView body = message.body.view();
    if (message.type == protocol::rtmp::MessageType::data_amf0) {
        const base::ByteView prefix = protocol::rtmp::set_data_frame_prefix();
        if (body.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), body.begin()))
            body = body.subspan(prefix.size());
    }
    Serial serial;
    if (body.size() < serial_size) {
        require(false, "an output got what nobody sent", static_cast<std::int64_t>(body.size()));
        return false;
    }
    std::memcpy(&serial, body.data() + body.size() - serial_size, serial_size);
    const Reference* reference = find_(serial.reference);
    if (!reference || serial.index >= reference->entries.size() || (reference_ && reference != reference_)) {
        require(false, "an output got a frame of another stream, or of none", serial.index);
        return false;
    }
    reference_ = reference;
    held = {serial.index, message.timestamp};
    const Reference::Entry& entry = reference->at(held.index);
    require(message.type == protocol::rtmp::message_type(entry.kind), "a frame has another type", held.index);
    require(hash_of(body) == entry.hash, "a frame has other bytes", held.index);
    return !world_.failed();
}

// The first coded frame of a connection, or the first after a gap.
void Checker::start_or_skip(const Held& at) {
    const Reference::Entry& entry = reference_->at(at.index);
    const bool first = current_ == Reference::none;
    if (first) {
        first_ = at.index;
        base_ms_ = entry.dts_ms;
    } else {
        require(!exact_, "a healthy output lost frames", at.index);
        require(at.index > current_, "an output got a frame twice or out of order", at.index);
    }
    const bool sound_will_do =
        entry.kind == media::Kind::audio && world_.now() - entry.last_picture > video_patience;
    require(entry.keyframe || sound_will_do, "an output starts with what cannot be decoded", at.index);

    // Exactly the headers that hold here and that this output has not been given.
    const Reference::Headers known =
        first ? Reference::Headers{Reference::none, Reference::none, Reference::none}
              : reference_->at(current_).headers;
    std::vector<std::int64_t> expected;
    for (std::size_t i = 0; i < known.size(); ++i)
        if (entry.headers[i] != Reference::none && entry.headers[i] != known[i])
            expected.push_back(entry.headers[i]);
    const bool same = std::equal(expected.begin(), expected.end(), headers_.begin(), headers_.end(),
                                 [](std::int64_t index, const Held& held) { return index == held.index; });
    require(same, "an output got the wrong headers before a keyframe", at.index);
    for (const Held& header : headers_) require_time(header, at.index);
    require_time(at, at.index);
    headers_.clear();
    current_ = at.index;
}

std::int64_t Checker::expected_time(std::int64_t index) const {
    return std::max<std::int64_t>(0, reference_->at(index).dts_ms - *base_ms_);
}

void Checker::require_time(const Held& held, std::int64_t at_index) {
    if (world_.failed()) return;
    const std::int64_t late_ms = std::int64_t{held.timestamp} - expected_time(at_index);
    require(late_ms == 0, "a frame has another time, by ms", late_ms);
}

}  // namespace simulation
