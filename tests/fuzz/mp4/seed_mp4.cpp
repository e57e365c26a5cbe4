// The unit tests' files, whole and broken, as seeds; and each behind a head of the target's own.
#include <cstdio>

#include "format/fmp4/recording_samples.h"
#include "fuzz/seeds.h"

namespace {

using namespace format::fmp4;

constexpr std::uint8_t whole_file = 0;
constexpr std::uint8_t behind_head = 1;

base::Bytes prefixed(std::uint8_t first, base::ByteView bytes) {
    base::Bytes seed{first};
    base::append(seed, bytes);
    return seed;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    const std::string target = "fuzz_mp4_scan";
    const base::Bytes head = samples::file().up_to(0);
    for (const samples::Broken& sample : samples::broken()) {
        const base::ByteView bytes = sample.bytes;
        const bool same_head =
            bytes.size() >= head.size() && std::equal(head.begin(), head.end(), bytes.begin());
        if (same_head)
            seeds::write(argv[1], target, sample.name, prefixed(behind_head, bytes.subspan(head.size())));
        else
            seeds::write(argv[1], target, sample.name, prefixed(whole_file, bytes));
    }
    // Heads of one track, and a file that is whole in itself.
    for (const samples::Stream& stream : samples::streams())
        seeds::write(argv[1], target, stream.name,
                     prefixed(whole_file, write_init(std::vector{samples::describe(stream, 1)}).value()));
    seeds::write(argv[1], target, "whole file", prefixed(whole_file, samples::file().bytes));
    seeds::write(argv[1], target, "index",
                 prefixed(behind_head, write_index(std::vector<IndexEntry>{{.track = 1}}).value()));
    // Their room is long and empty: of most its beginning will do.
    constexpr std::size_t enough = 256;
    for (const samples::LeadCase& sample : samples::lead_cases()) {
        base::ByteView behind = sample.bytes;
        behind = behind.subspan(std::min<std::size_t>(behind.size(), samples::lead().init_size));
        if (sample.name != "finished") behind = behind.first(std::min(behind.size(), enough));
        seeds::write(argv[1], "fuzz_mp4_lead", sample.name, prefixed(behind_head, behind));
    }
    // A room of 96 bytes, and when it began.
    base::Bytes small = samples::detail::bytes_of("00000060 66726565");
    small.resize(96);
    base::append(small, samples::detail::bytes_of(
                            "00000020 70726674 01000000 00000001 eeaabcf0 c9fbe76c 00000000 00000000"));
    seeds::write(argv[1], "fuzz_mp4_lead", "small room", prefixed(behind_head, small));
    for (const samples::Stream& stream : samples::streams())
        seeds::write(argv[1], "fuzz_mp4_lead", stream.name,
                     prefixed(whole_file, write_init(std::vector{samples::describe(stream, 1)}).value()));
    return 0;
}
