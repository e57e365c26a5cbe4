// Seeds of the targets that decide where a stream may be sent.
#include <cstdio>

#include "fuzz/seeds.h"

namespace {

constexpr std::string_view urls[] = {
    "rtmps://a.rtmps.youtube.com/live2",
    "rtmp://live.twitch.tv:1935/app/",
    "RTMPS://live-api-s.facebook.com:443/rtmp/?s_bl=1&a=%20",
    "http://[2001:db8::1]:8080/bridge?x=1",
    "https://bridge.example",
    "rtmp://host?app",
    "rtmp://host:0/app",
    "rtmp://host:65536/app",
    "rtmp://host:19a5/app",
    "rtmp://user:s3cr3tk3y@host/app",
    "rtmp://host/app#s3cr3tk3y",
    "rtmp://2130706433/app",
    "rtmp://0x7f.1/app",
    "rtmp://0177.0.0.1/app",
    "rtmp://127.1/app",
    "rtmp://[::ffff:7f00:1]/app",
    "rtmp://[fe80::1%25eth0]/app",
    "rtmp://[v1.x]/app",
    "rtmp://%31%32%37.0.0.1/app",
    "rtmp://host\r\nHost: other/app",
    "rtmp://host/app with spaces",
    "rtmp://host//app//x//",
    "rtmp://host/..%2f",
    "rtmp://.host/",
    "rtmp://a..b/",
    "rtmp://host.:1935/app",
    "file:///etc/passwd",
    "gopher://host/",
    "rtmp:host",
    "rtmp://",
};

constexpr std::string_view addresses[] = {
    "127.0.0.1",     "169.254.169.254", "10.1.2.3",           "100.64.0.1",        "198.51.100.7",
    "168.63.129.16", "192.0.0.9",       "255.255.255.255",    "8.8.8.8",           "::1",
    "::ffff:7f00:1", "64:ff9b::7f00:1", "2002:7f00:1::",      "2001:0:1::80ff:fe", "fe80::1%lo",
    "fec0::1",       "fd00:ec2::254",   "2001:4860:4860::88", "3fff::1",           "0x7f000001",
    "::127.0.0.1",   "::ffff:0:7f00:1", "64:ff9b:1::1",       "5f00::1",           "ff02::1",
};

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", arguments[0]);
        return 2;
    }
    seeds::write_all(arguments[1], "fuzz_push_url", urls);
    seeds::write_all(arguments[1], "fuzz_address", addresses);
    for (const char* hex :
         {"7f000001", "a9fea9fe", "08080808", "c0a80001", "e0000001", "ffffffff", "00000000",
          "20010db8000000000000000000000001", "0064ff9b000000000000000008080808",
          "00000000000000000000ffff7f000001", "20027f00000100000000000000000000"})
        seeds::write(arguments[1], "fuzz_address", hex, base::from_hex(hex));
    return 0;
}
