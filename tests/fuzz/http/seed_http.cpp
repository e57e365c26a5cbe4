// Seeds of the targets that read what browsers and API clients send.
#include <cstdio>

#include "api/http/negotiation_cases.h"
#include "api/media/media_cases.h"
#include "fuzz/seeds.h"

namespace {

constexpr std::string_view paths[] = {
    "GET /api/stations?limit=20&cursor=abc&mine=true",
    "HEAD /api/stations/st_0123456789",
    "DELETE /api/stations/a%20b/",
    "POST /api/v1/multistream/x/destinations/y?a=b+c&d",
    "GET /api/users/me?limit=201",
    "GET /healthz",
    "OPTIONS /",
    "GET /api/%e2%82%ac/%F0%9F%8E%A5",
    // What has led elsewhere.
    "GET /api/..%2f..%2fetc/passwd",
    "GET /api/%2e%2e/secrets",
    "GET /api/%252e%252e%252fsecrets",
    "GET /api/..;/users",
    "GET /api//users",
    "GET /api/\\..\\users",
    "GET /api/%5c..%5cusers",
    "GET /api/%00/users",
    "GET /api/%c0%ae%c0%ae/users",
    "GET /api/%ed%a0%80",
    "GET /api/%",
    "GET /api/%2",
    "GET /api/stations?%00=1&%0d%0a=2",
    "GET /api/stations?limit=9223372036854775808&limit=1",
    "GET api/stations",
};

constexpr std::string_view headers[] = {
    "127.0.0.1\nx-forwarded-for: 203.0.113.7\nx-forwarded-proto: https\n",
    "127.0.0.1\nx-forwarded-for: 203.0.113.7, 10.0.0.1\nx-forwarded-for: 10.0.0.2\n",
    "203.0.113.9\nx-forwarded-for: 127.0.0.1\n",
    "::ffff:127.0.0.1\nforwarded: for=1.2.3.4\n",
    "fd00::1\nx-forwarded-for: 2001:db8::1, unknown, fd00::2\n",
    "10.0.0.0/8\nx-forwarded-for: 10.1.1.1:1234\n",
    "fd00::/129\nx-forwarded-for: ,,,\n",
    "10.0.0.1\nx-forwarded-for: fe80::1%eth0\n",
    "1.2.3.4\ncookie: a=b; everycast_refresh=0123456789abcdef; c=d\n",
    "1.2.3.4\ncookie: everycast_refresh=\n",
    "1.2.3.4\ncookie: xeverycast_refresh=1;everycast_refresh=2;everycast_refresh=3\n",
    "1.2.3.4\ncookie: ;;; everycast_refresh = 1 ; everycast_refresh\n",
    "1.2.3.4\nauthorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x\n",
    "1.2.3.4\nauthorization: bEaReR  x\n",
    "1.2.3.4\nauthorization: Basic YTpi\n",
    "1.2.3.4\nauthorization: Bearer\n",
    // An answer that repeats this must not get another header.
    "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
};

constexpr std::string_view bodies[] = {
    R"({"name":"Radio","streamKey":"0123456789abcdef","enabled":true,"port":1935,"fps":59.94,"tags":["a","b"],"settings":{"width":1920},"destinations":[{"key":"k","tags":["x"]}],"startsAt":"2026-01-31T20:00:00.5+01:00","visibility":"gated","description":"two\nlines"})",
    R"({"name":"","streamKey":null,"port":65536,"fps":1e400,"unknown":1})",
    R"({"name":"a","name":"b"})",
    R"({"":1,"":2})",
    R"({"na\u006de":"a","name":"b"})",
    R"({"name":"\ud83c\udfa5\u0000"})",
    R"({"name":"\ud83c"})",
    R"({"port":9223372036854775808,"fps":-0,"settings":{"width":3.0}})",
    R"({"destinations":[{},{},{},{},{}]})",
    R"({"tags":[["a"]],"settings":[],"destinations":{}})",
    R"({"name":"a","streamKey":"b","fps":0e400,"port":-0e400})",
    R"([1])",
    R"({"a":1} {"b":2})",
    R"({"a":1)",
    "{\"a\":\"\xff\"}",
    "{\"a\":\"\xc0\xaf\"}",
    "2026-01-31T20:00:00Z",
    "9999-12-31T23:59:60.999999999+23:59",
    "2024-02-29t00:00:00-00:00",
    "1970-01-01T00:00:00+14:00",
};

// Frames of a client, with a mask of zeros.
constexpr std::string_view frames[] = {
    {"\x89\x84\0\0\0\0ping", 10},
    {"\x82\xfe\0\x7e\0\0\0\0x", 9},
    {"\x88\x82\0\0\0\0\x03\xe8", 8},
    {"\x82\x01x", 3},
    {"\x82\xff\0\0\0\0\0\x01\0\x01\0\0\0\0", 14},
};

void write_negotiation(const char* folder) {
    using namespace api::http;
    seeds::Counted seeds(folder, "fuzz_negotiation");
    const auto write = [&](std::string_view value, std::uint64_t size = 10) {
        seeds.write(std::to_string(size) + "\n" + std::string(value) + "\n");
    };
    for (const auto& one : cases::ranges) write(one.header, one.size);
    for (const auto& one : cases::encodings) write(one.header);
    for (const auto& one : cases::choices) write(one.header);
    for (const auto& one : cases::conditions) write(one.if_none_match);
    for (const auto& one : cases::dates) write(one.text);
    write("Str\xc3\xb6me \xe2\x82\xac.mp4");
    write("../../a\"b\\c");
}

void write_media(const char* folder) {
    using namespace api::media;
    seeds::Counted seeds(folder, "fuzz_media");
    for (const auto& path : cases::paths) seeds.write(path.text);
    for (const auto& query : cases::queries) seeds.write("/live/pb_1/index.m3u8?" + std::string(query));
    for (const auto& frame : frames) seeds.write(frame);
}

std::string nested(std::size_t depth) {
    std::string text = "{\"a\":";
    text.append(depth - 1, '[');
    text.append(depth - 1, ']');
    return text + "}";
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", arguments[0]);
        return 2;
    }
    seeds::write_all(arguments[1], "fuzz_path", paths);
    seeds::write_all(arguments[1], "fuzz_headers", headers);
    seeds::write_all(arguments[1], "fuzz_json", bodies);
    write_negotiation(arguments[1]);
    write_media(arguments[1]);
    for (const std::size_t depth : {32, 33, 2000})
        seeds::write(arguments[1], "fuzz_json", "nested " + std::to_string(depth),
                     base::as_bytes(nested(depth)));
    return 0;
}
