// Test helper: a sender of chunks that does all that senders may do.
#pragma once

#include <array>
#include <map>
#include <random>

#include "protocol/rtmp/chunk_cases.h"

namespace protocol::rtmp {

// A sender that uses every format it may, on several chunk streams at once, with times near every edge.
class RandomSender {
  public:
    enum class Repeats { as_sent, as_absolute_time, never };

    RandomSender(std::uint32_t seed, Repeats repeats) : random_(seed), repeats_(repeats) {}

    std::vector<PlainMessage> expected;

    base::Bytes bytes(std::size_t messages) {
        base::Bytes out;
        struct Sending {
            PlainMessage message;
            std::size_t sent = 0;
            std::optional<std::uint32_t> extended;
        };
        std::array<std::optional<Sending>, 3> sending;
        std::size_t begun = 0;
        std::size_t done = 0;
        while (done < messages) {
            const std::size_t lane = pick(0, 2);
            const std::uint32_t id = ids_[lane];
            Past& past = past_[lane];
            if (!sending[lane]) {
                if (begun == messages) continue;
                ++begun;
                const PlainMessage message = next_message(past);
                sending[lane] = Sending{message, 0, write_header(out, id, past, message)};
                past.known = true;
                past.message = message;
            } else {
                write_basic_header(out, 3, id);
                if (sending[lane]->extended && repeats_ != Repeats::never)
                    base::ByteWriter(out).u32(repeats_ == Repeats::as_sent
                                                  ? *sending[lane]->extended
                                                  : sending[lane]->message.timestamp);
            }
            Sending& current = *sending[lane];
            const std::size_t count = std::min<std::size_t>(128, current.message.body.size() - current.sent);
            base::append(out, base::ByteView(current.message.body).subspan(current.sent, count));
            current.sent += count;
            if (current.sent < current.message.body.size()) continue;
            expected.push_back(current.message);
            sending[lane].reset();
            ++done;
        }
        return out;
    }

  private:
    struct Past {
        bool known = false;
        PlainMessage message;
        std::uint32_t delta = 0;
        bool extended = false;
    };

    std::size_t pick(std::size_t from, std::size_t to) {
        return std::uniform_int_distribution<std::size_t>(from, to)(random_);
    }

    PlainMessage next_message(const Past& past) {
        static constexpr std::uint32_t edges[] = {0, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff};
        PlainMessage message;
        message.type = pick(0, 1) ? MessageType::video : MessageType::audio;
        message.stream_id =
            past.known && pick(0, 3) ? past.message.stream_id : static_cast<std::uint32_t>(pick(1, 3));
        std::size_t size = pick(0, 3) ? pick(0, 140) : pick(0, 700);
        if (past.known && pick(0, 2)) size = past.message.body.size();
        message.body = filled(size, static_cast<std::uint8_t>(pick(0, 255)));
        if (past.known && pick(0, 2)) message.type = past.message.type;
        switch (pick(0, 3)) {
            case 0:
                message.timestamp = edges[pick(0, 5)] + static_cast<std::uint32_t>(pick(0, 2)) - 1;
                break;
            case 1:
                message.timestamp = past.message.timestamp + past.delta;
                break;
            case 2:
                message.timestamp = past.message.timestamp + edges[pick(0, 5)];
                break;
            default:
                message.timestamp = past.message.timestamp + static_cast<std::uint32_t>(pick(0, 100));
        }
        return message;
    }

    // The extended timestamp that was written, if any.
    std::optional<std::uint32_t> write_header(base::Bytes& out, std::uint32_t id, Past& past,
                                              const PlainMessage& message) {
        const std::uint32_t delta = message.timestamp - past.message.timestamp;
        const bool same_stream = past.known && message.stream_id == past.message.stream_id;
        const bool same_kind = same_stream && message.type == past.message.type &&
                               message.body.size() == past.message.body.size();
        unsigned format = static_cast<unsigned>(pick(0, 3));
        // A type 3 chunk that begins a message repeats the last time field as well, when that was an extended
        // one.
        if (format == 3 && !(same_kind && delta == past.delta)) format = 2;
        if (format == 2 && !same_kind) format = 1;
        if (format == 1 && !same_stream) format = 0;
        ChunkBuilder builder;
        if (format == 3) {
            const auto field = repeats_ == Repeats::as_absolute_time ? message.timestamp : last_field_[id];
            write_basic_header(out, 3, id);
            if (past.extended && repeats_ != Repeats::never) base::ByteWriter(out).u32(field);
            return past.extended ? std::optional(last_field_[id]) : std::nullopt;
        }
        const std::uint32_t field = format == 0 ? message.timestamp : delta;
        base::append(out, base::Bytes(builder.chunk(format, id,
                                                    {field, static_cast<std::uint32_t>(message.body.size()),
                                                     message.type, message.stream_id},
                                                    {})));
        past.delta = format == 0 ? 0 : delta;
        past.extended = field >= 0xffffff;
        last_field_[id] = field;
        return past.extended ? std::optional(field) : std::nullopt;
    }

    std::mt19937 random_;
    Repeats repeats_;
    std::array<std::uint32_t, 3> ids_{4, 70, 1000};
    std::array<Past, 3> past_;
    std::map<std::uint32_t, std::uint32_t> last_field_;
};

}  // namespace protocol::rtmp
