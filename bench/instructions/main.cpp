// Counts the data path's instructions under callgrind: only what the core's thread does, and only between the
// marks. Each part's total is written by callgrind under the part's name; check.mjs makes figures of them.
#include <valgrind/callgrind.h>

#include <cstdio>
#include <cstdlib>

#include "bench/instructions/data_path.h"

namespace {

constexpr int alone_frames = 300;
constexpr int together_batches = 60;
constexpr int looks = 10;

// What the core does in `work`, and nothing else, counts for `part`.
template <class Work>
void count(bench::DataPath& path, const char* part, Work work) {
    path.on_core([] { CALLGRIND_TOGGLE_COLLECT; });
    work();
    path.on_core([] { CALLGRIND_TOGGLE_COLLECT; });
    CALLGRIND_DUMP_STATS_AT(part);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: data_path DESTINATIONS\n");
        return 2;
    }
    bench::DataPath path(std::strtoul(argv[1], nullptr, 10));
    CALLGRIND_ZERO_STATS;
    count(path, "alone", [&] {
        for (int i = 0; i < alone_frames; ++i) path.send(1);
    });
    count(path, "together", [&] {
        for (int i = 0; i < together_batches; ++i) path.send(8);
    });
    count(path, "look", [&] {
        for (int i = 0; i < looks; ++i) path.send_and_look();
    });
    std::printf("{\"compiler\": \"%s\", \"alone_frames\": %d, \"together_batches\": %d, \"looks\": %d}\n",
                __VERSION__, alone_frames, together_batches, looks);
}
