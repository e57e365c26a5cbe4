// A recording on a real folder and on a disk that fails, fills up, or is killed at each of its calls.
#include "output/record/recording.h"

#include <fstream>
#include <functional>

#include "output/cmaf/test_show.h"
#include "output/cmaf/track.h"
#include "output/record/mend.h"
#include "output/record/posix_disk.h"
#include "support/decoding.h"

namespace output::record {
namespace {

using namespace cmaf::test;
using media::RecordingProblem;

// A disk that breaks when it is told to. What was written before stays.
struct Faults {
    int calls = 0;
    int fail_from = -1;  // the number of the call, counted over all files
    int fail_until = 1'000'000;
    DiskProblem problem = DiskProblem::failed;
    bool half = false;  // a write that fails has written half
    int syncs = 0;
    int fail_sync = -1;      // the number of the flush
    std::uint64_t safe = 0;  // of the file that was flushed last
    std::optional<Recordings::Space> space = {};

    bool fails() {
        ++calls;
        return fail_from >= 0 && calls >= fail_from && calls < fail_until;
    }
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
        if (faults_.fails() || faults_.syncs == faults_.fail_sync)
            return disk_failure(faults_.problem, "injected");
        faults_.safe = file_->size().value();
        return file_->sync();
    }
    DiskResult<> truncate(std::uint64_t size) override { return file_->truncate(size); }
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
        return wrap(disk_.open(id, number));
    }
    DiskResult<std::unique_ptr<File>> look(const std::string& id, std::uint32_t number) override {
        return disk_.look(id, number);
    }
    DiskResult<std::vector<std::uint32_t>> list(const std::string& id) override { return disk_.list(id); }
    DiskResult<> remove(const std::string& id, std::uint32_t number) override {
        return disk_.remove(id, number);
    }
    DiskResult<> remove_folder(const std::string& id) override { return disk_.remove_folder(id); }
    DiskResult<> sync_folder(const std::string& id) override { return disk_.sync_folder(id); }
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

    std::unique_ptr<Recording> begin() {
        return std::make_unique<Recording>(asset, RecordingSettings{},
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
    std::uint64_t samples_of(int number) const {
        const base::Bytes bytes = bytes_of(number);
        std::uint64_t samples = 0;
        format::fmp4::FragmentScanner scanner(bytes.size());
        while (const auto range = scanner.next())
            if (const auto fragment = scanner.take(base::ByteView(bytes).subspan(range->offset, range->size)))
                for (const auto& run : fragment->runs) samples += run.samples;
        EXPECT_FALSE(scanner.problem()) << scanner.problem()->message;
        EXPECT_TRUE(scanner.has_index());
        return samples;
    }

    std::unique_ptr<FaultyDisk> disk;
    Told told;
    base::ManualClock clock;
    RecordingCounters counters;
};

// 25 pictures and 43 sounds a second, a keyframe each second. Any payload will do here.
std::vector<cmaf::Event> show_of(int seconds, Timestamp from = 0us) {
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

std::uint64_t frames_in(const std::vector<cmaf::Event>& events) {
    std::uint64_t frames = 0;
    for (const auto& event : events)
        if (const auto* ready = std::get_if<cmaf::PartReady>(&event)) frames += ready->part->frames.size();
    return frames;
}

TEST_F(RecordingTest, every_frame_is_in_the_file_which_begins_at_zero_and_is_complete) {
    const auto events = show_of(6, 3'600s);
    const auto recording = begin();
    play(*recording, events);
    recording->stop(true);
    EXPECT_EQ(samples_of(1), frames_in(events));
    const auto stopped = told.all<media::RecordingStopped>();
    ASSERT_EQ(stopped.size(), 1u);
    EXPECT_EQ(stopped[0].files, 1u);
    EXPECT_TRUE(told.all<media::RecordingTrouble>().empty());

    const auto files = files_on(*disk, asset);
    ASSERT_EQ(files.size(), 1u);
    EXPECT_TRUE(files[0].complete);
    EXPECT_EQ(files[0].size, std::filesystem::file_size(file(1)));
    EXPECT_NEAR(static_cast<double>(files[0].duration.count()), 6'000, 150);
    EXPECT_EQ(files[0].width, 64);
    const auto progress = told.all<media::RecordingProgress>();
    ASSERT_GE(progress.size(), 2u);
    EXPECT_EQ(progress.front().file.number, 1u);
    EXPECT_GT(progress.front().file.size, 0u);
    const media::RecordingFile& last = progress.back().file;
    EXPECT_TRUE(last.complete);
    EXPECT_EQ(last.size, files[0].size);
    EXPECT_EQ(last.codecs, files[0].codecs);
    EXPECT_EQ(last.init_size, files[0].init_size);
    EXPECT_EQ(last.duration, files[0].duration);
    EXPECT_EQ(base::unix_millis(last.started_at), base::unix_millis(files[0].started_at));
    const std::string packets = test_support::run(
        "ffprobe -v quiet -select_streams v -show_entries packet=pts_time -of csv=p=0 " + file(1));
    EXPECT_EQ(packets.substr(0, 4), "0.00");
    EXPECT_EQ(std::count(packets.begin(), packets.end(), '\n'), 150);
    EXPECT_EQ(std::filesystem::status(file(1)).permissions(), std::filesystem::perms(0600));
    EXPECT_EQ(std::filesystem::status(path("recordings/as_1")).permissions(), std::filesystem::perms(0700));
}

TEST_F(RecordingTest, another_configuration_is_another_file) {
    const auto recording = begin();
    play(*recording, show_of(2));
    play(*recording, show_of(3));
    recording->stop(true);
    const auto files = files_on(*disk, asset);
    ASSERT_EQ(files.size(), 2u);
    EXPECT_TRUE(files[0].complete && files[1].complete);
    EXPECT_EQ(samples_of(2), frames_in(show_of(3)));
}

TEST_F(RecordingTest, wherever_it_is_killed_what_was_written_plays_and_becomes_complete) {
    const auto events = show_of(4);
    int calls = 0;
    {
        const auto recording = begin();
        play(*recording, events);
        recording->stop(true);
        calls = disk->faults.calls;
        std::filesystem::remove_all(path("recordings"));
    }
    ASSERT_GT(calls, 15);
    counters.bytes_written = 0;
    for (const bool half : {false, true}) {
        for (int at = 1; at <= calls; ++at) {
            SCOPED_TRACE(at);
            disk->faults = {};
            disk->faults.fail_from = at;
            disk->faults.half = half;
            std::uint64_t whole = 0;
            {
                const auto recording = begin();
                play(*recording, events, [&] {
                    if (disk->faults.calls < at) whole = counters.bytes_written;
                    return disk->faults.calls < at;
                });
                if (disk->faults.calls < at) recording->stop(false);
            }
            disk->faults = {};
            const auto mended = mend_asset(*disk, asset, {});
            ASSERT_TRUE(mended) << mended.error().text;
            const auto files = files_on(*disk, asset);
            ASSERT_EQ(files.size(), mended->size());
            if (!files.empty()) {
                EXPECT_TRUE(files[0].complete);
                EXPECT_GE(files[0].size, whole);
                EXPECT_GT(samples_of(1), 0u);
            } else {
                EXPECT_EQ(whole, 0u);
            }
            std::filesystem::remove_all(path("recordings"));
            counters.bytes_written = 0;
        }
    }
}

TEST_F(RecordingTest, a_full_disk_ends_the_file_and_room_begins_the_next) {
    const auto events = show_of(20);
    const auto recording = begin();
    disk->faults.fail_from = 11;
    disk->faults.fail_until = 12;
    disk->faults.problem = DiskProblem::full;
    disk->faults.half = true;
    play(*recording, events);
    recording->stop(true);
    const auto files = files_on(*disk, asset);
    ASSERT_EQ(files.size(), 2u);
    EXPECT_TRUE(files[0].complete && files[1].complete);
    const auto trouble = told.all<media::RecordingTrouble>();
    ASSERT_EQ(trouble.size(), 2u);
    EXPECT_EQ(trouble[0].problem, RecordingProblem::disk_full);
    EXPECT_EQ(trouble[1].problem, RecordingProblem::none);
    // It tries again after five seconds, and begins with a keyframe, of which there is one each second.
    EXPECT_GE(files[0].duration + files[1].duration, 13s);
    EXPECT_LE(files[0].duration + files[1].duration, 16s);
    EXPECT_GT(samples_of(1), 0u);
    EXPECT_GT(samples_of(2), 0u);
}

TEST_F(RecordingTest, what_did_not_fit_is_cut_off_whichever_write_it_was) {
    for (int call = 3; call <= 12; ++call) {
        SCOPED_TRACE(call);
        disk->faults = {};
        disk->faults.fail_from = call;
        disk->faults.fail_until = call + 1;
        disk->faults.problem = DiskProblem::full;
        disk->faults.half = true;
        {
            const auto recording = begin();
            play(*recording, show_of(4));
            recording->stop(false);
        }
        if (disk->faults.calls > call && files_on(*disk, asset)[0].complete) {
            EXPECT_GT(samples_of(1), 0u);
        }
        const auto mended = mend_asset(*disk, asset, {});
        ASSERT_TRUE(mended && !mended->empty());
        const base::Bytes bytes = bytes_of(1);
        EXPECT_EQ(base::to_hex(base::ByteView(bytes).last(12).first(4)), "6d66726f")
            << "something stands behind the index";
        std::filesystem::remove_all(path("recordings"));
    }
}

TEST_F(RecordingTest, begun_in_the_middle_of_a_stream_it_begins_at_zero) {
    const auto recording = begin();
    for (const cmaf::Event& event : show_of(8)) {
        const auto* ready = std::get_if<cmaf::PartReady>(&event);
        if (ready != nullptr && ready->part->start >= 4s) recording->on_part(*ready->part);
    }
    recording->stop(true);
    ASSERT_EQ(files_on(*disk, asset).size(), 1u);
    EXPECT_NEAR(static_cast<double>(files_on(*disk, asset)[0].duration.count()), 4'000, 150);
}

TEST_F(RecordingTest, it_stops_before_the_last_bytes_of_a_disk_and_waits_for_twice_as_much) {
    constexpr std::uint64_t total = std::uint64_t{10} << 30;
    const auto recording = begin();
    disk->faults.space = {kept_free, total};
    play(*recording, show_of(3));
    EXPECT_TRUE(told.all<media::RecordingTrouble>().empty());
    disk->faults.space = {kept_free - 1, total};
    play(*recording, show_of(8));
    EXPECT_EQ(told.all<media::RecordingTrouble>().size(), 1u);
    disk->faults.space = {2 * kept_free - 1, total};
    play(*recording, show_of(12));
    EXPECT_EQ(told.all<media::RecordingTrouble>().size(), 1u);
    disk->faults.space = {2 * kept_free, total};
    play(*recording, show_of(12));
    ASSERT_EQ(told.all<media::RecordingTrouble>().size(), 2u);
    EXPECT_EQ(told.all<media::RecordingTrouble>()[1].problem, RecordingProblem::none);
}

TEST_F(RecordingTest, after_a_failed_flush_the_file_is_left_and_ends_where_it_was_safe) {
    // The first one is of the first part alone.
    const auto recording = begin();
    disk->faults.fail_sync = 2;
    play(*recording, show_of(20));
    const auto trouble = told.all<media::RecordingTrouble>();
    ASSERT_EQ(trouble.size(), 2u);
    EXPECT_EQ(trouble[0].problem, RecordingProblem::disk_failed);
    recording->stop(true);
    const auto files = files_on(*disk, asset);
    ASSERT_EQ(files.size(), 2u);
    EXPECT_TRUE(files[0].complete && files[1].complete);
    EXPECT_EQ(files[0].duration.count() / 100, 3) << "more than was safe";
}

TEST_F(RecordingTest, nothing_outside_the_folder_is_touched) {
    std::filesystem::create_directories(path("recordings/as_1"));
    std::ofstream(path("secret")) << "mine";
    std::filesystem::create_symlink(path("secret"), path("recordings/as_1/1.mp4"));
    std::filesystem::create_symlink(path("."), path("recordings/as_2"));
    std::ofstream(path("recordings/as_1/notes.txt")) << "foreign";
    EXPECT_EQ(disk->list(asset)->size(), 0u);
    EXPECT_FALSE(disk->open(asset, 1));
    EXPECT_FALSE(disk->create(asset, 1));
    EXPECT_FALSE(disk->create("as_2", 7));
    for (const char* id : {"", "..", "as_", "as_../x", "a", "AS_1", "as_a/b", "as_a.b"}) {
        EXPECT_FALSE(disk->create(id, 1)) << id;
        EXPECT_TRUE(disk->list(id)->empty()) << id;
    }
    const auto recording = begin();
    play(*recording, show_of(2));
    recording->stop(true);
    EXPECT_TRUE(std::filesystem::is_symlink(file(1)));
    EXPECT_EQ(std::filesystem::file_size(path("secret")), 4u);
    EXPECT_TRUE(std::filesystem::exists(path("recordings/as_1/notes.txt")));
    EXPECT_EQ(files_on(*disk, asset).size(), 1u);
}

TEST_F(RecordingTest, what_is_being_written_is_not_mended) {
    const auto recording = begin();
    play(*recording, show_of(3));
    const auto before = std::filesystem::file_size(file(1));
    const auto mended = mend_asset(*disk, asset, {});
    ASSERT_FALSE(mended) << "the asset would end without it";
    EXPECT_EQ(mended.error().problem, DiskProblem::busy);
    EXPECT_EQ(std::filesystem::file_size(file(1)), before);
}

// ffprobe decodes all of it, and has nothing to say; a crash in the middle changes nothing of that.
TEST_F(RecordingTest, every_codec_alone_and_together_decodes_without_an_error) {
    struct Row {
        std::string video;
        std::string audio;
    };
    const std::vector<Row> rows{{"h264", "aac"}, {"hevc", "aac"}, {"av1", "opus"}, {"h264", ""},
                                {"hevc", ""},    {"av1", ""},     {"", "aac"},     {"", "opus"}};
    for (const Row& row : rows) {
        SCOPED_TRACE(row.video + " " + row.audio);
        std::string expected;
        Show show({.segment_target = 1'000ms, .part_target = 334ms});
        // In the order of their times, as an ingest has them.
        std::multimap<Timestamp, media::FramePtr> all;
        constexpr Timestamp lasts = 3s;
        for (const std::string& name : {row.video, row.audio}) {
            if (name.empty()) continue;
            show.announce(name);
            const auto& stream = format::fmp4::samples::stream(name);
            const Timestamp step = cmaf::from_ticks(stream.sample_duration, stream.timescale);
            int count = 0;
            Timestamp at = 0us;
            while (at < lasts) {
                for (const auto& sample : stream.samples) {
                    media::Frame frame;
                    frame.codec = stream.codec;
                    frame.kind = stream.sample_rate > 0 ? Kind::audio : Kind::video;
                    frame.keyframe = sample.keyframe;
                    frame.cts = cmaf::from_ticks(sample.composition_offset, stream.timescale);
                    frame.tag = base::SharedBytes(base::from_hex(sample.bytes));
                    all.emplace(at, std::make_shared<const media::Frame>(std::move(frame)));
                    at += step;
                    ++count;
                }
            }
            expected += name + "|" + std::to_string(count) + "\n";
        }
        for (const auto& [at, frame] : all) show.push(frame, at);
        show.end();
        {
            const auto recording = begin();
            play(*recording, show.events);
            recording->stop(true);
        }
        EXPECT_EQ(frames_of(file(1)), expected);
        const auto whole = files_on(*disk, asset);
        ASSERT_EQ(whole.size(), 1u);
        EXPECT_TRUE(whole[0].complete);
        EXPECT_EQ(whole[0].width > 0, !row.video.empty());
        EXPECT_EQ(std::count(whole[0].codecs.begin(), whole[0].codecs.end(), ','),
                  row.video.empty() || row.audio.empty() ? 0 : 1);

        // Of the same file what a kill leaves.
        const std::uint64_t lead = whole[0].init_size;
        std::filesystem::resize_file(file(1), lead + (whole[0].size - lead) * 2 / 3);
        ASSERT_TRUE(mend_asset(*disk, asset, {}));
        const std::string mended = frames_of(file(1));
        EXPECT_EQ(std::count(mended.begin(), mended.end(), '\n'),
                  row.video.empty() || row.audio.empty() ? 1 : 2)
            << mended;
        EXPECT_EQ(files_on(*disk, asset)[0].codecs, whole[0].codecs);
        EXPECT_TRUE(disk->remove(asset, 1));
    }
}

TEST_F(RecordingTest, what_is_told_is_flushed_and_no_more) {
    const auto events = show_of(12);
    const auto recording = begin();
    std::size_t seen = 0;
    base::MonotonicTime flushed = clock.now();
    int syncs = disk->faults.syncs;
    play(*recording, events, [&] {
        if (disk->faults.syncs != syncs) flushed = clock.now();
        syncs = disk->faults.syncs;
        EXPECT_LE(clock.now() - flushed, 2s) << "a power cut would cost more";
        for (const auto& of : recording->files()) EXPECT_LE(of.size, disk->faults.safe);
        for (; seen < told.events.size(); ++seen) {
            const auto* progress = std::get_if<media::RecordingProgress>(&told.events[seen]);
            EXPECT_LE(progress == nullptr ? 0 : progress->file.size, disk->faults.safe);
        }
        return true;
    });
    EXPECT_GE(syncs, 8);
    EXPECT_GT(seen, 1u);
}

TEST_F(RecordingTest, after_a_gap_the_time_goes_on_and_trouble_is_over_with_the_next_flush) {
    const auto events = show_of(12);
    const auto recording = begin();
    bool gap = false;
    for (const cmaf::Event& event : events) {
        const auto* ready = std::get_if<cmaf::PartReady>(&event);
        if (!ready) continue;
        clock.advance(ready->part->duration);
        const bool away = ready->part->start >= 4s && ready->part->start < 8s;
        if (away) gap = true;
        if (away) continue;
        if (gap) recording->on_gap();
        gap = false;
        recording->on_part(*ready->part);
        recording->tick();
    }
    recording->stop(true);
    const auto files = files_on(*disk, asset);
    ASSERT_EQ(files.size(), 1u);
    EXPECT_NEAR(static_cast<double>(files[0].duration.count()), 12'000, 150);
    const auto trouble = told.all<media::RecordingTrouble>();
    ASSERT_EQ(trouble.size(), 1u);
    EXPECT_EQ(trouble[0].problem, RecordingProblem::none);
}

// A disk that is full and says so only when it is asked to flush, as network disks do: what it did not keep
// is not told of.
TEST_F(RecordingTest, a_flush_that_finds_no_room_ends_the_file_where_it_was_safe) {
    const auto recording = begin();
    disk->faults.fail_sync = 2;
    disk->faults.problem = DiskProblem::full;
    play(*recording, show_of(3));
    recording->stop(true);
    const auto files = files_on(*disk, asset);
    ASSERT_GE(files.size(), 1u);
    EXPECT_EQ(files[0].duration.count() / 100, 3) << "more than was safe";
}

// A foreign file in a recording's folder: what it says of itself is not believed.
TEST_F(RecordingTest, a_file_of_many_tracks_is_mended_as_well) {
    using namespace format::fmp4;
    std::vector<TrackDescription> tracks;
    for (const char* name : {"aac", "opus", "aac", "h264"})
        tracks.push_back(
            samples::describe(samples::stream(name), static_cast<std::uint32_t>(tracks.size() + 1)));
    base::Bytes bytes = write_init(tracks).value();
    base::Bytes payload;
    std::vector<format::fmp4::Run> runs;
    for (const auto& track : tracks) {
        const char* const name = track.id == 4 ? "h264" : track.id == 2 ? "opus" : "aac";
        runs.push_back(samples::take(samples::stream(name), track.id, 0, 2, payload));
    }
    base::append(bytes, write_fragment_head(1, runs).value());
    base::append(bytes, payload);
    std::filesystem::create_directories(path("recordings/as_1"));
    std::ofstream(file(1), std::ios::binary) << base::as_text(bytes);
    const auto mended = mend_asset(*disk, asset, {});
    ASSERT_TRUE(mended) << mended.error().text;
    ASSERT_EQ(mended->size(), 1u);
    EXPECT_GT(std::filesystem::file_size(file(1)), bytes.size());
}

}  // namespace
}  // namespace output::record
