// Recording: one asset, from its start to its stop: a file for each codec configuration, what is done when
// the disk is full or fails, and what is told of it. Owned by a recorder; one writer thread, but for files().
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "base/clock.h"
#include "base/log.h"
#include "media/event_sink.h"
#include "output/record/file_writer.h"

namespace output::record {

struct RecordingSettings {
    // What was written is safe on the disk after this, and before two seconds are over.
    std::chrono::milliseconds flush_every{1'000};
    std::chrono::milliseconds tell_every{10'000};
    // After the disk was full or failed.
    std::chrono::milliseconds retry_every{5'000};
    // How often it is asked how much room is left.
    std::chrono::milliseconds look_every{1'000};
};

// What is left free: a database stands on the same disk. A recording begins again with twice as much; of
// small disks it is a part.
inline constexpr std::uint64_t kept_free = 32 * 1024 * 1024;
inline constexpr std::uint64_t kept_free_part = 32;
// Each codec configuration and each failure of the disk takes one. An encoder that changes all the time gets
// no more.
inline constexpr std::uint32_t max_files = 1'000;

struct RecordingCounters {
    std::atomic<std::uint64_t> bytes_written{0};
    std::atomic<std::uint64_t> parts_dropped{0};
    std::atomic<std::uint64_t> disk_errors{0};
};

struct RecordingUses {
    Disk& disk;
    media::EventSink& events;
    const base::Clock& clock;
    base::Logger log;
    RecordingCounters& counters;
};

class Recording {
  public:
    Recording(std::string asset_id, const RecordingSettings& settings, RecordingUses uses);

    void on_init();
    void on_part(const cmaf::Part& part);
    // Parts before the next one were dropped, because the disk was too slow.
    void on_gap();
    // The same, told as it happens. Any thread.
    void on_overflow();
    void on_left_out(std::string reason);
    void on_stream_end();
    // Ends the file. With `for_good` what could not be ended before is mended, and RecordingStopped told.
    void stop(bool for_good);

    // Flushes what is due; when there is something to do again.
    base::MonotonicTime tick();
    // Any thread.
    std::vector<media::RecordingFile> files() const;

  private:
    bool begin_file(const cmaf::Part& first);
    bool has_room();
    void end_file();
    DiskResult<> close_whole();
    DiskResult<> make_name_safe();
    void flush();
    void on_failure(const DiskFailure& failure);
    void put_off();
    void leave_file(const std::string& why);
    void mend_all();
    void keep(const media::RecordingFile& file);
    void tell(media::RecordingProblem problem, std::string message);

    const std::string asset_id_;
    const RecordingSettings settings_;
    const RecordingUses uses_;

    std::unique_ptr<FileWriter> file_;
    std::uint32_t last_number_ = 0;
    bool numbered_ = false;
    bool named_ = false;  // the file's name is safe
    base::MonotonicTime flushed_at_{};
    base::MonotonicTime told_at_{};
    base::MonotonicTime looked_at_{};
    // After a failure nothing is written before this.
    std::optional<base::MonotonicTime> retry_at_;
    std::atomic<media::RecordingProblem> problem_{media::RecordingProblem::none};
    std::string message_;
    // What is wrong with the files, and stays so.
    std::string damage_;
    // Files that could not be ended for want of room, and up to where they are known.
    std::map<std::uint32_t, std::uint64_t> unfinished_;
    // Files that the disk failed. They stay as they are.
    std::set<std::uint32_t> left_;

    mutable std::mutex mutex_;
    std::map<std::uint32_t, media::RecordingFile> files_;  // guarded
};

// Those of an asset that can be played, of which the disk knows.
std::vector<media::RecordingFile> files_on(Disk& disk, const std::string& asset_id);
// Mends each file of the asset that is not complete, but none that is being written: that is busy. `safe` as
// mend()'s; `left` are not touched, nor given. Gives the first failure; what could be mended is.
DiskResult<std::vector<media::RecordingFile>> mend_asset(Disk& disk, const std::string& asset_id,
                                                         const std::map<std::uint32_t, std::uint64_t>& safe,
                                                         const std::set<std::uint32_t>& left = {});

}  // namespace output::record
