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
    DiskResult<> flush();
    // The index, and then what fills the head's room. After an error the file is as a crash would leave it.
    DiskResult<> finish();

    // Its size is what is safe.
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

// Closes a file whose fragments are known: appends the index, and fills the head's room. `end` is behind the
// last fragment. Gives the file's size then. For FileWriter and whoever mends what a crash left.
DiskResult<std::uint64_t> close_file(File& file, FileIndex& index, std::uint64_t duration_at,
                                     std::uint64_t end);

}  // namespace output::record
