#include "api/http/cookie.h"

namespace api::http {

std::string cookie_value(std::string_view header, std::string_view name) {
    while (!header.empty()) {
        const auto end = header.find(';');
        std::string_view pair = header.substr(0, end);
        header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
        const auto begin = pair.find_first_not_of(" \t");
        if (begin == std::string_view::npos) continue;
        pair = pair.substr(begin, pair.find_last_not_of(" \t") - begin + 1);
        const auto equals = pair.find('=');
        if (equals != std::string_view::npos && pair.substr(0, equals) == name)
            return std::string(pair.substr(equals + 1));
    }
    return {};
}

std::string set_cookie(std::string_view name, std::string_view value, const CookieAttributes& attributes) {
    std::string cookie(name);
    cookie += '=';
    cookie += value;
    cookie += "; Path=" + attributes.path + "; Max-Age=" + std::to_string(attributes.max_age.count()) +
              "; HttpOnly; SameSite=Strict";
    if (attributes.secure) cookie += "; Secure";
    return cookie;
}

}  // namespace api::http
