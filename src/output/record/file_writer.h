// FileWriter: one file of a recording, from its head to its index. Fragments are appended, nothing of them is
// written twice; what is known only at the end goes into room that the head kept. Owned by a Recording; its
// writer thread.
#pragma once

#include "output/cmaf/part.h"
#include "output/record/disk.h"
#include "output/record/file_index.h"

namespace output::record {

class FileWriter {
  public:
    // `file` is empty. `first` is the part that it will begin with. Errors: failed (a head that is not ours).
    static DiskResult<std::unique_ptr<FileWriter>> begin(std::unique_ptr<File> file,
                                                         media::RecordingFile named, const cmaf::Part& first);

    // Of the same init as the first one. After an error: cut(), then finish(), or nothing more.
    DiskResult<> append(const cmaf::Part& part);
    // Away with what was written of a part that did not fit.
    DiskResult<> cut();
    // Away with all that is not known to be safe.
    DiskResult<> cut_to_safe();
    DiskResult<> flush();
    // The index, and then what fills the head's room. An error of a write leaves the file as a crash would;
    // one of a flush is `failed`, and what was not safe before may be lost.
    DiskResult<> finish();

    // Size and duration are of what is safe.
    const media::RecordingFile& facts() const { return facts_; }
    std::uint64_t end() const { return end_; }  // of what was written
    bool dirty() const { return end_ != facts_.size; }

  private:
    FileWriter(std::unique_ptr<File> file, media::RecordingFile named)
        : file_(std::move(file)), facts_(named) {}

    std::unique_ptr<File> file_;
    media::RecordingFile facts_;
    FileIndex index_;
    std::vector<format::fmp4::RecordedTrack> tracks_;
    // What decode times are set back by, of each track, and of all.
    std::vector<std::uint64_t> back_;
    base::Bytes lead_;  // until it is written
    std::uint64_t duration_at_ = 0;
    std::uint64_t end_ = 0;
    std::vector<iovec> parts_;
};

// Closes a file whose fragments are known, `end` being behind the last one. For FileWriter and whoever mends
// what a crash left. First the index; gives the file's size then, when it is safe.
DiskResult<std::uint64_t> append_index(File& file, FileIndex& index, std::uint64_t end);
// Then what fills the head's room: only a file that has all the rest says how long it is.
DiskResult<> tell_duration(File& file, const FileIndex& index, std::uint64_t duration_at);

}  // namespace output::record
