// What the thumbnail worker is told, and what the server is told by a worker that was taken over. The first
// byte says which.
#include "fuzz/require.h"
#include "transcode/worker_message.h"

namespace {

using namespace transcode;

void request(base::ByteView message) {
    const auto read = read_request(message);
    if (!read) return;
    fuzz::require(can_be_decoded(read->codec));
    fuzz::require(!read->keyframe.empty() && read->keyframe.size() <= max_keyframe_size);
    fuzz::require(read->config.size() <= max_config_size);
    // It is what the server would have written.
    const ThumbnailRequest same{read->codec, base::SharedBytes({read->config.begin(), read->config.end()}),
                                base::SharedBytes({read->keyframe.begin(), read->keyframe.end()})};
    base::Bytes again = write_request_head(same).value();
    base::append(again, same.config.view());
    base::append(again, same.keyframe.view());
    fuzz::require(std::equal(again.begin(), again.end(), message.begin(), message.end()));
}

void reply(base::ByteView message) {
    const auto read = read_reply(message);
    if (!read) {
        fuzz::require(read.error().message.size() <= max_reason_size);
        for (const char c : read.error().message) fuzz::require(c >= ' ' && c <= '~');
        return;
    }
    fuzz::require(read->jpeg->size() <= max_jpeg_size && read->jpeg->starts_with("\xff\xd8"));
    fuzz::require(read->width > 0 && read->width <= max_thumbnail_width);
    fuzz::require(read->height > 0 && read->height <= max_thumbnail_height);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const base::ByteView message(data + 1, size - 1);
    if (data[0] & 1)
        reply(message);
    else
        request(message);
    return 0;
}
