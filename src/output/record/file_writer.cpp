#include "output/record/file_writer.h"

#include <algorithm>

#include "output/cmaf/track.h"

namespace output::record {
namespace {

iovec piece(base::ByteView bytes) {
    return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
}

DiskResult<> write(File& file, std::uint64_t offset, base::ByteView bytes) {
    const iovec one = piece(bytes);
    return file.write(offset, std::span(&one, 1));
}

std::string join(const std::vector<cmaf::InitTrack>& tracks) {
    std::string text;
    for (const cmaf::InitTrack& track : tracks) text += (text.empty() ? "" : ",") + track.codec_string;
    return text;
}

// Whatever it says: what was written may be lost, and room would not bring it back.
DiskResult<> sync(File& file) {
    if (auto safe = file.sync(); !safe) return disk_failure(DiskProblem::failed, safe.error().text);
    return {};
}

}  // namespace

DiskResult<std::uint64_t> append_index(File& file, FileIndex& index, std::uint64_t end) {
    for (;;) {
        const base::Bytes bytes = index.index();
        auto written = write(file, end, bytes);
        if (written) {
            if (auto safe = sync(file); !safe) {
                // Else the next who looks would find it in the cache, and take it for safe.
                (void)file.truncate(end);
                return tl::unexpected(safe.error());
            }
            return end + bytes.size();
        }
        (void)file.truncate(end);
        // A coarser one needs less room on a full disk.
        if (written.error().problem != DiskProblem::full || !index.thin())
            return tl::unexpected(written.error());
    }
}

DiskResult<> tell_duration(File& file, const FileIndex& index, std::uint64_t duration_at) {
    if (duration_at == 0) return {};
    if (auto written = write(file, duration_at, format::fmp4::write_duration(index.duration())); !written)
        return disk_failure(DiskProblem::failed, written.error().text);
    return sync(file);
}

DiskResult<std::unique_ptr<FileWriter>> FileWriter::begin(std::unique_ptr<File> file,
                                                          media::RecordingFile named,
                                                          const cmaf::Part& first) {
    std::unique_ptr<FileWriter> writer(new FileWriter(std::move(file), std::move(named)));
    const cmaf::Init& init = *first.init;
    auto lead = format::fmp4::write_recording_lead(init.bytes, first.program_date_time);
    if (!lead) return disk_failure(DiskProblem::failed, lead.error().message);
    writer->duration_at_ = lead->duration_at;
    writer->lead_ = std::move(lead->bytes);
    writer->facts_.init_size = lead->init_size;
    writer->facts_.width = init.width;
    writer->facts_.height = init.height;
    writer->facts_.codecs = join(init.tracks);
    writer->facts_.started_at = first.program_date_time;
    for (const cmaf::InitTrack& track : init.tracks)
        writer->tracks_.push_back({track.id, track.timescale, track.codec});
    writer->index_ = FileIndex(writer->tracks_);

    // Its own time begins with the first sample of any track.
    base::Bytes head = first.head;
    const std::vector<std::uint64_t> nothing(writer->tracks_.size(), 0);
    const auto runs = format::fmp4::set_back(head, writer->tracks_, nothing);
    if (!runs) return disk_failure(DiskProblem::failed, runs.error().message);
    media::Timestamp begin = first.start;
    for (const auto& run : *runs)
        for (const auto& track : writer->tracks_)
            if (track.id == run.track)
                begin = std::min(
                    begin, cmaf::from_ticks(static_cast<std::int64_t>(run.decode_time), track.timescale));
    for (const auto& track : writer->tracks_)
        writer->back_.push_back(static_cast<std::uint64_t>(cmaf::to_ticks(begin, track.timescale)));
    return writer;
}

DiskResult<> FileWriter::append(const cmaf::Part& part) {
    base::Bytes head = part.head;
    auto runs = format::fmp4::set_back(head, tracks_, back_);
    if (!runs) return disk_failure(DiskProblem::failed, runs.error().message);
    parts_.clear();
    const std::uint64_t offset = end_ + lead_.size();
    if (!lead_.empty()) parts_.push_back(piece(lead_));
    parts_.push_back(piece(head));
    for (const media::FramePtr& frame : part.frames) parts_.push_back(piece(frame->payload()));
    if (auto written = file_->write(end_, parts_); !written) return written;
    lead_.clear();
    end_ = offset + part.size;
    index_.add({.sequence = 0, .offset = offset, .size = part.size, .runs = std::move(*runs)});
    return {};
}

DiskResult<> FileWriter::cut() {
    return file_->truncate(end_);
}

DiskResult<> FileWriter::cut_to_safe() {
    return file_->truncate(facts_.size);
}

DiskResult<> FileWriter::flush() {
    if (!dirty()) return {};
    if (auto safe = sync(*file_); !safe) return safe;
    facts_.size = end_;
    facts_.duration = index_.duration();
    return {};
}

DiskResult<> FileWriter::finish() {
    const auto size = append_index(*file_, index_, end_);
    if (!size) return tl::unexpected(size.error());
    facts_.size = end_ = *size;
    facts_.duration = index_.duration();
    if (auto told = tell_duration(*file_, index_, duration_at_); !told) return told;
    facts_.complete = true;
    return {};
}

}  // namespace output::record
