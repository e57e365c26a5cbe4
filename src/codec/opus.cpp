#include "base/byte_reader.h"
#include "codec/records.h"

namespace codec {
namespace {

// RFC 7845, 5.1: the upper half of the version tells whether a reader understands the rest.
constexpr int compatible_version = 0;
// Opus always decodes at this rate, whatever the input's was (5.1, field 5).
constexpr int decoding_rate = 48'000;

}  // namespace

base::Result<AudioConfig> read_opus_record(base::ByteView record) {
    base::ByteReader reader(record);
    const bool magic = base::as_text(reader.take(8)) == "OpusHead";
    const int version = reader.u8() >> 4;
    const int channels = reader.u8();
    reader.skip(2 + 4 + 2);  // pre-skip, input rate, gain
    const int mapping_family = reader.u8();
    if (reader.failed() || !magic)
        return base::fail(base::ErrorCode::malformed, "not an Opus identification header");
    if (version != compatible_version)
        return base::fail(base::ErrorCode::unsupported, "an Opus header of a version that is not known");
    if (channels == 0 || (mapping_family == 0 && channels > 2))
        return base::fail(base::ErrorCode::malformed, "an impossible number of Opus channels");
    if (mapping_family != 0) {
        const int streams = reader.u8();
        const int coupled = reader.u8();
        reader.skip(static_cast<std::size_t>(channels));
        if (reader.failed() || streams == 0 || coupled > streams)
            return base::fail(base::ErrorCode::malformed, "a broken Opus channel mapping");
    }
    return AudioConfig{.codec_string = "opus", .sample_rate = decoding_rate, .channels = channels};
}

}  // namespace codec
