#include "output/batch_writer.h"

#include <utility>

namespace output {
namespace {

using protocol::rtmp::MediaWriter;
using protocol::rtmp::message_type;

constexpr media::Timestamp millisecond = std::chrono::milliseconds(1);

}  // namespace

Written BatchWriter::write(base::GatherList& out, const hub::BatchPtr& batch, RecentWire& recent) {
    // Behind something of the connection's own its list is its own, too.
    const bool may_share = out.empty() && base_ && *base_ % millisecond == media::Timestamp{};
    const bool is_second = std::exchange(recent.seen, batch) == batch;
    if (!may_share || !is_second) {
        const Written written = write_all(out, *batch);
        if (!out.empty()) out.keep(batch);
        return written;
    }
    std::shared_ptr<const Wire> wire = recent.wire;
    if (wire && wire->batch == batch && stands_before(*wire))
        go_behind(*wire);
    else
        wire = make(batch, recent);
    if (!wire->parts.empty()) out.share({wire, &wire->parts});
    return wire->written;
}

Written BatchWriter::write_all(base::GatherList& out, const hub::Batch& batch) {
    common_ = true;
    return for_each_sent(batch, base_, [&](const media::Frame& frame, std::uint32_t at) {
        const bool metadata = frame.kind == media::Kind::data && frame.role == media::Role::metadata;
        if (!writer_.write(out, message_type(frame.kind), at, metadata ? before_metadata_ : base::ByteView{},
                           frame.tag.view()))
            common_ = false;
    });
}

// Writes it as ever, and leaves it to the others where it is theirs as well.
std::shared_ptr<const Wire> BatchWriter::make(const hub::BatchPtr& batch, RecentWire& recent) {
    auto wire = std::make_shared<Wire>();
    wire->batch = batch;
    wire->chunk_size = writer_.chunk_size();
    wire->earliest = media::Timestamp::max();
    MediaWriter::Marks used;
    for (const hub::Delivery& delivery : batch->frames) {
        if (delivery.frame->track != 0) continue;
        wire->earliest = std::min(wire->earliest, delivery.at);
        used[MediaWriter::mark_of(message_type(delivery.frame->kind))] = base_millis();
    }
    const MediaWriter::Marks before = writer_.marks();
    wire->written = write_all(wire->parts, *batch);
    if (!common_ || wire->earliest < *base_) return wire;
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (!used[i]) continue;
        wire->before[i] = *before[i] + *used[i];
        wire->after[i] = *writer_.marks()[i] + *used[i];
    }
    recent.wire = wire;
    return wire;
}

bool BatchWriter::stands_before(const Wire& wire) const {
    if (wire.chunk_size != writer_.chunk_size() || wire.earliest < *base_) return false;
    for (std::size_t i = 0; i < wire.before.size(); ++i) {
        if (!wire.before[i]) continue;
        const auto& mark = writer_.marks()[i];
        if (!mark || *mark + base_millis() != *wire.before[i]) return false;
    }
    return true;
}

void BatchWriter::go_behind(const Wire& wire) {
    MediaWriter::Marks marks = writer_.marks();
    for (std::size_t i = 0; i < marks.size(); ++i)
        if (wire.after[i]) marks[i] = *wire.after[i] - base_millis();
    writer_.stand_at(marks);
}

// Modulo 2^32, as the marks are.
std::uint32_t BatchWriter::base_millis() const {
    return static_cast<std::uint32_t>(base_->count() / millisecond.count());
}

}  // namespace output
