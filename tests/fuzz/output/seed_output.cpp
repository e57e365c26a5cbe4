// Seeds of the bridge's answers. The first byte says how they are sliced.
#include <cstdio>

#include "fuzz/seeds.h"

namespace {

constexpr std::string_view answers[] = {
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 500 x\r\n\r\n",
    "HTTP/1.1 401 \r\n",
    "HTTP/1.1 4\r\n03 \r\n",
    "HTTP/1.1\r\n 403",
    "HTTP/2 404 x\r\n",
    "HTTP/1.1 -10 x\r\n",
    "HTTP/1.1 999 x\r\n",
    "SSH-2.0-OpenSSH\r\n",
    "\r\n\r\nHTTP/1.1 200 OK\r\n",
    // CVE-2016-10190: a chunk of a negative size.
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nxxxx",
    "HTTP/1.1 403 live_4711_s3cr3tk3y\r\n\r\n",
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", arguments[0]);
        return 2;
    }
    seeds::Counted tried(arguments[1], "fuzz_bridge_answer");
    for (const std::string_view answer : answers)
        for (const char slices : {0, 1}) tried.write(slices, answer);
    return 0;
}
