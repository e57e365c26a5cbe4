// Cookies: reading the one we set, and writing it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace api::http {

// The value of this cookie in a Cookie header; empty when it is not there.
std::string cookie_value(std::string_view header, std::string_view name);

struct CookieAttributes {
    std::string path = "/";
    // Zero deletes the cookie.
    std::chrono::seconds max_age{};
    bool secure = false;
};

// A Set-Cookie value that scripts cannot read and other sites cannot send: HttpOnly and SameSite=Strict
// always.
std::string set_cookie(std::string_view name, std::string_view value, const CookieAttributes& attributes);

}  // namespace api::http
