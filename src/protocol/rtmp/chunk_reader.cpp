#include "protocol/rtmp/chunk_reader.h"

#include <algorithm>
#include <cstring>

#include "base/byte_reader.h"
#include "base/limit_hits.h"

namespace protocol::rtmp {
namespace {

using base::ErrorCode;
using base::fail;

constexpr std::uint32_t extended_timestamp = 0xffffff;
// Message header bytes of the four formats (section 5.3.1.2).
constexpr std::array<std::size_t, 4> message_header_size = {11, 7, 3, 0};
constexpr std::size_t extended_size = 4;
constexpr std::int64_t full_purse = ChunkReader::small_chunks_at_once * ChunkReader::chunk_cost;

std::size_t next_capacity(std::size_t capacity, std::size_t needed, std::size_t length) {
    const std::size_t step = capacity < even_growth_until ? growth_step : capacity / 2;
    return std::min(length, std::max(needed, capacity + step));
}

std::size_t basic_header_size(std::uint8_t first) {
    switch (first & 0x3f) {
        case 0:
            return 2;
        case 1:
            return 3;
        default:
            return 1;
    }
}

std::uint32_t chunk_stream_id(base::ByteView header) {
    switch (header[0] & 0x3f) {
        case 0:
            return 64u + header[1];
        case 1:
            return 64u + header[1] + 256u * header[2];
        default:
            return header[0] & 0x3f;
    }
}

}  // namespace

void ChunkReader::allow_work(base::MonotonicTime now) {
    if (work_paid_at_ && now > *work_paid_at_) {
        const auto elapsed =
            std::chrono::duration_cast<std::chrono::microseconds>(now - *work_paid_at_).count();
        // The purse is full long before the product could overflow.
        constexpr std::int64_t longest = 60'000'000;
        const std::int64_t per_second = limits_.small_chunks_per_second * chunk_cost;
        const std::int64_t earned = std::min<std::int64_t>(elapsed, longest) * per_second / 1'000'000;
        if (earned == 0) return;
        work_left_ = std::min(full_purse, work_left_ + earned);
    }
    work_paid_at_ = now;
}

base::Result<ChunkReader::Progress> ChunkReader::read(base::ByteView bytes) {
    std::size_t used = 0;
    while (used < bytes.size() || again_left_ > 0) {
        const bool again = again_left_ > 0;
        const base::ByteView source = again ? base::ByteView(again_).last(again_left_) : bytes.subspan(used);
        const auto take = [&](std::size_t count) {
            if (again)
                again_left_ -= count;
            else
                used += count;
        };

        if (current_) {
            const std::size_t count = std::min(chunk_left_, source.size());
            if (auto ok = append_payload(streams_[*current_], source.first(count)); !ok)
                return fail(std::move(ok.error()));
            take(count);
            chunk_left_ -= count;
        } else if (header_filled_ == 0 && source.size() >= max_header) {
            auto size = read_header(source);
            if (!size) return fail(std::move(size.error()));
            take(*size);
        } else {
            // Near the end of a slice a header is gathered byte by byte, so that it may come in any number of
            // parts.
            header_[header_filled_++] = source.front();
            take(1);
            const base::ByteView header = base::ByteView(header_).first(header_filled_);
            if (header.size() < header_need(header)) continue;
            auto size = read_header(header);
            if (!size) return fail(std::move(size.error()));
            // Four bytes that were no timestamp are read again. They came after at least one other, so that
            // none of an earlier four can be left by now.
            if (const std::size_t rest = header_filled_ - *size; rest > 0) {
                std::copy_n(header_.begin() + *size, rest, again_.end() - rest);
                again_left_ = rest;
            }
            header_filled_ = 0;
        }

        if (current_ && chunk_left_ == 0) {
            auto message = finish_chunk();
            if (!message) return fail(std::move(message.error()));
            if (*message) return Progress{used, std::move(*message)};
        }
    }
    return Progress{used, std::nullopt};
}

std::size_t ChunkReader::header_need(base::ByteView header) const {
    std::size_t need = 1;
    if (header.empty()) return need;
    need = basic_header_size(header[0]);
    if (header.size() < need) return need;
    const unsigned format = header[0] >> 6;
    const std::size_t basic = need;
    need += message_header_size[format];
    if (header.size() < need) return need;
    bool extended = false;
    if (format == 3) {
        const ChunkStream* stream = find(chunk_stream_id(header));
        extended = stream && stream->has_extended;
    } else {
        extended = base::ByteReader(header.subspan(basic)).u24() == extended_timestamp;
    }
    return extended ? need + extended_size : need;
}

// Sections 5.3.1.1 to 5.3.1.3.
base::Result<std::size_t> ChunkReader::read_header(base::ByteView header) {
    work_left_ -= chunk_cost;
    if (work_left_ < 0) return past("rtmp_small_chunks", "too many tiny chunks");

    const unsigned format = header[0] >> 6;
    auto found = find_or_add(chunk_stream_id(header), format);
    if (!found) return fail(std::move(found.error()));
    ChunkStream& stream = **found;
    const bool continues = stream.in_message;

    base::ByteReader in(header.subspan(basic_header_size(header[0])));
    std::uint32_t time = 0;
    std::uint32_t length = stream.length;
    std::uint8_t type = stream.type;
    std::uint32_t stream_id = stream.stream_id;
    if (format <= 2) time = in.u24();
    if (format <= 1) {
        length = in.u24();
        type = in.u8();
    }
    if (format == 0) stream_id = in.u32_le();
    if (continues && (length != stream.length || type != stream.type || stream_id != stream.stream_id))
        return fail(ErrorCode::malformed, "a message changed its length or type before it was complete");

    std::size_t used = header.size() - in.remaining();
    if (format <= 2) {
        stream.has_extended = time == extended_timestamp;
        if (stream.has_extended) {
            time = in.u32();
            stream.extended = time;
            used += extended_size;
        }
    } else if (stream.has_extended) {
        const std::uint32_t due = continues ? stream.timestamp : stream.timestamp + stream.delta;
        const std::uint32_t field = in.u32();
        if (field == stream.extended || field == due) used += extended_size;
    }

    if (!continues) {
        if (format == 0) {
            stream.timestamp = time;
            stream.delta = 0;
        } else {
            if (format <= 2) stream.delta = time;
            stream.timestamp += stream.delta;
        }
        stream.length = length;
        stream.type = type;
        stream.stream_id = stream_id;
        if (auto ok = begin_message(stream); !ok) return fail(std::move(ok.error()));
    }
    current_ = static_cast<std::size_t>(&stream - streams_.data());
    chunk_left_ = std::min<std::size_t>(chunk_size_, stream.length - stream.body.size());
    return used;
}

tl::unexpected<base::Error> ChunkReader::past(std::string_view bound, std::string text) const {
    return base::past_limit(std::string(bound).append(limits_.whose), std::move(text));
}

base::Result<> ChunkReader::begin_message(ChunkStream& stream) const {
    if (stream.length > limits_.message_size)
        return past("rtmp_message_bytes", "a message of " + std::to_string(stream.length) +
                                              " bytes is longer than the " +
                                              std::to_string(limits_.message_size) + " allowed here");
    stream.in_message = true;
    return {};
}

base::Result<> ChunkReader::append_payload(ChunkStream& stream, base::ByteView bytes) {
    base::Bytes& body = stream.body;
    const std::size_t needed = body.size() + bytes.size();
    if (needed > body.capacity()) {
        const std::size_t capacity =
            body.capacity() == 0 ? std::min<std::size_t>(stream.length, std::max(needed, limits_.first_step))
                                 : next_capacity(body.capacity(), needed, stream.length);
        const std::size_t before = body.capacity();
        if (partial_ + capacity - before > limits_.partial_size)
            return past("rtmp_partial_bytes", "too many bytes in messages that are not complete");
        body.reserve(capacity);
        partial_ += body.capacity() - before;
    }
    body.insert(body.end(), bytes.begin(), bytes.end());
    work_left_ = std::min(full_purse, work_left_ + static_cast<std::int64_t>(bytes.size()));
    return {};
}

base::Result<std::optional<Message>> ChunkReader::finish_chunk() {
    ChunkStream& stream = streams_[*current_];
    current_.reset();
    if (stream.body.size() < stream.length) return std::nullopt;

    stream.in_message = false;
    partial_ -= stream.body.capacity();
    Message message{static_cast<MessageType>(stream.type), stream.stream_id, stream.timestamp,
                    base::SharedBytes(std::exchange(stream.body, {}))};
    if (message.type == MessageType::set_chunk_size || message.type == MessageType::abort) {
        if (auto ok = obey(message); !ok) return fail(std::move(ok.error()));
        return std::nullopt;
    }
    return message;
}

base::Result<> ChunkReader::obey(const Message& message) {
    base::ByteReader in(message.body.view());
    const std::uint32_t value = in.u32();
    if (in.failed()) return fail(ErrorCode::malformed, "a protocol control message is too short");
    if (message.type == MessageType::abort) {
        abort_message(value);
        return {};
    }
    // The top bit is to be zero; who sets it means the rest.
    const std::uint32_t size = value & 0x7fffffff;
    if (size < min_chunk_size || size > max_chunk_size)
        return base::past_limit(size < min_chunk_size ? "rtmp_min_chunk_bytes" : "rtmp_max_chunk_bytes",
                                "a chunk size of " + std::to_string(size) + " is outside " +
                                    std::to_string(min_chunk_size) + " to " + std::to_string(max_chunk_size));
    chunk_size_ = size;
    return {};
}

void ChunkReader::abort_message(std::uint32_t chunk_stream) {
    for (ChunkStream& stream : streams_) {
        if (stream.id != chunk_stream || !stream.in_message) continue;
        partial_ -= stream.body.capacity();
        stream.body = base::Bytes();  // "= {}" would keep the memory
        stream.in_message = false;
    }
}

const ChunkReader::ChunkStream* ChunkReader::find(std::uint32_t id) const {
    for (const ChunkStream& stream : streams_)
        if (stream.id == id) return &stream;
    return nullptr;
}

base::Result<ChunkReader::ChunkStream*> ChunkReader::find_or_add(std::uint32_t id, unsigned format) {
    for (ChunkStream& stream : streams_)
        if (stream.id == id) return &stream;
    if (format >= 2)
        return fail(ErrorCode::malformed,
                    "chunk stream " + std::to_string(id) + " begins without a message header");
    if (streams_.size() >= limits_.chunk_streams)
        return past("rtmp_chunk_streams",
                    "more than " + std::to_string(limits_.chunk_streams) + " chunk streams");
    streams_.emplace_back().id = id;
    return &streams_.back();
}

}  // namespace protocol::rtmp
