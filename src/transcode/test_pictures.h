// Keyframes as encoders write them, for this folder's tests: small ones from tables, larger ones from ffmpeg.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/byte_reader.h"
#include "format/fmp4/samples.h"
#include "transcode/thumbnail.h"

namespace transcode::test {

inline ThumbnailRequest request(media::Codec codec, base::Bytes config, base::Bytes keyframe) {
    return {codec, base::SharedBytes(std::move(config)), base::SharedBytes(std::move(keyframe))};
}

// 64x48: "h264", "hevc" or "av1".
inline ThumbnailRequest small(std::string_view name) {
    const auto& stream = format::fmp4::samples::stream(name);
    return request(stream.codec, base::from_hex(stream.config), base::from_hex(stream.samples[0].bytes));
}

inline base::Bytes read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return base::Bytes(std::istreambuf_iterator<char>(file), {});
}

// The first frame of an IVF file (32 bytes of header, then size, time and frame): libvpx's own container.
inline base::Bytes first_of_ivf(const base::Bytes& file) {
    base::ByteReader reader(file);
    reader.skip(32);
    const std::uint32_t size = reader.u32_le();
    reader.skip(8);
    const base::ByteView frame = reader.take(size);
    return {frame.begin(), frame.end()};
}

// Width and height as a JPEG's frame header (SOF0) says, "640x360".
inline std::string size_in(std::string_view jpeg) {
    base::ByteReader reader(base::as_bytes(jpeg));
    reader.skip(2);
    while (!reader.failed()) {
        const std::uint16_t marker = reader.u16();
        const std::uint16_t length = reader.u16();
        if (marker == 0xffc0) {
            reader.skip(1);
            const int height = reader.u16();
            return std::to_string(reader.u16()) + "x" + std::to_string(height);
        }
        reader.skip(length - 2U);
    }
    return "none";
}

}  // namespace transcode::test
