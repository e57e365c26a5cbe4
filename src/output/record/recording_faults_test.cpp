// A recording on a disk that fails, fills up, or is killed at each of its calls.
#include "output/record/test_recording.h"

namespace output::record {
namespace {

using namespace test;

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
            disk->faults.dead = true;
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
    RecordingSettings settings;
    // In the middle of a group of pictures.
    settings.retry_every = 5'300ms;
    const auto recording = begin(settings);
    std::uint64_t first_safe = 0;
    // The first one is of the first part alone.
    disk->faults.fail_sync = 2;
    play(*recording, show_of(20), [&] {
        if (disk->faults.syncs == 1) first_safe = disk->faults.safe;
        return true;
    });
    const auto trouble = told.all<media::RecordingTrouble>();
    ASSERT_EQ(trouble.size(), 2u);
    EXPECT_EQ(trouble[0].problem, RecordingProblem::disk_failed);
    recording->stop(true);
    EXPECT_EQ(disk->faults.opened, 1) << "the second file alone is looked at again";
    const auto files = files_on(*disk, asset);
    ASSERT_EQ(files.size(), 2u);
    EXPECT_FALSE(files[0].complete);
    EXPECT_TRUE(files[1].complete);
    EXPECT_EQ(files[0].size, first_safe);
    EXPECT_EQ(files[0].duration.count() / 100, 3) << "more than was safe";
    EXPECT_EQ(fragments_of(1, false).size(), 1u);
    EXPECT_TRUE(fragments_of(2).front().runs.front().starts_with_keyframe);
    const auto kept = recording->files();
    ASSERT_EQ(kept.size(), 2u);
    EXPECT_EQ(kept[0].size, files[0].size);
    EXPECT_EQ(kept[0].duration, files[0].duration);
    const auto stopped = told.all<media::RecordingStopped>();
    ASSERT_EQ(stopped.size(), 1u);
    EXPECT_EQ(stopped[0].files, 2u);
    EXPECT_NE(stopped[0].message.find("injected"), std::string::npos) << stopped[0].message;
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

// Of the index and of the duration, each written and flushed.
TEST_F(RecordingTest, an_end_that_fails_is_not_taken_for_safe) {
    const auto events = show_of(4);
    int calls = 0;
    {
        const auto recording = begin();
        play(*recording, events);
        recording->stop(true);
        calls = disk->faults.calls;
    }
    for (int back = 0; back < 4; ++back) {
        SCOPED_TRACE(back);
        std::filesystem::remove_all(path("recordings"));
        disk->faults = {};
        disk->faults.fail_from = calls - back;
        disk->faults.fail_until = calls - back + 1;
        told.events.clear();
        const auto recording = begin();
        play(*recording, events);
        EXPECT_TRUE(told.all<media::RecordingTrouble>().empty());
        recording->stop(true);
        const auto trouble = told.all<media::RecordingTrouble>();
        ASSERT_EQ(trouble.size(), 1u);
        EXPECT_EQ(trouble[0].problem, RecordingProblem::disk_failed);
        EXPECT_EQ(disk->faults.opened, 0) << "the disk was asked again";
        for (const auto& progress : told.all<media::RecordingProgress>())
            EXPECT_FALSE(progress.file.complete);
        const auto kept = recording->files();
        ASSERT_EQ(kept.size(), 1u);
        EXPECT_FALSE(kept[0].complete);
        EXPECT_EQ(kept[0].size, disk->faults.safe);
        EXPECT_EQ(std::filesystem::file_size(file(1)), disk->faults.safe);
        EXPECT_GE(fragments_of(1, back < 2).size(), 8u);
        EXPECT_GE(kept[0].duration, 2s);
        const auto stopped = told.all<media::RecordingStopped>();
        ASSERT_EQ(stopped.size(), 1u);
        EXPECT_EQ(stopped[0].files, 1u);
        EXPECT_NE(stopped[0].message.find("injected"), std::string::npos) << stopped[0].message;
        // Another process, on a disk that was mended, ends it.
        disk->faults = {};
        const auto mended = mend_asset(*disk, asset, {});
        ASSERT_TRUE(mended && mended->size() == 1);
        EXPECT_GT(samples_of(1), 100u);
    }
}

TEST_F(RecordingTest, a_full_disk_cuts_off_at_once_what_did_not_fit) {
    int full = 0;
    for (int call = 2; call <= 14; ++call) {
        SCOPED_TRACE(call);
        std::filesystem::remove_all(path("recordings"));
        disk->faults = {};
        disk->faults.fail_from = call;
        disk->faults.fail_until = call + 1;
        disk->faults.problem = DiskProblem::full;
        disk->faults.half = true;
        told.events.clear();
        const auto recording = begin();
        const auto in_trouble = [&] { return !told.all<media::RecordingTrouble>().empty(); };
        play(*recording, show_of(6), [&] { return !in_trouble(); });
        ASSERT_TRUE(in_trouble());
        if (told.all<media::RecordingTrouble>()[0].problem != RecordingProblem::disk_full) continue;
        ++full;
        const auto last = told.all<media::RecordingProgress>().back().file;
        EXPECT_TRUE(last.complete);
        EXPECT_EQ(last.size, std::filesystem::file_size(file(1)));
        EXPECT_TRUE(files_on(*disk, asset)[0].complete) << "something stands behind the index";
        EXPECT_GT(samples_of(1), 0u);
        EXPECT_EQ(disk->faults.opened, 0);
    }
    EXPECT_GE(full, 5);
}

TEST_F(RecordingTest, a_gap_does_not_hide_that_the_disk_is_full) {
    constexpr std::uint64_t total = std::uint64_t{10} << 30;
    const auto recording = begin();
    disk->faults.space = {kept_free - 1, total};
    play(*recording, show_of(3));
    ASSERT_EQ(told.all<media::RecordingTrouble>().size(), 1u);
    recording->on_overflow();
    recording->on_gap();
    disk->faults.space = {2 * kept_free - 1, total};
    play(*recording, show_of(12));
    ASSERT_EQ(told.all<media::RecordingTrouble>().size(), 1u) << "it went on without the room it needs";
    EXPECT_EQ(told.all<media::RecordingTrouble>()[0].problem, RecordingProblem::disk_full);
    disk->faults.space = {2 * kept_free, total};
    play(*recording, show_of(12));
    EXPECT_EQ(told.all<media::RecordingTrouble>().size(), 2u);
}

TEST_F(RecordingTest, a_file_is_told_of_when_its_name_is_safe) {
    const auto recording = begin();
    disk->faults.fail_folder_sync = 1;
    play(*recording, show_of(12), [&] {
        EXPECT_TRUE(told.all<media::RecordingProgress>().empty() || disk->faults.folder_syncs >= 2);
        EXPECT_TRUE(recording->files().empty() || disk->faults.folder_syncs >= 2);
        return true;
    });
    EXPECT_GE(disk->faults.folder_syncs, 2);
    const auto trouble = told.all<media::RecordingTrouble>();
    ASSERT_EQ(trouble.size(), 2u);
    EXPECT_EQ(trouble[0].problem, RecordingProblem::disk_failed);
    recording->stop(true);
    for (const auto& progress : told.all<media::RecordingProgress>()) EXPECT_EQ(progress.file.number, 2u);
    EXPECT_FALSE(std::filesystem::exists(file(1)));
    ASSERT_EQ(recording->files().size(), 1u);
    EXPECT_TRUE(recording->files()[0].complete);
}

// Each flush takes longer than the time between two: what has come meanwhile is written before the next.
TEST_F(RecordingTest, a_slow_flush_does_not_make_one_of_each_part) {
    const auto recording = begin();
    disk->faults.clock = &clock;
    disk->faults.sync_takes = 5s;
    for (const cmaf::Event& event : show_of(20))
        if (const auto* ready = std::get_if<cmaf::PartReady>(&event)) {
            recording->on_part(*ready->part);
            recording->tick();
            clock.advance(20ms);
        }
    EXPECT_LE(disk->faults.syncs, 4);
}

}  // namespace
}  // namespace output::record
