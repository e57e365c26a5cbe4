#include "platform/pasted_url.h"

namespace platform {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(white_space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

std::string without_trailing_slash(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return std::string(url);
}

}  // namespace

PastedUrl split_pasted_url(std::string_view text) {
    text = trimmed(text);
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos) return {std::string(text), {}};
    const std::size_t host = scheme_end + 3;
    const std::size_t query = text.find('?', host);
    const std::string_view before_query = text.substr(0, query);
    const std::size_t path = before_query.find('/', host);
    const std::size_t cut = before_query.rfind('/');
    // No path at all, or one part only: "rtmp://host/live2?backup=1".
    if (path == std::string_view::npos || cut == path)
        return {query == std::string_view::npos ? without_trailing_slash(text) : std::string(text), {}};
    return {without_trailing_slash(text.substr(0, cut)), base::Secret(std::string(text.substr(cut + 1)))};
}

}  // namespace platform
