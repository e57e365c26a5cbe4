#include "transcode/worker_message.h"

#include <array>
#include <optional>

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace transcode {
namespace {

constexpr std::uint32_t request_magic = 0x45437471;
constexpr std::uint32_t reply_magic = 0x45437461;
constexpr std::uint8_t version = 1;

// Their numbers on the wire; what is not here is not decoded.
constexpr std::array codecs{
    std::pair{media::Codec::h264, std::uint8_t{1}},
    std::pair{media::Codec::hevc, std::uint8_t{2}},
    std::pair{media::Codec::av1, std::uint8_t{3}},
    std::pair{media::Codec::vp9, std::uint8_t{4}},
};

enum Outcome : std::uint8_t { made = 0, malformed = 1, too_large = 2, unsupported = 3, failed = 4 };

constexpr std::array outcomes{
    std::pair{base::ErrorCode::malformed, Outcome::malformed},
    std::pair{base::ErrorCode::limit_exceeded, Outcome::too_large},
    std::pair{base::ErrorCode::unsupported, Outcome::unsupported},
    std::pair{base::ErrorCode::internal, Outcome::failed},
};

base::Result<> check(media::Codec codec, std::size_t config, std::size_t keyframe) {
    if (!can_be_decoded(codec))
        return base::fail(base::ErrorCode::unsupported, "pictures of this codec are not decoded");
    if (config > max_config_size || keyframe > max_keyframe_size)
        return base::fail(base::ErrorCode::limit_exceeded, "the keyframe is too large to be decoded");
    if (keyframe == 0) return base::fail(base::ErrorCode::malformed, "the keyframe is empty");
    return {};
}

base::Bytes reply(std::uint8_t outcome, int width, int height, base::ByteView body) {
    base::Bytes message;
    base::ByteWriter(message)
        .u32(reply_magic)
        .u8(outcome)
        .u16(static_cast<std::uint64_t>(width))
        .u16(static_cast<std::uint64_t>(height))
        .u32(body.size())
        .bytes(body);
    return message;
}

bool looks_like_jpeg(base::ByteView bytes) {
    const std::size_t size = bytes.size();
    return size >= 4 && size <= max_jpeg_size && bytes[0] == 0xff && bytes[1] == 0xd8 &&
           bytes[size - 2] == 0xff && bytes[size - 1] == 0xd9;
}

}  // namespace

bool can_be_decoded(media::Codec codec) {
    for (const auto& [known, number] : codecs)
        if (known == codec) return true;
    return false;
}

base::Result<base::Bytes> write_request_head(const ThumbnailRequest& request) {
    if (auto fits = check(request.codec, request.config.size(), request.keyframe.size()); !fits)
        return base::fail(std::move(fits.error()));
    std::uint8_t number = 0;
    for (const auto& [codec, code] : codecs)
        if (codec == request.codec) number = code;
    base::Bytes head;
    base::ByteWriter(head)
        .u32(request_magic)
        .u8(version)
        .u8(number)
        .u32(request.config.size())
        .u32(request.keyframe.size());
    return head;
}

base::Result<WorkerRequest> read_request(base::ByteView message) {
    base::ByteReader reader(message);
    if (reader.u32() != request_magic || reader.u8() != version)
        return base::fail(base::ErrorCode::malformed, "this is no request for a thumbnail");
    const std::uint8_t number = reader.u8();
    const std::uint32_t config_size = reader.u32();
    const std::uint32_t keyframe_size = reader.u32();
    WorkerRequest request;
    for (const auto& [codec, code] : codecs)
        if (code == number) request.codec = codec;
    if (auto fits = check(request.codec, config_size, keyframe_size); !fits)
        return base::fail(std::move(fits.error()));
    request.config = reader.take(config_size);
    request.keyframe = reader.take(keyframe_size);
    if (reader.failed() || !reader.at_end())
        return base::fail(base::ErrorCode::malformed, "the request's sizes are not those of its parts");
    return request;
}

base::Bytes write_reply(const Thumbnail& thumbnail) {
    return reply(Outcome::made, thumbnail.width, thumbnail.height, base::as_bytes(*thumbnail.jpeg));
}

base::Bytes write_reply(const base::Error& error) {
    std::uint8_t outcome = Outcome::failed;
    for (const auto& [code, number] : outcomes)
        if (code == error.code) outcome = number;
    const std::string reason = printable(error.message);
    return reply(outcome, 0, 0, base::as_bytes(reason));
}

base::Result<Thumbnail> read_reply(base::ByteView message) {
    base::ByteReader reader(message);
    const bool ours = reader.u32() == reply_magic;
    const std::uint8_t outcome = reader.u8();
    Thumbnail thumbnail;
    thumbnail.width = reader.u16();
    thumbnail.height = reader.u16();
    const base::ByteView body = reader.take(reader.u32());
    const auto nonsense = [] {
        return base::fail(base::ErrorCode::internal, "the thumbnail worker's answer makes no sense");
    };
    if (!ours || reader.failed() || !reader.at_end()) return nonsense();
    if (outcome == Outcome::made) {
        if (!looks_like_jpeg(body) || thumbnail.width < 1 || thumbnail.height < 1 ||
            thumbnail.width > max_thumbnail_width || thumbnail.height > max_thumbnail_height)
            return nonsense();
        thumbnail.jpeg = std::make_shared<const std::string>(base::as_text(body));
        return thumbnail;
    }
    for (const auto& [code, number] : outcomes)
        if (number == outcome) return base::fail(code, printable(base::as_text(body)));
    return nonsense();
}

std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, max_reason_size)) shown.push_back(c >= ' ' && c <= '~' ? c : ' ');
    while (!shown.empty() && shown.back() == ' ') shown.pop_back();
    return shown;
}

}  // namespace transcode
