#include "bench/tools/answer_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace bench {
namespace {

constexpr std::string_view end_of_line = "\r\n";
constexpr std::string_view end_of_head = "\r\n\r\n";

bool same(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

template <class Number>
bool read_number(std::string_view text, Number& number) {
    const char* end = text.data() + text.size();
    return std::from_chars(text.data(), end, number).ptr == end && !text.empty();
}

}  // namespace

void AnswerReader::begin(bool keep) {
    keep_ = keep;
    partial_head_.clear();
    body_.clear();
    head_done_ = gzipped_ = false;
    status_ = 0;
    length_ = body_left_ = 0;
}

bool AnswerReader::feed(std::string_view bytes) {
    if (head_done_) return take_body(bytes);
    if (partial_head_.empty()) {
        if (const auto end = bytes.find(end_of_head); end != std::string_view::npos)
            return read_head(bytes.substr(0, end)) && take_body(bytes.substr(end + end_of_head.size()));
    }
    partial_head_ += bytes;
    const auto end = partial_head_.find(end_of_head);
    if (end == std::string::npos) return partial_head_.size() <= max_answer_head;
    const std::string whole = std::move(partial_head_);
    return read_head(std::string_view(whole).substr(0, end)) &&
           take_body(std::string_view(whole).substr(end + end_of_head.size()));
}

bool AnswerReader::read_head(std::string_view head) {
    constexpr std::string_view version = "HTTP/1.1 ";
    constexpr std::size_t digits = 3;
    if (!head.starts_with(version) || !read_number(head.substr(version.size(), digits), status_))
        return false;
    bool has_length = false;
    for (auto line = head.find(end_of_line); line != std::string_view::npos;) {
        const auto from = line + end_of_line.size();
        line = head.find(end_of_line, from);
        const std::string_view field = head.substr(from, line == std::string_view::npos ? line : line - from);
        const auto colon = field.find(':');
        if (colon == std::string_view::npos) return false;
        const std::string_view name = field.substr(0, colon);
        std::string_view value = field.substr(colon + 1);
        while (value.starts_with(' ')) value.remove_prefix(1);
        if (same(name, "content-length")) {
            if (!read_number(value, length_)) return false;
            has_length = true;
        } else if (same(name, "content-encoding")) {
            gzipped_ = same(value, "gzip");
        } else if (same(name, "transfer-encoding")) {
            return false;
        }
    }
    constexpr int no_content = 204;
    constexpr int not_modified = 304;
    if (status_ == no_content || status_ == not_modified)
        length_ = 0;
    else if (!has_length)
        return false;
    body_left_ = length_;
    head_done_ = true;
    return true;
}

bool AnswerReader::take_body(std::string_view bytes) {
    if (bytes.size() > body_left_) return false;
    body_left_ -= bytes.size();
    if (keep_) body_ += bytes;
    return true;
}

}  // namespace bench
