// The recorder with its threads, on a real folder, joined to the feeds of a stream.
#include "output/record/recorder.h"

#include <condition_variable>
#include <fstream>

#include "output/cmaf/test_publisher.h"
#include "output/record/posix_disk.h"
#include "support/decoding.h"

namespace output::record {
namespace {

using namespace cmaf::test;

// What is told, and a wait for it.
class Told final : public media::EventSink {
  public:
    void publish(media::Event event) override {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        wake_.notify_all();
    }
    template <class T>
    std::vector<T> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, 10s, [&] { return all<T>().size() >= count; });
        return all<T>();
    }
    template <class T>
    std::size_t count() {
        const std::lock_guard lock(mutex_);
        return all<T>().size();
    }

  private:
    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const auto& event : events_)
            if (const T* it = std::get_if<T>(&event)) found.push_back(*it);
        return found;
    }
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<media::Event> events_;
};

// A disk whose files are held up until it is let go.
struct Gate {
    std::mutex mutex;
    std::condition_variable wake;
    bool open = true;
    void pass() {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return open; });
    }
    void set(bool to) {
        const std::lock_guard lock(mutex);
        open = to;
        wake.notify_all();
    }
};
class GatedFile final : public File {
  public:
    GatedFile(std::unique_ptr<File> file, Gate& gate) : file_(std::move(file)), gate_(gate) {}
    DiskResult<> write(std::uint64_t offset, std::span<const iovec> parts) override {
        gate_.pass();
        return file_->write(offset, parts);
    }
    DiskResult<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> into) override {
        return file_->read(offset, into);
    }
    DiskResult<> sync() override { return file_->sync(); }
    DiskResult<> truncate(std::uint64_t size) override { return file_->truncate(size); }
    DiskResult<std::uint64_t> size() override { return file_->size(); }

  private:
    std::unique_ptr<File> file_;
    Gate& gate_;
};
class GatedDisk final : public Disk {
  public:
    GatedDisk(std::filesystem::path folder, Gate& gate) : disk_(std::move(folder)), gate_(gate) {}
    DiskResult<std::unique_ptr<File>> create(const std::string& id, std::uint32_t number) override {
        auto file = disk_.create(id, number);
        if (!file) return file;
        return std::make_unique<GatedFile>(std::move(*file), gate_);
    }
    DiskResult<std::unique_ptr<File>> open(const std::string& id, std::uint32_t number) override {
        return disk_.open(id, number);
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
    DiskResult<Recordings::Space> space() override { return disk_.space(); }

  private:
    PosixDisk disk_;
    Gate& gate_;
};

std::vector<format::fmp4::RecordedFragment> fragments_of(base::ByteView file) {
    std::vector<format::fmp4::RecordedFragment> found;
    format::fmp4::FragmentScanner scanner(file.size());
    while (const auto range = scanner.next())
        if (auto fragment = scanner.take(file.subspan(range->offset, range->size)))
            found.push_back(std::move(*fragment));
    return found;
}

class RecorderTest : public test_support::Decoding {
  protected:
    std::unique_ptr<Recorder> make(RecorderSettings settings = {}) {
        return std::make_unique<Recorder>(settings, std::make_unique<GatedDisk>(path("recordings"), gate),
                                          feeds, told, real_clock, base::Logger());
    }

    base::ManualClock clock;
    base::SystemClock real_clock;
    TestLoop loop{clock};
    hub::Registry registry{{.groups = 2}};
    cmaf::Feeds feeds{
        cmaf::FeedSettings{}, std::vector<std::reference_wrapper<net::Loop>>{loop}, registry, clock, {}};
    Gate gate;
    Told told;
};

TEST_F(RecorderTest, a_stream_is_recorded_from_its_start_to_its_stop) {
    const auto recorder = make();
    recorder->start({"as_1", "a"});
    recorder->start({"as_1", "a"});
    Publisher encoder(registry, "a", clock, loop);
    encoder.run(7s);
    EXPECT_EQ(recorder->facts().recordings, 1u);
    encoder.end();
    loop.run_posted();
    recorder->stop("as_1");
    const auto stopped = told.wait_for<media::RecordingStopped>(1);
    ASSERT_EQ(stopped.size(), 1u);
    EXPECT_EQ(stopped[0].files, 1u);
    const auto files = recorder->files("as_1");
    ASSERT_EQ(files.size(), 1u);
    EXPECT_TRUE(files[0].complete);
    EXPECT_NEAR(static_cast<double>(files[0].duration.count()), 7'000, 150);
    EXPECT_EQ(recorder->facts().queued_bytes, 0u);
    EXPECT_GT(recorder->facts().bytes_written, 100'000u);

    EXPECT_TRUE(recorder->recover("as_1"));
    EXPECT_TRUE(recorder->remove("as_1"));
    EXPECT_TRUE(recorder->remove("as_1"));
    EXPECT_TRUE(recorder->files("as_1").empty());
    EXPECT_FALSE(std::filesystem::exists(path("recordings/as_1")));
    EXPECT_EQ(recorder->recover("as_1").error().code, base::ErrorCode::not_found);
}

TEST_F(RecorderTest, a_stream_that_never_came_leaves_nothing) {
    const auto recorder = make();
    recorder->start({"as_1", "a"});
    recorder->stop("as_1");
    const auto stopped = told.wait_for<media::RecordingStopped>(1);
    ASSERT_EQ(stopped.size(), 1u);
    EXPECT_EQ(stopped[0].files, 0u);
}

TEST_F(RecorderTest, a_disk_that_hangs_holds_up_nobody_and_leaves_a_gap) {
    RecorderSettings settings;
    settings.queue = 256 * 1024;
    const auto recorder = make(settings);
    recorder->start({"as_1", "a"});
    gate.set(false);
    Publisher encoder(registry, "a", clock, loop);
    // Room comes in the middle of a group of pictures.
    encoder.run(20'600ms);
    EXPECT_LE(recorder->facts().queued_bytes, settings.queue);
    EXPECT_GT(recorder->facts().parts_dropped, 0u);
    const auto trouble = told.wait_for<media::RecordingTrouble>(1);
    ASSERT_EQ(trouble.size(), 1u);
    EXPECT_EQ(trouble[0].problem, media::RecordingProblem::disk_slow);
    EXPECT_EQ(recorder->remove("as_1").error().code, base::ErrorCode::conflict);
    gate.set(true);
    const auto until = real_clock.now() + 10s;
    while (recorder->facts().queued_bytes > 0 && real_clock.now() < until) std::this_thread::yield();
    encoder.run(6s);
    EXPECT_EQ(told.wait_for<media::RecordingTrouble>(2).back().problem, media::RecordingProblem::none);
    encoder.end();
    loop.run_posted();
    recorder->stop("as_1");
    ASSERT_EQ(told.wait_for<media::RecordingStopped>(1).size(), 1u);
    const auto files = recorder->files("as_1");
    ASSERT_EQ(files.size(), 1u);
    EXPECT_TRUE(files[0].complete);
    EXPECT_GT(files[0].duration, 25s) << "the gap is part of it";
    // Behind it decoding can start.
    std::ifstream in(path("recordings/as_1/1.mp4"), std::ios::binary);
    const base::Bytes bytes{std::istreambuf_iterator<char>(in), {}};
    std::uint64_t end = 0;
    int gaps = 0;
    for (const auto& fragment : fragments_of(bytes)) {
        const auto& run = fragment.runs.front();
        if (run.decode_time > end + 9'000) {
            ++gaps;
            EXPECT_TRUE(run.starts_with_keyframe) << run.decode_time;
        }
        end = run.decode_time + run.duration;
    }
    EXPECT_EQ(gaps, 1);
}

TEST_F(RecorderTest, at_the_end_of_the_program_files_are_closed) {
    auto recorder = make();
    recorder->start({"as_1", "a"});
    Publisher encoder(registry, "a", clock, loop);
    encoder.run(5s);
    recorder->stop_all(2s);
    recorder.reset();
    EXPECT_TRUE(told.wait_for<media::RecordingProgress>(1).back().file.complete);
    // What its feed still says reaches nobody.
    encoder.run(3s);
    encoder.end();
    loop.run_posted();
    PosixDisk disk(path("recordings"));
    ASSERT_EQ(files_on(disk, "as_1").size(), 1u);
    EXPECT_TRUE(files_on(disk, "as_1")[0].complete);
}

// It is no longer a recording of the recorder's, but its file is not closed.
TEST_F(RecorderTest, the_end_of_the_program_waits_for_what_was_stopped_before) {
    auto recorder = make();
    recorder->start({"as_1", "a"});
    Publisher encoder(registry, "a", clock, loop);
    encoder.run(3s);
    gate.set(false);
    encoder.run(3s);
    encoder.end();
    loop.run_posted();
    recorder->stop("as_1");
    const auto until = real_clock.now() + 10s;
    while (recorder->facts().recordings > 0 && real_clock.now() < until) std::this_thread::yield();
    std::thread opener([&] { gate.set(true); });
    recorder->stop_all(10s);
    opener.join();
    recorder.reset();
    EXPECT_EQ(told.count<media::RecordingStopped>(), 1u);
    PosixDisk disk(path("recordings"));
    ASSERT_EQ(files_on(disk, "as_1").size(), 1u);
    EXPECT_TRUE(files_on(disk, "as_1")[0].complete);
}

TEST_F(RecorderTest, what_is_being_written_is_not_given_up_for_lost) {
    const auto recorder = make();
    recorder->start({"as_1", "a"});
    Publisher encoder(registry, "a", clock, loop);
    encoder.run(5s);
    EXPECT_FALSE(told.wait_for<media::RecordingProgress>(1).empty());
    EXPECT_EQ(recorder->recover("as_1").error().code, base::ErrorCode::unavailable);
    encoder.end();
    loop.run_posted();
    recorder->stop("as_1");
    ASSERT_EQ(told.wait_for<media::RecordingStopped>(1).size(), 1u);
    EXPECT_EQ(recorder->recover("as_1")->size(), 1u);
}

}  // namespace
}  // namespace output::record
