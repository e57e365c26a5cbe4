#include "fuzz/rtmp/mutator_hooks.h"
#include "protocol/rtmp/chunk_cases.h"

std::vector<base::Bytes> fuzz::examples() {
    std::vector<base::Bytes> all;
    for (const auto& c : protocol::rtmp::chunk_cases()) all.push_back(c.bytes);
    return all;
}
