#include "output/hls/shared_text.h"

#include <zlib.h>

#include <algorithm>

namespace output::hls {
namespace {

// Playlists repeat themselves: the fastest level makes a seventh of them, the best a ninth at five times the
// cost.
constexpr int level = 1;
constexpr int gzip_window = 15 + 16;
constexpr int memory_level = 8;

}  // namespace

media::SharedText gzip(std::string_view text) {
    if (text.size() < min_gzip_size) return nullptr;
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
        return nullptr;
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    // zlib reads, but takes no pointer to const.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const bool done = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return done ? std::make_shared<const std::string>(std::move(out)) : nullptr;
}

const QueryText::Made& QueryText::without_query() const {
    std::call_once(once_, [this] {
        auto text = std::make_shared<const std::string>(with({}));
        made_ = {text, gzip(*text)};
    });
    return made_;
}

std::string QueryText::with(std::string_view query) const {
    const auto places = static_cast<std::size_t>(std::count(text_.begin(), text_.end(), place));
    std::string out;
    out.reserve(text_.size() + places * query.size());
    for (std::size_t from = 0; from < text_.size();) {
        const std::size_t at = std::min(text_.find(place, from), text_.size());
        out.append(text_, from, at - from);
        if (at < text_.size()) out.append(query);
        from = at + 1;
    }
    return out;
}

}  // namespace output::hls
