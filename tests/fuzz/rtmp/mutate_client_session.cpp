#include "fuzz/rtmp/mutator_hooks.h"
#include "protocol/rtmp/session_cases.h"

std::vector<base::Bytes> fuzz::examples() {
    std::vector<base::Bytes> all;
    for (const auto& c : protocol::rtmp::client_cases()) all.push_back(without_handshake(c.bytes));
    return all;
}
