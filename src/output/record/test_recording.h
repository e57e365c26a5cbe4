// What the tests of recordings share: a disk that breaks when it is told to, and what is told of a recording.
#pragma once

#include <fstream>
#include <functional>

#include "output/cmaf/test_show.h"
#include "output/cmaf/track.h"
#include "output/record/mend.h"
#include "output/record/posix_disk.h"
#include "output/record/recording.h"
#include "support/decoding.h"

namespace output::record::test {

using namespace cmaf::test;
using media::RecordingProblem;

// A disk that breaks when it is told to. What was written before stays.
struct Faults {
    int calls = 0;
    int fail_from = -1;  // the number of the call, counted over all files
    int fail_until = 1'000'000;
    DiskProblem problem = DiskProblem::failed;
    bool half = false;  // a write that fails has written half
    bool dead = false;  // after it nothing is done any more, as after a kill
    int syncs = 0;
    int fail_sync = -1;                  // the number of the flush
    base::ManualClock* clock = nullptr;  // that a flush moves
    std::chrono::milliseconds sync_takes{0};
    int folder_syncs = 0;
    int fail_folder_sync = -1;
    int opened = 0;          // files that were there before
    std::uint64_t safe = 0;  // of the file that was flushed last
    std::optional<Recordings::Space> space = {};

    bool fails() {
        ++calls;
        return fail_from >= 0 && calls >= fail_from && calls < fail_until;
    }
    bool is_dead() const { return dead && fail_from >= 0 && calls >= fail_from; }
};

class FaultyFile final : public File {
  public:
    FaultyFile(std::unique_ptr<File> file, Faults& faults) : file_(std::move(file)), faults_(faults) {}
    DiskResult<> write(std::uint64_t offset, std::span<const iovec> parts) override {
        if (!faults_.fails()) return file_->write(offset, parts);
        if (faults_.half) (void)file_->write(offset, parts.first(parts.size() / 2));
        return disk_failure(faults_.problem, "injected");
    }
    DiskResult<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> into) override {
        return file_->read(offset, into);
    }
    DiskResult<> sync() override {
        ++faults_.syncs;
        if (faults_.clock != nullptr) faults_.clock->advance(faults_.sync_takes);
        if (faults_.fails() || faults_.syncs == faults_.fail_sync)
            return disk_failure(faults_.problem, "injected");
        faults_.safe = file_->size().value();
        return file_->sync();
    }
    DiskResult<> truncate(std::uint64_t size) override {
        if (faults_.is_dead()) return disk_failure(faults_.problem, "injected");
        return file_->truncate(size);
    }
    DiskResult<std::uint64_t> size() override { return file_->size(); }

  private:
    std::unique_ptr<File> file_;
    Faults& faults_;
};

class FaultyDisk final : public Disk {
  public:
    explicit FaultyDisk(std::filesystem::path folder) : disk_(std::move(folder)) {}
    DiskResult<std::unique_ptr<File>> create(const std::string& id, std::uint32_t number) override {
        return wrap(disk_.create(id, number));
    }
    DiskResult<std::unique_ptr<File>> open(const std::string& id, std::uint32_t number) override {
        ++faults.opened;
        return wrap(disk_.open(id, number));
    }
    DiskResult<std::unique_ptr<File>> look(const std::string& id, std::uint32_t number) override {
        return disk_.look(id, number);
    }
    DiskResult<std::vector<std::uint32_t>> list(const std::string& id) override { return disk_.list(id); }
    DiskResult<> remove(const std::string& id, std::uint32_t number) override {
        if (faults.is_dead()) return disk_failure(faults.problem, "injected");
        return disk_.remove(id, number);
    }
    DiskResult<> remove_folder(const std::string& id) override { return disk_.remove_folder(id); }
    DiskResult<> sync_folder(const std::string& id) override {
        if (++faults.folder_syncs == faults.fail_folder_sync) return disk_failure(faults.problem, "injected");
        return disk_.sync_folder(id);
    }
    DiskResult<Recordings::Space> space() override {
        if (faults.space) return *faults.space;
        return disk_.space();
    }
    Faults faults;

  private:
    DiskResult<std::unique_ptr<File>> wrap(DiskResult<std::unique_ptr<File>> file) {
        if (!file) return file;
        return std::make_unique<FaultyFile>(std::move(*file), faults);
    }
    PosixDisk disk_;
};

struct Told final : media::EventSink {
    void publish(media::Event event) override { events.push_back(std::move(event)); }
    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const auto& event : events)
            if (const T* it = std::get_if<T>(&event)) found.push_back(*it);
        return found;
    }
    std::vector<media::Event> events;
};

class RecordingTest : public test_support::Decoding {
  protected:
    static constexpr const char* asset = "as_1";

    void SetUp() override {
        test_support::Decoding::SetUp();
        if (!IsSkipped()) disk = std::make_unique<FaultyDisk>(path("recordings"));
    }

    std::unique_ptr<Recording> begin(const RecordingSettings& settings = {}) {
        return std::make_unique<Recording>(asset, settings,
                                           RecordingUses{*disk, told, clock, base::Logger(), counters});
    }
    std::string file(int number) const {
        return path("recordings/" + std::string(asset) + "/" + std::to_string(number) + ".mp4");
    }
    // All that a show has, at the pace of its media.
    void play(
        Recording& recording, const std::vector<cmaf::Event>& events,
        const std::function<bool()>& goes_on = [] { return true; }) {
        for (const cmaf::Event& event : events) {
            if (!goes_on()) return;
            if (std::get_if<cmaf::InitChanged>(&event)) recording.on_init();
            if (const auto* ready = std::get_if<cmaf::PartReady>(&event)) {
                clock.advance(ready->part->duration);
                recording.on_part(*ready->part);
                recording.tick();
            }
        }
    }
    base::Bytes bytes_of(int number) const {
        std::ifstream in(file(number), std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    // All of it is whole.
    std::vector<format::fmp4::RecordedFragment> fragments_of(int number, bool index = true) const {
        const base::Bytes bytes = bytes_of(number);
        std::vector<format::fmp4::RecordedFragment> found;
        format::fmp4::FragmentScanner scanner(bytes.size());
        while (const auto range = scanner.next())
            if (auto fragment = scanner.take(base::ByteView(bytes).subspan(range->offset, range->size)))
                found.push_back(std::move(*fragment));
        EXPECT_FALSE(scanner.problem()) << scanner.problem()->message;
        EXPECT_EQ(scanner.has_index(), index);
        if (!index) {
            EXPECT_EQ(scanner.end(), bytes.size());
        }
        return found;
    }
    std::uint64_t samples_of(int number) const {
        std::uint64_t samples = 0;
        for (const auto& fragment : fragments_of(number))
            for (const auto& run : fragment.runs) samples += run.samples;
        return samples;
    }

    std::unique_ptr<FaultyDisk> disk;
    Told told;
    base::ManualClock clock;
    RecordingCounters counters;
};

// 25 pictures and 43 sounds a second, a keyframe each second. Any payload will do here.
inline std::vector<cmaf::Event> show_of(int seconds, Timestamp from = 0us) {
    Show show({.segment_target = 1'000ms, .part_target = 334ms});
    show.announce("h264", from);
    show.announce("aac", from);
    for (int i = 0; i < 25 * seconds; ++i) {
        show.video(from + i * 40ms, i % 25 == 0, 0us, 400);
        show.audio(from + i * 40ms, 90);
        show.audio(from + i * 40ms + 21ms, 90);
    }
    show.end();
    return std::move(show.events);
}

inline std::uint64_t frames_in(const std::vector<cmaf::Event>& events) {
    std::uint64_t frames = 0;
    for (const auto& event : events)
        if (const auto* ready = std::get_if<cmaf::PartReady>(&event)) frames += ready->part->frames.size();
    return frames;
}

}  // namespace output::record::test
