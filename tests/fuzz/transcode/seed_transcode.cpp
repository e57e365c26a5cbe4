// A request of each codec, and each kind of answer, as seeds; and what is not quite one.
#include <cstdio>

#include "fuzz/seeds.h"
#include "transcode/worker_message.h"

namespace {

using namespace transcode;

base::Bytes prefixed(std::uint8_t first, base::ByteView bytes) {
    base::Bytes seed{first};
    base::append(seed, bytes);
    return seed;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    const auto write = [&](std::string_view name, std::uint8_t first, base::ByteView bytes) {
        seeds::write(argv[1], "fuzz_worker_message", name, prefixed(first, bytes));
    };
    const std::pair<const char*, media::Codec> codecs[] = {{"h264", media::Codec::h264},
                                                           {"hevc", media::Codec::hevc},
                                                           {"av1", media::Codec::av1},
                                                           {"vp9", media::Codec::vp9}};
    for (const auto& [name, codec] : codecs) {
        const ThumbnailRequest request{codec, base::SharedBytes({1, 2, 3}), base::SharedBytes({4, 5, 6, 7})};
        base::Bytes message = write_request_head(request).value();
        base::append(message, request.config.view());
        base::append(message, request.keyframe.view());
        write(name, 0, message);
        write(std::string(name) + " cut", 0, base::ByteView(message).first(message.size() - 1));
    }
    write("picture", 1,
          write_reply(Thumbnail{std::make_shared<const std::string>("\xff\xd8 picture \xff\xd9"), 640, 360}));
    for (const auto code : {base::ErrorCode::malformed, base::ErrorCode::limit_exceeded,
                            base::ErrorCode::unsupported, base::ErrorCode::internal})
        write("refusal " + std::string(base::to_string(code)), 1,
              write_reply(base::Error{code, "it cannot be decoded"}));
    return 0;
}
