#include "format/m3u8/text.h"

#include <array>

namespace format::m3u8 {
namespace {

constexpr std::uint64_t micros_in_second = 1'000'000;

void append_decimals(std::string& out, std::uint64_t value, int digits) {
    std::array<char, 20> text{};
    for (int i = digits; i-- > 0; value /= 10)
        text[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
    out.append(text.data(), static_cast<std::size_t>(digits));
}

constexpr bool is_control(unsigned char c) {
    return c < 0x20 || c == 0x7f;
}

// The length of the UTF-8 sequence at `at`, or zero where there is none (RFC 3629, section 4).
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) -> unsigned {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0;
    };
    const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    const unsigned first = byte(0);
    const unsigned second = byte(1);
    if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const bool overlong = first == 0xe0 && second < 0xa0;
        const bool surrogate = first == 0xed && second > 0x9f;
        return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool overlong = first == 0xf0 && second < 0x90;
        const bool beyond = first == 0xf4 && second > 0x8f;
        return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

// RFC 3986, section 2: reserved and unreserved characters, and the sign of what is encoded already.
constexpr bool stands_in_uri(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return c != '\0' && std::string_view("-._~:/?#[]@!$&'()*+,;=%").find(c) != std::string_view::npos;
}

}  // namespace

void append_seconds(std::string& out, Duration duration) {
    const auto micros = duration.count() > 0 ? static_cast<std::uint64_t>(duration.count()) : 0;
    append_number(out, micros / micros_in_second);
    std::uint64_t fraction = micros % micros_in_second;
    if (fraction == 0) return;
    int digits = 6;
    for (; fraction % 10 == 0; fraction /= 10) --digits;
    out += '.';
    append_decimals(out, fraction, digits);
}

void append_frame_rate(std::string& out, FrameRate rate) {
    const std::uint64_t denominator = rate.denominator == 0 ? 1 : rate.denominator;
    const std::uint64_t thousandths = (std::uint64_t{rate.numerator} * 1000 + denominator / 2) / denominator;
    append_number(out, thousandths / 1000);
    out += '.';
    append_decimals(out, thousandths % 1000, 3);
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (static_cast<unsigned char>(c) < 0x80) {
            // "{$" would begin a variable (4.3).
            const bool variable = c == '{' && at + 1 < text.size() && text[at + 1] == '$';
            out += variable ? '(' : c == '"' ? '\'' : is_control(static_cast<unsigned char>(c)) ? ' ' : c;
            ++at;
            continue;
        }
        const std::size_t length = sequence_length(text, at);
        // U+0080 to U+009F are control characters too.
        const bool control = c == '\xc2' && length == 2 && static_cast<unsigned char>(text[at + 1]) < 0xa0;
        if (length == 0)
            out += '?';
        else if (control)
            out += ' ';
        else
            out.append(text, at, length);
        at += length == 0 ? 1 : length;
    }
    out += '"';
}

void append_uri(std::string& out, std::string_view uri) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    for (std::size_t at = 0; at < uri.size(); ++at) {
        const char c = uri[at];
        // A line that begins with # is no URI.
        if (stands_in_uri(c) && !(c == '#' && at == 0)) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += hex[byte >> 4];
        out += hex[byte & 0xf];
    }
}

std::string& AttributeLine::key(std::string_view name) {
    out_ += separator_;
    separator_ = ',';
    out_.append(name);
    out_ += '=';
    return out_;
}

void AttributeLine::uri(std::string_view value) {
    key("URI") += '"';
    append_uri(out_, value);
    out_ += '"';
}

void AttributeLine::range(const ByteRange& range) {
    key("BYTERANGE") += '"';
    append_number(out_, range.length);
    out_ += '@';
    append_number(out_, range.offset);
    out_ += '"';
}

void AttributeLine::resolution(Resolution resolution) {
    append_number(key("RESOLUTION"), resolution.width);
    out_ += 'x';
    append_number(out_, resolution.height);
}

}  // namespace format::m3u8
