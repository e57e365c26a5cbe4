// The atoms of a playlist's text (draft-pantos-hls-rfc8216bis-22, 4.1 and 4.2), appended to a string. For the
// writers of this folder alone.
#pragma once

#include <charconv>
#include <concepts>
#include <limits>
#include <string>
#include <string_view>

#include "format/m3u8/playlist.h"

namespace format::m3u8 {

template <std::unsigned_integral T>
void append_number(std::string& out, T value) {
    char digits[std::numeric_limits<T>::digits10 + 1];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// Seconds with as many decimals as it takes, whatever the locale. A negative duration is written as none.
void append_seconds(std::string& out, Duration duration);
// Rounded to three decimals (4.4.6.2).
void append_frame_rate(std::string& out, FrameRate rate);
// With its quotes.
void append_quoted(std::string& out, std::string_view text);
void append_uri(std::string& out, std::string_view uri);

// The list of attributes of one tag: `tag` opens the line, finish() ends it.
class AttributeLine {
  public:
    AttributeLine(std::string& out, std::string_view tag) : out_(out) { out_.append(tag); }

    void word(std::string_view name, std::string_view value) { key(name).append(value); }
    void number(std::string_view name, std::uint64_t value) { append_number(key(name), value); }
    void seconds(std::string_view name, Duration value) { append_seconds(key(name), value); }
    void quoted(std::string_view name, std::string_view value) { append_quoted(key(name), value); }
    void uri(std::string_view value);
    void range(const ByteRange& range);
    void resolution(Resolution resolution);
    void frame_rate(FrameRate rate) { append_frame_rate(key("FRAME-RATE"), rate); }
    void finish() { out_ += '\n'; }

  private:
    std::string& key(std::string_view name);

    std::string& out_;
    char separator_ = ':';
};

}  // namespace format::m3u8
