// What ffmpeg's demuxer and decoders say of the files: the one judge here that did not read our code.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "format/fmp4/samples.h"

namespace format::fmp4 {
namespace {

struct Answer {
    std::string text;
    int status = 0;
};

Answer run(const std::string& command) {
    Answer answer;
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    if (pipe == nullptr) return {"cannot be started", -1};
    std::array<char, 4096> part{};
    while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe))
        answer.text.append(part.data(), size);
    answer.status = ::pclose(pipe);
    return answer;
}

class Decoding : public testing::Test {
  protected:
    void SetUp() override {
        if (run("command -v ffprobe").status != 0) GTEST_SKIP() << "ffprobe is not installed";
        std::string name = (std::filesystem::temp_directory_path() / "fmp4-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override {
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }

    // One line a stream: codec, and how many frames were decoded. Every complaint is in it as well.
    std::string decode(const base::Bytes& file) {
        const std::filesystem::path path = folder_ / "file.mp4";
        std::ofstream(path, std::ios::binary) << base::as_text(file);
        return run("ffprobe -v warning -count_frames -show_entries stream=codec_name,nb_read_frames "
                   "-of compact=p=0:nk=1 " +
                   path.string())
            .text;
    }

  private:
    std::filesystem::path folder_;
};

// Every sample of the streams, `step` to a fragment, and an index at the end.
base::Bytes record(const std::vector<samples::Stream>& streams, std::size_t step) {
    std::vector<TrackDescription> tracks;
    std::size_t most = 0;
    for (const samples::Stream& stream : streams) {
        tracks.push_back(samples::describe(stream, static_cast<std::uint32_t>(tracks.size() + 1)));
        most = std::max(most, stream.samples.size());
    }
    base::Bytes file = write_init(tracks).value();
    std::vector<IndexEntry> index;
    for (std::size_t first = 0; first < most; first += step) {
        base::Bytes payload;
        std::vector<Run> runs;
        for (std::size_t i = 0; i < streams.size(); ++i) {
            const std::size_t there = streams[i].samples.size();
            if (first >= there) continue;
            runs.push_back(
                samples::take(streams[i], tracks[i].id, first, std::min(step, there - first), payload));
            if (runs.back().samples.front().keyframe)
                index.push_back(
                    {.track = tracks[i].id,
                     .time = runs.back().decode_time +
                             static_cast<std::uint64_t>(runs.back().samples.front().composition_offset),
                     .moof_offset = file.size(),
                     .traf = static_cast<std::uint8_t>(runs.size())});
        }
        base::append(file, write_fragment_head(static_cast<std::uint32_t>(first + 1), runs).value());
        base::append(file, payload);
    }
    base::append(file, write_index(index).value());
    return file;
}

TEST_F(Decoding, plays_every_codec) {
    const auto stream = [](std::string_view name) { return samples::stream(name); };
    for (const std::size_t step : {1, 2, 8}) {
        EXPECT_EQ(decode(record({stream("h264"), stream("aac")}, step)), "h264|5\naac|4\n") << step;
        EXPECT_EQ(decode(record({stream("hevc"), stream("aac")}, step)), "hevc|4\naac|4\n") << step;
        EXPECT_EQ(decode(record({stream("av1"), stream("opus")}, step)), "av1|3\nopus|3\n") << step;
    }
}

TEST_F(Decoding, plays_a_single_track) {
    for (const samples::Stream& stream : samples::streams()) {
        const std::string said = decode(record({stream}, 2));
        EXPECT_EQ(said.substr(0, stream.name.size() + 1), std::string(stream.name) + "|");
        EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
    }
}

TEST_F(Decoding, plays_what_a_crash_left) {
    const samples::File& file = samples::file();
    EXPECT_EQ(decode(file.up_to(1)), "h264|4\naac|2\n");
}

}  // namespace
}  // namespace format::fmp4
