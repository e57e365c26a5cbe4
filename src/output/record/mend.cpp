#include "output/record/mend.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "format/fmp4/fragment_scanner.h"
#include "format/fmp4/init_reader.h"
#include "output/cmaf/packager.h"
#include "output/cmaf/track_config.h"
#include "output/record/file_writer.h"

namespace output::record {
namespace {

// A fragment's head and the header behind it come in one read.
constexpr std::size_t read_ahead = 8 * 1024;
// What the first fragment may have had before it was torn. More without any fragment is not understood, and
// stays.
constexpr std::uint64_t max_torn = 2 * cmaf::max_part_weight;

class Reader {
  public:
    explicit Reader(File& file) : file_(file) {}

    // Fewer at the file's end.
    DiskResult<base::ByteView> read(std::uint64_t offset, std::size_t size) {
        if (offset < from_ || offset + size > from_ + buffer_.size()) {
            buffer_.resize(std::max(size, read_ahead));
            from_ = offset;
            const auto got = file_.read(offset, buffer_);
            buffer_.resize(got ? *got : 0);
            if (!got) return tl::unexpected(got.error());
        }
        const auto at = static_cast<std::size_t>(offset - from_);
        return base::ByteView(buffer_).subspan(at, std::min(size, buffer_.size() - at));
    }

  private:
    File& file_;
    std::uint64_t from_ = 0;
    base::Bytes buffer_;
};

void describe(base::ByteView init, media::RecordingFile& file) {
    const auto tracks = format::fmp4::read_init(init);
    if (!tracks) return;
    for (const auto& track : *tracks) {
        media::Frame config;
        config.codec = track.codec;
        config.role = media::Role::config;
        config.kind = track.width > 0 ? media::Kind::video : media::Kind::audio;
        config.tag = track.config;
        const auto read = cmaf::read_track_config(std::make_shared<const media::Frame>(std::move(config)));
        if (!read) continue;
        file.codecs += (file.codecs.empty() ? "" : ",") + (*read)->codec_string;
        file.width = std::max(file.width, track.width);
        file.height = std::max(file.height, track.height);
    }
}

// ftyp and moov, and behind them what may be before the first fragment.
struct Lead {
    media::RecordingFile file;
    format::fmp4::RecordedLead said;
};
DiskResult<Lead> read_lead(Reader& reader, std::uint64_t size, const std::string& asset_id,
                           std::uint32_t number) {
    constexpr std::size_t most_behind = 4 * 1024;
    Lead lead;
    lead.file.asset_id = asset_id;
    lead.file.number = number;
    lead.file.size = size;
    format::fmp4::FragmentScanner scanner(size);
    while (const auto range = scanner.next()) {
        const auto bytes = reader.read(range->offset, range->size);
        if (!bytes) return tl::unexpected(bytes.error());
        (void)scanner.take(*bytes);
        if (!scanner.tracks().empty()) break;
    }
    if (scanner.tracks().empty()) return disk_failure(DiskProblem::missing, "nothing of a recording");
    lead.file.init_size = scanner.init_size();
    const auto bytes = reader.read(0, static_cast<std::size_t>(scanner.init_size()) + most_behind);
    if (!bytes) return tl::unexpected(bytes.error());
    lead.said = format::fmp4::read_recording_lead(*bytes, scanner.init_size());
    describe(bytes->first(static_cast<std::size_t>(scanner.init_size())), lead.file);
    if (lead.said.began) lead.file.started_at = *lead.said.began;
    if (lead.said.duration) lead.file.duration = *lead.said.duration;
    return lead;
}

// Reads the heads of the fragments in the first `there` bytes.
struct Fragments {
    FileIndex index;
    std::uint64_t end = 0;  // of the last whole one
    bool has_index = false;
};
DiskResult<Fragments> read_fragments(Reader& reader, std::uint64_t there) {
    Fragments found;
    format::fmp4::FragmentScanner scanner(there);
    while (const auto range = scanner.next()) {
        const auto bytes = reader.read(range->offset, range->size);
        if (!bytes) return tl::unexpected(bytes.error());
        const auto fragment = scanner.take(*bytes);
        if (!fragment) continue;
        if (found.index.fragments() == 0) found.index = FileIndex(scanner.tracks());
        found.index.add(*fragment);
    }
    found.end = scanner.end();
    found.has_index = scanner.has_index();
    return found;
}

}  // namespace

DiskResult<media::RecordingFile> look_at(File& file, const std::string& asset_id, std::uint32_t number) {
    // mfro (ISO/IEC 14496-12, 8.8.11): the index ends with its own size.
    constexpr std::uint32_t mfro = 0x6d66726f;
    constexpr std::size_t mfro_size = 16;
    const auto size = file.size();
    if (!size) return tl::unexpected(size.error());
    Reader reader(file);
    auto lead = read_lead(reader, *size, asset_id, number);
    if (!lead) return tl::unexpected(lead.error());
    const auto end = reader.read(*size - std::min<std::uint64_t>(*size, mfro_size), mfro_size);
    if (!end) return tl::unexpected(end.error());
    base::ByteReader last(*end);
    const bool its_size = last.u32() == mfro_size;
    lead->file.complete = its_size && last.u32() == mfro && !last.failed() && lead->file.duration.count() > 0;
    if (lead->file.complete) return std::move(lead->file);
    const auto fragments = read_fragments(reader, *size);
    if (!fragments) return tl::unexpected(fragments.error());
    lead->file.duration = fragments->index.duration();
    return std::move(lead->file);
}

DiskResult<Mended> mend(File& file, const std::string& asset_id, std::uint32_t number, std::uint64_t safe) {
    const auto size = file.size();
    if (!size) return tl::unexpected(size.error());
    const std::uint64_t there = std::min(*size, safe);
    if (there == *size)
        if (auto seen = look_at(file, asset_id, number); seen && seen->complete)
            return Mended{.file = std::move(*seen), .empty = false};
    Reader reader(file);
    auto lead = read_lead(reader, there, asset_id, number);
    if (!lead && lead.error().problem != DiskProblem::missing) return tl::unexpected(lead.error());
    if (!lead) {
        Mended nothing;
        nothing.empty = there <= max_torn;
        if (!nothing.empty) return disk_failure(DiskProblem::missing, "not a recording");
        return nothing;
    }

    Mended mended{.file = std::move(lead->file), .empty = false};
    auto found = read_fragments(reader, there);
    if (!found) return tl::unexpected(found.error());
    if (found->index.fragments() == 0) {
        mended.empty = there - found->end <= max_torn;
        if (!mended.empty) return disk_failure(DiskProblem::missing, "a recording without a whole fragment");
        return mended;
    }
    mended.file.duration = found->index.duration();
    mended.file.complete = true;
    // Or it was killed before it said how long it is.
    if (found->has_index && there == *size && lead->said.duration) return mended;
    if (!found->has_index || there != *size)
        if (auto ok = file.truncate(found->end); !ok) return tl::unexpected(ok.error());
    const auto closed = append_index(file, found->index, found->end);
    if (!closed) return tl::unexpected(closed.error());
    mended.file.size = *closed;
    if (auto told = tell_duration(file, found->index, lead->said.duration_at); !told)
        return tl::unexpected(told.error());
    return mended;
}

}  // namespace output::record
