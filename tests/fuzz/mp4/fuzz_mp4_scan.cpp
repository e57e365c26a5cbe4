// What a crash or a hostile disk left of a recording. The first byte says whether the input is the whole file
// or what stands behind a good head, and how many zeros are to follow it.
#include <algorithm>

#include "format/fmp4/fragment_scanner.h"
#include "format/fmp4/samples.h"
#include "fuzz/require.h"

namespace {

using namespace format::fmp4;

struct Scan {
    std::vector<RecordedFragment> fragments;
    std::uint64_t end = 0;
    bool stopped = false;
};

// Of `bytes`, and of zeros behind them, up to file_size.
Scan scan(base::ByteView bytes, std::uint64_t file_size) {
    Scan result;
    FragmentScanner scanner(file_size);
    std::uint64_t reads = 0;
    while (const auto range = scanner.next()) {
        fuzz::require(range->offset <= file_size && range->size <= file_size - range->offset);
        fuzz::require(range->size <= std::max(max_moov_size, max_moof_size));
        // A header at a time, each of a box of eight bytes or more, and what stands in some of them.
        fuzz::require(++reads <= bytes.size() + 16);
        base::Bytes part(range->size);
        if (range->offset < bytes.size()) {
            const base::ByteView from = bytes.subspan(static_cast<std::size_t>(range->offset));
            std::copy_n(from.begin(), std::min(from.size(), part.size()), part.begin());
        }
        if (auto fragment = scanner.take(part)) result.fragments.push_back(std::move(*fragment));
    }
    result.end = scanner.end();
    result.stopped = scanner.problem().has_value();
    fuzz::require(scanner.init_size() <= result.end && result.end <= file_size);
    fuzz::require(scanner.tracks().size() <= max_tracks);
    fuzz::require(scanner.tracks().empty() == (scanner.init_size() == 0));
    return result;
}

void check(const Scan& found, std::uint64_t init_end) {
    std::uint64_t position = init_end;
    for (const RecordedFragment& fragment : found.fragments) {
        fuzz::require(fragment.offset >= position && fragment.size > 0);
        position = fragment.offset + fragment.size;
        fuzz::require(!fragment.runs.empty() && fragment.runs.size() <= max_fragment_runs);
        std::size_t samples = 0;
        for (const RecordedRun& run : fragment.runs) {
            fuzz::require(run.samples > 0 && run.decode_time <= max_decode_time);
            fuzz::require(run.decode_time + run.duration >= run.decode_time);
            samples += run.samples;
        }
        fuzz::require(samples <= max_fragment_samples);
    }
    if (!found.fragments.empty()) fuzz::require(position == found.end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    static const base::Bytes head = samples::file().up_to(0);
    const bool behind_head = data[0] & 1;
    base::Bytes bytes = behind_head ? head : base::Bytes{};
    base::append(bytes, {data + 1, size - 1});
    static constexpr std::uint64_t more[] = {0, 100, std::uint64_t{1} << 33, std::uint64_t{1} << 62};
    const std::uint64_t file_size = bytes.size() + more[data[0] >> 1 & 3];

    const Scan found = scan(bytes, file_size);
    check(found, behind_head ? head.size() : 0);

    // What is kept is a file without a fault, and the same is found in it.
    const auto kept = static_cast<std::size_t>(std::min<std::uint64_t>(found.end, bytes.size()));
    const Scan again = scan(base::ByteView(bytes).first(kept), found.end);
    fuzz::require(!again.stopped && again.end == found.end);
    fuzz::require(again.fragments.size() == found.fragments.size());
    for (std::size_t i = 0; i < again.fragments.size(); ++i)
        fuzz::require(again.fragments[i].offset == found.fragments[i].offset &&
                      again.fragments[i].size == found.fragments[i].size);
    return 0;
}
