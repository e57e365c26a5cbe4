#include "api/http/content_disposition.h"

#include "api/http/url.h"

namespace api::http {
namespace {

constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool is_plain(unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '.' || c == '_';
}

// No path, no device, no surprise for a shell.
std::string harmless(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool bad = byte < 0x20 || byte == 0x7f ||
                         std::string_view("/\\:*?\"<>|%`$;").find(c) != std::string_view::npos;
        out += bad ? '_' : c;
    }
    if (out.size() > max_download_name) {
        out.resize(max_download_name);
        // Not within a character.
        while (!out.empty() && !valid_utf8(out)) out.pop_back();
    }
    if (!out.empty() && (out.front() == '.' || out.front() == '-')) out.front() = '_';
    return out;
}

}  // namespace

std::string content_disposition(std::string_view name) {
    const std::string safe = valid_utf8(name) ? harmless(name) : std::string();
    if (safe.empty()) return "attachment";
    std::string ascii;
    std::string encoded;
    bool foreign = false;
    for (const char c : safe) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            ascii += c;
        } else {
            foreign = true;
            // One for each character, not for each of its bytes.
            if (byte >= 0xc0) ascii += '_';
        }
        if (is_plain(byte))
            encoded += c;
        else
            encoded += {'%', hex_digits[byte >> 4], hex_digits[byte & 15]};
    }
    std::string value = "attachment; filename=\"" + ascii + "\"";
    if (foreign) value += "; filename*=UTF-8''" + encoded;
    return value;
}

}  // namespace api::http
