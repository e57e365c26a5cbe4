#include "service/validation.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <optional>

namespace service {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_lower_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The number of bytes of the code point that begins here; 0 when it is not well-formed (RFC 3629 §4).
std::size_t code_point(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t size = lead >= 0xc2 && lead <= 0xdf   ? 2
                             : (lead & 0xf0) == 0xe0        ? 3
                             : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                            : 0;
    if (size == 0 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    const unsigned char second = byte(1);
    const bool bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                     (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return bad ? 0 : size;
}

base::Result<std::string> check(std::string_view field, std::string_view text, std::size_t most, bool lines) {
    const std::string_view inner = trimmed(text);
    const auto length = text_length(inner);
    if (!length || (!lines && inner.find_first_of("\r\n") != std::string_view::npos))
        return invalid(field, std::string(field) + " holds characters that cannot be shown.");
    if (*length > most)
        return invalid(field, std::string(field) + " has " + std::to_string(*length) +
                                  " characters; at most " + std::to_string(most) + " fit.");
    return std::string(inner);
}

}  // namespace

tl::unexpected<base::Error> invalid(std::string_view field, std::string message) {
    return base::fail({base::ErrorCode::invalid_argument,
                       std::move(message),
                       "invalid_field",
                       {{"field", std::string(field)}}});
}

std::optional<std::size_t> text_length(std::string_view text) {
    std::size_t count = 0;
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        if ((first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7f)
            return std::nullopt;
        const std::size_t size = code_point(text);
        if (size == 0) return std::nullopt;
        text.remove_prefix(size);
        ++count;
    }
    return count;
}

base::Result<std::string> check_name(std::string_view field, std::string_view text, std::size_t most) {
    auto name = check(field, text, most, false);
    if (name && name->empty()) return invalid(field, std::string(field) + " cannot be empty.");
    return name;
}

base::Result<std::string> check_text(std::string_view field, std::string_view text, std::size_t most) {
    return check(field, text, most, true);
}

base::Result<std::string> check_email(std::string_view text) {
    const auto wrong = [] {
        return invalid("email", "This is no e-mail address: it has to look like name@example.org.");
    };
    std::string email(trimmed(text));
    std::transform(email.begin(), email.end(), email.begin(), lower);
    if (email.size() > max_email || !text_length(email)) return wrong();
    const auto at = email.find('@');
    if (at == std::string::npos || at == 0 || at > 64 || email.find('@', at + 1) != std::string::npos)
        return wrong();
    if (email.find_first_of(" \t\r\n<>()[],;:\\\"") != std::string::npos) return wrong();
    const std::string_view domain = std::string_view(email).substr(at + 1);
    const auto dot = domain.rfind('.');
    if (dot == std::string_view::npos || dot == 0 || dot + 1 == domain.size() || domain.front() == '.' ||
        domain.find("..") != std::string_view::npos)
        return wrong();
    return email;
}

base::Result<> check_password(std::string_view field, const base::Secret& password, std::string_view email) {
    const auto length = text_length(password.reveal());
    if (!length) return invalid(field, "The password holds characters that cannot be typed.");
    if (*length < min_password)
        return invalid(field, "The password needs at least " + std::to_string(min_password) + " characters.");
    if (*length > max_password)
        return invalid(field,
                       "The password may have at most " + std::to_string(max_password) + " characters.");
    if (password.reveal() == email) return invalid(field, "The password cannot be the e-mail address.");
    if (password.reveal().find_first_not_of(password.reveal().front()) == std::string::npos)
        return invalid(field, "The password cannot be one character over and over.");
    return {};
}

base::Result<std::string> check_slug(std::string_view text) {
    const bool fits =
        text.size() >= 3 && text.size() <= 63 && is_lower_alnum(text.front()) &&
        is_lower_alnum(text.back()) &&
        std::all_of(text.begin(), text.end(), [](char c) { return is_lower_alnum(c) || c == '-'; });
    if (!fits)
        return invalid(
            "slug",
            "slug takes 3 to 63 of a-z, 0-9 and hyphens, and begins and ends with a letter or digit.");
    return std::string(text);
}

std::string slug_of(std::string_view name) {
    std::string slug;
    for (const char raw : name) {
        const char c = lower(raw);
        if (is_lower_alnum(c))
            slug.push_back(c);
        else if (!slug.empty() && slug.back() != '-')
            slug.push_back('-');
        if (slug.size() == 48) break;
    }
    while (!slug.empty() && slug.back() == '-') slug.pop_back();
    return slug;
}

base::Result<std::string> check_web_url(std::string_view field, std::string_view text) {
    const std::string_view inner = trimmed(text);
    if (inner.empty()) return std::string();
    const auto url = boost::urls::parse_uri({inner.data(), inner.size()});
    if (inner.size() > max_url || !url || (url->scheme() != "http" && url->scheme() != "https") ||
        url->host().empty())
        return invalid(field, std::string(field) + " has to be an http:// or https:// URL.");
    return std::string(inner);
}

base::Result<> check_range(std::string_view field, double value, double least, double most,
                           std::string_view unit) {
    if (value >= least && value <= most) return {};
    const auto number = [](double n) { return std::to_string(static_cast<std::int64_t>(n)); };
    return invalid(field, std::string(field) + " has to be from " + number(least) + " to " + number(most) +
                              (unit.empty() ? "" : " ") + std::string(unit) + ".");
}

base::Result<> check_page(const PageRequest& page) {
    return check_range("limit", page.limit, 1, PageRequest::max_limit, "");
}

}  // namespace service
