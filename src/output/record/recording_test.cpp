// A recording on a real folder.
#include "output/record/test_recording.h"

namespace output::record {
namespace {

using namespace test;

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
