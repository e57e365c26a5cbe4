#include "base/byte_reader.h"
#include "codec/records.h"

namespace codec {
namespace {

constexpr std::size_t stream_info_size = 34;
constexpr int block_type_stream_info = 0;

}  // namespace

base::Result<AudioConfig> read_flac_record(base::ByteView record) {
    base::ByteReader reader(record);
    if (base::as_text(reader.take(4)) != "fLaC")
        return base::fail(base::ErrorCode::malformed, "not a FLAC header");
    // Read as a bare STREAMINFO, a block header would say that the smallest block is larger than the largest.
    base::ByteReader block(reader.rest());
    const bool has_block_header =
        (block.u8() & 0x7f) == block_type_stream_info && block.u24() == stream_info_size;
    if (has_block_header)
        reader.skip(4);
    else if (reader.remaining() > stream_info_size)
        return base::fail(base::ErrorCode::malformed, "a FLAC header without STREAMINFO first");
    reader.skip(2 + 2 + 3 + 3);  // block and frame sizes
    const std::uint64_t packed = reader.u64();
    reader.skip(16);  // digest
    if (reader.failed()) return base::fail(base::ErrorCode::malformed, "a truncated FLAC header");
    const int sample_rate = static_cast<int>(packed >> 44);
    const int channels = static_cast<int>(packed >> 41 & 0x07) + 1;
    if (sample_rate == 0) return base::fail(base::ErrorCode::malformed, "an impossible audio sample rate");
    return AudioConfig{.codec_string = "flac", .sample_rate = sample_rate, .channels = channels};
}

}  // namespace codec
