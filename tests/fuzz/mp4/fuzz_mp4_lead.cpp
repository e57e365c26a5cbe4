// What a file says of itself before its fragments, read as a recording that is to be mended: the room that it
// names is filled in place, so it must lie in the head. The first byte says whether the input is the whole
// beginning or stands behind a good head.
#include "format/fmp4/fragment_scanner.h"
#include "format/fmp4/init_reader.h"
#include "format/fmp4/recording_samples.h"
#include "fuzz/require.h"

using namespace format::fmp4;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    base::Bytes bytes;
    if (data[0] & 1) {
        const RecordingLead& good = samples::lead();
        bytes.assign(good.bytes.begin(), good.bytes.begin() + static_cast<std::ptrdiff_t>(good.init_size));
    }
    base::append(bytes, {data + 1, size - 1});

    FragmentScanner scanner(bytes.size());
    while (const auto range = scanner.next()) {
        (void)scanner.take(base::ByteView(bytes).subspan(range->offset, range->size));
        if (!scanner.tracks().empty()) break;
    }
    const std::uint64_t init_size = scanner.init_size();
    const auto lead = read_recording_lead(bytes, init_size);
    fuzz::require(lead.duration_at == 0 || lead.duration_at + 20 <= init_size);
    fuzz::require(!lead.duration || lead.duration->count() >= 0);
    if (const auto tracks = read_init(base::ByteView(bytes).first(static_cast<std::size_t>(init_size)))) {
        fuzz::require(tracks->size() <= max_tracks);
        for (const TrackDescription& track : *tracks)
            fuzz::require(track.config.view().size() <= max_config_size);
    }
    return 0;
}
