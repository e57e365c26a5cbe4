// What ffmpeg's demuxer and decoders say of the files: the one judge here that did not read our code.
#include <fstream>

#include "format/fmp4/samples.h"
#include "support/decoding.h"

namespace format::fmp4 {
namespace {

class Decoding : public test_support::Decoding {
  protected:
    std::string decode(const base::Bytes& file) {
        const std::string name = path("file.mp4");
        std::ofstream(name, std::ios::binary) << base::as_text(file);
        return frames_of(name);
    }
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
