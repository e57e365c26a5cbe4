// What is said to the worker and what it answers: one message each way, typed and bounded. Pure. The worker
// reads what the server wrote; the server reads what a decoder under attack may have written.
#pragma once

#include <string>

#include "transcode/thumbnail.h"

namespace transcode {

// magic "ECtq", u8 version, u8 codec, u32 size of the record, u32 size of the keyframe, both, and no more.
inline constexpr std::size_t request_head_size = 14;
inline constexpr std::size_t max_request_size = request_head_size + max_config_size + max_keyframe_size;

// magic "ECta", u8 outcome, u16 width, u16 height, u32 size, then the JPEG, or why there is none.
inline constexpr std::size_t reply_head_size = 13;
inline constexpr std::size_t max_reason_size = 512;
inline constexpr std::size_t max_reply_size = reply_head_size + max_jpeg_size;

struct WorkerRequest {
    media::Codec codec = media::Codec::none;
    base::ByteView config;
    base::ByteView keyframe;
};

bool can_be_decoded(media::Codec codec);

// The head alone: record and keyframe are written behind it from where they are.
// Errors: unsupported, limit_exceeded.
base::Result<base::Bytes> write_request_head(const ThumbnailRequest& request);
// Views into `message`. Errors: malformed, unsupported, limit_exceeded.
base::Result<WorkerRequest> read_request(base::ByteView message);

base::Bytes write_reply(const Thumbnail& thumbnail);
base::Bytes write_reply(const base::Error& error);
// The worker's error when that is what it says. Errors besides: internal for what is no reply.
base::Result<Thumbnail> read_reply(base::ByteView message);

// Text from a worker, fit to be shown: printable ASCII, at most max_reason_size.
std::string printable(std::string_view text);

}  // namespace transcode
