// Header values and what they mean, for the tests and as seeds of the fuzz targets.
#pragma once

#include <string_view>

#include "api/http/accept_encoding.h"
#include "api/http/byte_range.h"

namespace api::http::cases {

struct Range {
    std::string_view header;
    std::uint64_t size;
    RangeAnswer answer;
};

inline constexpr RangeAnswer whole{};
inline constexpr RangeAnswer unsatisfiable{RangeAnswer::Kind::unsatisfiable};
constexpr RangeAnswer part(std::uint64_t first, std::uint64_t count) {
    return {RangeAnswer::Kind::part, first, count};
}

inline constexpr Range ranges[] = {
    {"bytes=0-0", 10, part(0, 1)},
    {"bytes=0-9", 10, part(0, 10)},
    {"bytes=2-5", 10, part(2, 4)},
    {"bytes=2-", 10, part(2, 8)},
    {"bytes=9-", 10, part(9, 1)},
    {"bytes=5-100", 10, part(5, 5)},
    {"bytes=0-18446744073709551615", 10, part(0, 10)},
    {"bytes=0-99999999999999999999999", 10, part(0, 10)},
    {"bytes=-1", 10, part(9, 1)},
    {"bytes=-10", 10, part(0, 10)},
    {"bytes=-11", 10, part(0, 10)},
    {"bytes=-99999999999999999999999", 10, part(0, 10)},
    {"BYTES=1-2", 10, part(1, 2)},
    {"bytes= 1-2 ", 10, part(1, 2)},
    {"bytes=10-", 10, unsatisfiable},
    {"bytes=10-20", 10, unsatisfiable},
    {"bytes=99999999999999999999999-", 10, unsatisfiable},
    {"bytes=-0", 10, unsatisfiable},
    {"bytes=0-", 0, unsatisfiable},
    {"bytes=-5", 0, unsatisfiable},
    // Several are not put together.
    {"bytes=0-1,4-5", 10, whole},
    {"bytes=0-0,-1", 10, whole},
    {"bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-", 10, whole},
    // No range of bytes.
    {"", 10, whole},
    {"bytes", 10, whole},
    {"bytes=", 10, whole},
    {"bytes=-", 10, whole},
    {"bytes=5-2", 10, whole},
    {"bytes=a-b", 10, whole},
    {"bytes=1-2-3", 10, whole},
    {"bytes=+1-2", 10, whole},
    {"bytes=0x1-2", 10, whole},
    {"bytes=1 -2", 10, whole},
    {"items=0-1", 10, whole},
    {"bytes 0-1", 10, whole},
};

struct Encoding {
    std::string_view header;
    bool gzip;
};

inline constexpr Encoding encodings[] = {
    {"gzip", true},
    {"gzip, deflate, br, zstd", true},
    {"br;q=1.0, gzip;q=0.8, *;q=0.1", true},
    {"GZIP", true},
    {"x-gzip", true},
    {" gzip ; q=0.5 ", true},
    {"deflate,gzip;q=0.001", true},
    {"*", true},
    {"*;q=0.5", true},
    {"identity;q=0, *", true},
    {"identity;q=0.5, gzip;q=0.5", true},
    {"gzip;q=0", false},
    {"gzip;q=0.000", false},
    {"gzip;q=0, *", false},
    {"*;q=0", false},
    {"identity", false},
    {"identity;q=1, gzip;q=0.5", false},
    {"deflate, br", false},
    {"", false},
    {",,,", false},
    {";q=1", false},
    {"gzipped", false},
    {"gzip;q=2", false},
    {"gzip;q=-1", false},
    {"gzip;q=0.0000", false},
    {"gzip;q=", false},
    {"gzip;q=1.001", false},
    {"gzip;level=9", true},
};

struct Choice {
    std::string_view header;
    Coding coding;
};

// Of plain, gzip and brotli.
inline constexpr Choice choices[] = {
    {"gzip, deflate, br, zstd", Coding::brotli},
    {"br", Coding::brotli},
    {"BR", Coding::brotli},
    {"*", Coding::brotli},
    {"br;q=0.5, gzip;q=0.5", Coding::brotli},
    {"br;q=0.5, gzip", Coding::gzip},
    {"br;q=0.1, *", Coding::gzip},
    {"br;q=0, *", Coding::gzip},
    {"br;q=0, gzip", Coding::gzip},
    {"gzip", Coding::gzip},
    {"gzip;q=0, *", Coding::brotli},
    {"br;q=0.5, identity", Coding::identity},
    {"br;q=0.5, gzip;q=0.4, identity;q=0.6", Coding::identity},
    {"br;q=0.5, gzip;q=0.8, identity;q=0.6", Coding::gzip},
    {"br;q=0, gzip;q=0", Coding::identity},
    {"br;q=0", Coding::identity},
    {"br;q=2", Coding::identity},
    {"brotli", Coding::identity},
    {"", Coding::identity},
};

struct Condition {
    std::string_view if_none_match;
    std::string_view etag;
    bool named;
};

inline constexpr Condition conditions[] = {
    {"\"a\"", "a", true},
    {"W/\"a\"", "a", true},
    {"\"b\", \"a\"", "a", true},
    {"\"b\",W/\"a\" , \"c\"", "a", true},
    {"\"b\",, ,\"a\"", "a", true},
    {"\"x,y\", \"a\"", "x,y", true},
    {"*", "a", true},
    {"*", "", true},
    {"\"a-gzip\"", "a", false},
    {"\"A\"", "a", false},
    {"a", "a", false},
    {"\"a", "a", false},
    {"w/\"a\"", "a", false},
    {"\"b\" \"a\"", "a", false},
    {"\"\"", "", false},
    {"", "a", false},
    {",", "a", false},
};

struct Date {
    std::string_view text;
    std::string_view rfc3339;  // empty: it is none
};

inline constexpr Date dates[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"},
    {"Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"},
    {"Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"},
    {"Sun Nov 16 08:49:37 1994", "1994-11-16T08:49:37Z"},
    {"Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59Z"},
    {"Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"},
    {"Monday, 02-Feb-26 00:00:00 GMT", "2026-02-02T00:00:00Z"},
    {"Wed, 29 Feb 2023 00:00:00 GMT", ""},
    {"Sun, 06 Nov 1994 24:00:00 GMT", ""},
    {"Sun, 06 Nov 1994 08:49:37 CET", ""},
    {"Sun, 06 Nov 1994 08:49:37", ""},
    {"Sun, 6 Nov 1994 08:49:37 GMT", ""},
    {"Sun, 06 nov 1994 08:49:37 GMT", ""},
    {"Sun, 06 Nov 1969 08:49:37 GMT", ""},
    {"Sun, 06 Nov 9999 08:49:37 GMT", ""},
    {"Sun, -6 Nov 1994 08:49:37 GMT", ""},
    {"Sun, ", ""},
    {"1994-11-06T08:49:37Z", ""},
    {"", ""},
};

}  // namespace api::http::cases
