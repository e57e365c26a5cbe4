#include "output/record/recording.h"

#include <algorithm>

#include "output/record/mend.h"

namespace output::record {

using media::RecordingProblem;

Recording::Recording(std::string asset_id, const RecordingSettings& settings, RecordingUses uses)
    : asset_id_(std::move(asset_id)), settings_(settings), uses_(std::move(uses)) {}

void Recording::on_init() {
    end_file();
}

void Recording::on_part(const cmaf::Part& part) {
    const auto now = uses_.clock.now();
    if (retry_at_ && now < *retry_at_) {
        ++uses_.counters.parts_dropped;
        return;
    }
    if (!file_ && !(part.independent && begin_file(part))) {
        ++uses_.counters.parts_dropped;
        return;
    }
    if (now >= looked_at_ + settings_.look_every && !has_room()) {
        ++uses_.counters.parts_dropped;
        return on_failure({DiskProblem::full, "no room is left on the disk"});
    }
    if (auto written = file_->append(part); !written) {
        ++uses_.counters.parts_dropped;
        return on_failure(written.error());
    }
    uses_.counters.bytes_written += part.size;
    if (now >= flushed_at_ + settings_.flush_every) flush();
}

void Recording::on_gap() {
    // A disk that is full as well stays so until it has room.
    if (problem_ == RecordingProblem::none) problem_ = RecordingProblem::disk_slow;
}

void Recording::on_overflow() {
    if (problem_ != RecordingProblem::none) return;
    uses_.events.publish(media::RecordingTrouble{asset_id_, RecordingProblem::disk_slow,
                                                 "The disk is too slow for the recording: it has a gap."});
}

void Recording::on_left_out(std::string reason) {
    message_ = std::move(reason);
}

void Recording::on_stream_end() {
    end_file();
}

bool Recording::begin_file(const cmaf::Part& first) {
    const auto now = uses_.clock.now();
    if (!numbered_) {
        const auto numbers = uses_.disk.list(asset_id_);
        if (!numbers) {
            on_failure(numbers.error());
            return false;
        }
        if (!numbers->empty()) last_number_ = numbers->back();
        numbered_ = true;
    }
    if (problem_ == RecordingProblem::disk_full && !has_room()) {
        retry_at_ = now + settings_.retry_every;
        return false;
    }
    if (last_number_ >= max_files) {
        tell(RecordingProblem::unsupported,
             "The recording has too many files: the encoder changed what it sends too often.");
        retry_at_ = base::MonotonicTime::max();
        return false;
    }
    auto file = uses_.disk.create(asset_id_, last_number_ + 1);
    if (!file) {
        // Somebody else's: the next number is tried with the next keyframe.
        if (file.error().problem == DiskProblem::exists)
            ++last_number_;
        else
            on_failure(file.error());
        return false;
    }
    ++last_number_;
    media::RecordingFile named;
    named.asset_id = asset_id_;
    named.number = last_number_;
    auto writer = FileWriter::begin(std::move(*file), std::move(named), first);
    if (!writer) {
        (void)uses_.disk.remove(asset_id_, last_number_);
        on_failure(writer.error());
        return false;
    }
    file_ = std::move(*writer);
    retry_at_.reset();
    named_ = false;
    // Its first part is flushed and told of at once.
    flushed_at_ = told_at_ = now - std::max(settings_.flush_every, settings_.tell_every);
    uses_.log.info("recording to a file", {{"asset", asset_id_}, {"file", last_number_}});
    return true;
}

bool Recording::has_room() {
    looked_at_ = uses_.clock.now();
    const auto space = uses_.disk.space();
    // Then writing will tell.
    if (!space) return true;
    const std::uint64_t kept = std::min(kept_free, space->total / kept_free_part);
    return space->free >= (problem_ == RecordingProblem::disk_full ? 2 * kept : kept);
}

void Recording::flush() {
    if (!file_) return;
    auto safe = file_->flush();
    const auto now = uses_.clock.now();
    // From its end on: behind a slow one all that has come since is written before the next.
    flushed_at_ = now;
    if (safe) safe = make_name_safe();
    if (!safe) return on_failure(safe.error());
    keep(file_->facts());
    if (problem_ != RecordingProblem::none) tell(RecordingProblem::none, {});
    if (now < told_at_ + settings_.tell_every) return;
    told_at_ = now;
    uses_.events.publish(media::RecordingProgress{file_->facts()});
}

DiskResult<> Recording::make_name_safe() {
    if (named_) return {};
    if (auto safe = uses_.disk.sync_folder(asset_id_); !safe)
        return disk_failure(DiskProblem::failed, safe.error().text);
    named_ = true;
    return {};
}

void Recording::end_file() {
    if (!file_) return;
    if (auto done = close_whole(); !done) on_failure(done.error());
}

DiskResult<> Recording::close_whole() {
    if (auto done = file_->finish(); !done) return done;
    if (auto safe = make_name_safe(); !safe) return safe;
    keep(file_->facts());
    uses_.events.publish(media::RecordingProgress{file_->facts()});
    file_.reset();
    return {};
}

void Recording::on_failure(const DiskFailure& failure) {
    const bool full = failure.problem == DiskProblem::full;
    ++uses_.counters.disk_errors;
    retry_at_ = uses_.clock.now() + settings_.retry_every;
    if (file_ && full) {
        // A disk that is full keeps what it has.
        const bool cut = file_->cut() && file_->end() > 0;
        const auto closed = cut ? close_whole() : DiskResult<>(tl::unexpected(failure));
        if (!closed && closed.error().problem == DiskProblem::full)
            put_off();
        else if (!closed)
            leave_file(closed.error().text);
    } else if (file_) {
        leave_file(failure.text);
    }
    if (full)
        tell(RecordingProblem::disk_full,
             "The disk is full. The recording goes on when there is room again.");
    else
        tell(RecordingProblem::disk_failed, "The disk fails: " + failure.text + ".");
    uses_.log.warn("recording failed", {{"asset", asset_id_}, {"error", failure.text}});
}

// It is ended at the stop, when there may be room.
void Recording::put_off() {
    const media::RecordingFile facts = file_->facts();
    const std::uint64_t end = file_->end();
    file_.reset();
    if (end == 0 && uses_.disk.remove(asset_id_, facts.number)) {
        --last_number_;
        return;
    }
    unfinished_[facts.number] = end == 0 ? std::numeric_limits<std::uint64_t>::max() : end;
    if (facts.size == 0 || !named_) return;
    keep(facts);
    uses_.events.publish(media::RecordingProgress{facts});
}

// It ends where it was safe, without an index, and the disk is not asked for it again: after a flush that
// failed, what a second one says is worth nothing.
void Recording::leave_file(const std::string& why) {
    const media::RecordingFile facts = file_->facts();
    (void)file_->cut_to_safe();
    file_.reset();
    left_.insert(facts.number);
    damage_ = "The disk failed, and file " + std::to_string(facts.number) +
              " of the recording ends where it was safe: " + why + ".";
    if (facts.size == 0 || !named_) {
        (void)uses_.disk.remove(asset_id_, facts.number);
        return;
    }
    keep(facts);
    uses_.events.publish(media::RecordingProgress{facts});
}

void Recording::stop(bool for_good) {
    end_file();
    if (!for_good) return;
    mend_all();
    media::RecordingStopped stopped;
    stopped.asset_id = asset_id_;
    stopped.files = static_cast<std::uint32_t>(files().size());
    stopped.message = damage_.empty() ? message_ : damage_;
    uses_.log.info("recording stopped", {{"asset", asset_id_}, {"files", stopped.files}});
    uses_.events.publish(std::move(stopped));
}

void Recording::mend_all() {
    const auto mended = mend_asset(uses_.disk, asset_id_, unfinished_, left_);
    if (mended) {
        const std::lock_guard lock(mutex_);
        std::erase_if(files_, [&](const auto& entry) { return !left_.contains(entry.first); });
        for (const auto& file : *mended) files_[file.number] = file;
        return;
    }
    ++uses_.counters.disk_errors;
    damage_ = "A file of the recording could not be finished: " + mended.error().text + ".";
    uses_.log.warn("a recording's file could not be finished",
                   {{"asset", asset_id_}, {"error", mended.error().text}});
}

base::MonotonicTime Recording::tick() {
    if (!file_) return base::MonotonicTime::max();
    if (uses_.clock.now() >= flushed_at_ + settings_.flush_every && file_->dirty()) flush();
    return file_ && file_->dirty() ? flushed_at_ + settings_.flush_every : base::MonotonicTime::max();
}

std::vector<media::RecordingFile> Recording::files() const {
    const std::lock_guard lock(mutex_);
    std::vector<media::RecordingFile> all;
    for (const auto& [number, file] : files_) all.push_back(file);
    return all;
}

void Recording::keep(const media::RecordingFile& file) {
    const std::lock_guard lock(mutex_);
    files_[file.number] = file;
}

void Recording::tell(RecordingProblem problem, std::string message) {
    if (problem_ == problem) return;
    problem_ = problem;
    message_ = message;
    uses_.events.publish(media::RecordingTrouble{asset_id_, problem, std::move(message)});
}

std::vector<media::RecordingFile> files_on(Disk& disk, const std::string& asset_id) {
    std::vector<media::RecordingFile> found;
    const auto numbers = disk.list(asset_id);
    if (!numbers) return found;
    for (const std::uint32_t number : *numbers) {
        const auto file = disk.look(asset_id, number);
        if (!file) continue;
        auto facts = look_at(**file, asset_id, number);
        if (facts) found.push_back(std::move(*facts));
    }
    return found;
}

DiskResult<std::vector<media::RecordingFile>> mend_asset(Disk& disk, const std::string& asset_id,
                                                         const std::map<std::uint32_t, std::uint64_t>& safe,
                                                         const std::set<std::uint32_t>& left) {
    const auto numbers = disk.list(asset_id);
    if (!numbers) return tl::unexpected(numbers.error());
    std::vector<media::RecordingFile> whole;
    std::optional<DiskFailure> problem;
    for (const std::uint32_t number : *numbers) {
        if (left.contains(number)) continue;
        const auto file = disk.open(asset_id, number);
        const auto known = safe.find(number);
        const auto mended =
            file ? mend(**file, asset_id, number,
                        known == safe.end() ? std::numeric_limits<std::uint64_t>::max() : known->second)
                 : DiskResult<Mended>(tl::unexpected(file.error()));
        if (mended && !mended->empty) whole.push_back(mended->file);
        if (mended && mended->empty) (void)disk.remove(asset_id, number);
        // Not ours. One that is being written is not known to its end yet.
        if (!mended && mended.error().problem != DiskProblem::missing && !problem) problem = mended.error();
    }
    if (problem) return tl::unexpected(*problem);
    return whole;
}

}  // namespace output::record
