// QueryText: a text with places for a query, and what was made of it: without a query, which most share, once
// for all. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "media/content.h"

namespace output::hls {

// Shorter texts are not worth compressing.
inline constexpr std::size_t min_gzip_size = 1024;

// Null where it fails or the text is too short.
media::SharedText gzip(std::string_view text);

class QueryText {
  public:
    // Stands for the query. No name of ours has one.
    static constexpr char place = '?';

    explicit QueryText(std::string text) : text_(std::move(text)) {}

    struct Made {
        media::SharedText text;
        media::SharedText gzip;
    };
    const Made& without_query() const;
    std::string with(std::string_view query) const;

  private:
    const std::string text_;
    mutable std::once_flag once_;
    mutable Made made_;
};

}  // namespace output::hls
