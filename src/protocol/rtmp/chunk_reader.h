// ChunkReader: bytes of a chunk stream → messages (specification 1.0, section 5.3). The ingest's hot path: no
// allocation per chunk, and a message's body is moved out when it is complete, never copied. A session owns
// one.
//
// Everything a peer can make it hold or do is bounded by ChunkLimits: memory is taken as bytes arrive,
// whatever length they declare, and the work per byte is bounded too, so that tiny messages cannot buy much
// work with few bytes.
//
// Where peers differ, it reads what the sender meant:
// - A type 3 chunk repeats the extended timestamp, or does not (older librtmp, some hardware). The four bytes
// count as
//   a timestamp only if they are the one that is due, as a delta or as the absolute time.
// - A type 3 chunk that begins a message right after a type 0 one has that one's timestamp (librtmp writes it
// so).
// - A type 1 chunk may be a chunk stream's first (librtmp's ping); its delta then counts from zero.
// - A full header inside a message continues it if length and type stay the same.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "protocol/rtmp/message.h"

namespace protocol::rtmp {

inline constexpr std::uint32_t default_chunk_size = 128;
inline constexpr std::uint32_t min_chunk_size = 128;
inline constexpr std::uint32_t max_chunk_size = 0xffffff;

struct ChunkLimits {
    std::size_t message_size = 0;
    std::size_t partial_size = 0;  // memory of all messages that are not complete
    std::size_t chunk_streams = 0;
    std::size_t first_step = 0;  // what is allocated for a message's first byte
    // Full chunks pay for the work they make. Small ones are paid by time.
    std::int64_t small_chunks_per_second = 0;
    // What the names of these bounds end with, where they are counted.
    std::string_view whose = {};
};
inline constexpr ChunkLimits limits_before_publish{256 * 1024, 1024 * 1024, 8,
                                                   4 * 1024,   4'000,       "_before_publish"};
inline constexpr ChunkLimits limits_of_publisher{8 * 1024 * 1024, 16 * 1024 * 1024, 64, 64 * 1024,
                                                 4'000,           "_of_publisher"};
// A server that we chose to send to. Some acknowledge every few bytes; that is foolish, and no reason to
// part.
inline constexpr ChunkLimits limits_of_destination{256 * 1024, 1024 * 1024, 8,
                                                   4 * 1024,   200'000,     "_of_destination"};
// Up to `even_growth_until` a body grows by this; beyond, by half, because each step copies what is there.
inline constexpr std::size_t growth_step = 64 * 1024;
inline constexpr std::size_t even_growth_until = 256 * 1024;

class ChunkReader {
  public:
    // What a chunk costs: as much as the smallest full one carries. And what may be spent before any time has
    // passed.
    static constexpr std::int64_t chunk_cost = 128;
    static constexpr std::int64_t small_chunks_at_once = 8'192;

    explicit ChunkReader(const ChunkLimits& limits = limits_before_publish) : limits_(limits) {}

    // Limits may only grow: what is held already is not looked at again.
    void set_limits(const ChunkLimits& limits) { limits_ = limits; }

    // Once per slice from the peer, before it is read: time pays for work as well as bytes do.
    void allow_work(base::MonotonicTime now);

    struct Progress {
        std::size_t used = 0;
        std::optional<Message> message;
    };
    // Reads until one message is complete or the bytes are used up; call it until it gives no message. Set
    // Chunk Size and Abort (sections 5.4.1, 5.4.2) take effect in here and are not given out. Errors:
    // malformed, limit_exceeded; the reader is of no use then.
    base::Result<Progress> read(base::ByteView bytes);

    std::uint32_t chunk_size() const { return chunk_size_; }
    // Memory held for messages that are not complete.
    std::size_t buffered_bytes() const { return partial_; }

  private:
    // 3 bytes basic header, 11 message header, 4 extended timestamp.
    static constexpr std::size_t max_header = 18;

    struct ChunkStream {
        std::uint32_t id = 0;
        std::uint32_t timestamp = 0;
        std::uint32_t delta = 0;     // what a type 3 chunk adds when it begins a message
        std::uint32_t extended = 0;  // as last read from the wire
        bool has_extended = false;
        bool in_message = false;
        std::uint8_t type = 0;
        std::uint32_t length = 0;
        std::uint32_t stream_id = 0;
        base::Bytes body;
    };

    // How much of the header is needed, as far as its first bytes tell.
    std::size_t header_need(base::ByteView header) const;
    // Reads a header that is there in full; says how many of its bytes it was.
    base::Result<std::size_t> read_header(base::ByteView header);
    base::Result<> begin_message(ChunkStream& stream) const;
    tl::unexpected<base::Error> past(std::string_view bound, std::string text) const;
    base::Result<> append_payload(ChunkStream& stream, base::ByteView bytes);
    base::Result<std::optional<Message>> finish_chunk();
    base::Result<> obey(const Message& message);
    void abort_message(std::uint32_t chunk_stream);
    const ChunkStream* find(std::uint32_t id) const;
    base::Result<ChunkStream*> find_or_add(std::uint32_t id, unsigned format);

    ChunkLimits limits_;
    std::uint32_t chunk_size_ = default_chunk_size;
    std::size_t partial_ = 0;

    std::vector<ChunkStream> streams_;

    // The header that a slice cut in two.
    std::array<std::uint8_t, max_header> header_{};
    std::size_t header_filled_ = 0;
    // The end of that header, when it turned out to be no timestamp: read again before anything else.
    std::array<std::uint8_t, 4> again_{};
    std::size_t again_left_ = 0;
    // The chunk being read: index of its stream, and what is left of its payload.
    std::optional<std::size_t> current_;
    std::size_t chunk_left_ = 0;

    // In bytes' worth.
    std::int64_t work_left_ = small_chunks_at_once * chunk_cost;
    std::optional<base::MonotonicTime> work_paid_at_;
};

}  // namespace protocol::rtmp
