#include "output/hls/question.h"

#include <algorithm>
#include <charconv>

namespace output::hls {
namespace {

using What = Question::What;

constexpr std::string_view segment_ending = ".m4s";
constexpr std::string_view init_ending = ".mp4";

// As it is written: digits alone, none too many, no zero before them. So no file has two names.
template <class Number>
bool read_number(std::string_view text, Number most, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > most)
        return false;
    return text.size() == 1 || text.front() != '0';
}

bool read_name(std::string_view file, Question& question) {
    using format::m3u8::max_msn;
    using format::m3u8::max_part;
    if (file.ends_with(init_ending)) {
        question.what = What::init;
        return read_number(file.substr(0, file.size() - init_ending.size()), max_msn, question.name.msn);
    }
    if (!file.ends_with(segment_ending)) return false;
    file.remove_suffix(segment_ending.size());
    const std::size_t dot = file.find('.');
    if (dot == std::string_view::npos) {
        question.what = What::segment;
        return read_number(file, max_msn, question.name.msn);
    }
    question.what = What::part;
    return read_number(file.substr(0, dot), max_msn, question.name.msn) &&
           read_number(file.substr(dot + 1), max_part, question.name.index);
}

// Nothing in it ends an attribute or a line.
bool stands_in_query(std::string_view text) {
    return text.find_first_of(std::string_view("\"\r\n", 3)) == std::string_view::npos;
}

}  // namespace

base::Result<Question> read_question(const HlsQuestion& asked) {
    Question question;
    if (asked.file == "index.m3u8") {
        question.what = asked.plain ? What::plain_index : What::index;
    } else if (asked.file == "media.m3u8" || asked.file == "plain.m3u8") {
        question.what = asked.file == "media.m3u8" ? What::media : What::plain_media;
        const auto directives = format::m3u8::read_delivery_directives({asked.msn, asked.part, asked.skip});
        if (!directives) return base::fail(directives.error());
        question.directives = *directives;
    } else if (!read_name(asked.file, question)) {
        return base::fail(base::ErrorCode::not_found, "A stream has no such file.");
    } else {
        return question;
    }
    if (asked.uri_query.size() + asked.playlist_query.size() > max_query ||
        !stands_in_query(asked.uri_query) || !stands_in_query(asked.playlist_query))
        return base::fail(base::ErrorCode::bad_request, "The query is too long, or not percent-encoded.");
    question.query = asked.uri_query;
    question.playlist_query = asked.uri_query;
    if (!asked.playlist_query.empty()) {
        question.playlist_query += question.playlist_query.empty() ? '?' : '&';
        const std::string& who = asked.playlist_query;
        question.playlist_query.append(who, std::min(who.find_first_not_of("?&"), who.size()));
    }
    return question;
}

}  // namespace output::hls
