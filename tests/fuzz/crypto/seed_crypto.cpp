// Seeds of the targets of tokens: claims or bodies to be signed (first byte 1), and tokens as they come (0).
#include <cstdio>

#include "fuzz/seeds.h"

namespace {

constexpr std::string_view claims[] = {
    R"({"iss":"everycast","aud":"everycast-api","typ":"access","sub":"us_1","role":"admin","sid":"family","iat":1800000000,"nbf":1800000000,"exp":1800000900})",
    R"({"iss":"everycast","aud":["everycast-api"],"typ":"access","sub":"us_1","role":"admin","sid":"family","iat":1800000000,"nbf":1800000000,"exp":1800000900})",
    R"({"iss":"everycast","aud":"everycast-api","typ":"access","sub":"us_1","role":"admin","sid":"family","iat":1800000000,"nbf":1800000061,"exp":1800000900})",
    R"({"iss":"everycast","aud":"everycast-api","typ":"access","sub":"us_1","role":"admin","sid":"family","iat":1799990000,"nbf":1799990000,"exp":1800000900})",
    R"({"iss":"everycast","aud":"everycast-api","typ":"access","sub":"us_1","role":"admin","sid":"family","iat":-1,"nbf":1e99,"exp":18446744073709551616})",
    R"({"iss":null,"aud":1,"typ":{},"sub":[],"role":true,"sid":"","iat":"1","nbf":1.5,"exp":253402300800})",
    R"({"iss":"x","iss":"everycast","sub":"\ud800","role":"\u0000"})",
    R"([[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]])",
    R"({})",
    "",
    "{\"iss\":\"\xff\"}",
};

constexpr std::string_view tokens[] = {
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c18xIn0.",
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.AAAA",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6Ii4uLy4uL2Rldi9udWxsIn0.e30.AAAA",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..",
    "...",
    "a.b",
};

using namespace std::string_view_literals;

// The kind, when it expires, the session, and the user.
constexpr std::string_view playback_bodies[] = {
    "\x01\x6b\x49\xd2\x00ssssssssssssus_0123456789abcdefghijkl"sv,
    "\x01\xff\xff\xff\xffssssssssssssus_1"sv,
    "\x01\x00\x00\x00\x00ssssssssssssu"sv,
    "\x01\x6b\x49\xd2\x00ssssssssssss"sv,
    "\x02\x6b\x49\xd2\x00ssssssssssss"sv,
    "\x01"sv,
    ""sv,
};

constexpr std::string_view playback_texts[] = {
    "pt1.",
    "AWtJ0gBzc3Nzc3Nzc3Nzc3N1c18xAAAAAAAAAAAAAAAAAAAAAA",
    "AmtJ0gBzc3Nzc3Nzc3Nzc3MAAAAAAAAAAAAAAAAAAAAA",
    "AAAA=",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c18xIn0.",
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", arguments[0]);
        return 2;
    }
    seeds::Counted tried(arguments[1], "fuzz_access_token");
    for (const std::string_view text : claims) tried.write(1, text);
    for (const std::string_view text : tokens) tried.write(0, text);
    seeds::Counted played(arguments[1], "fuzz_playback_token");
    for (const std::string_view text : playback_bodies) played.write(1, text);
    for (const std::string_view text : playback_texts) played.write(0, text);
    return 0;
}
