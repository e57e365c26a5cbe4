// What ffmpeg says of its own stream after it came out of here again.
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "hub/registry.h"
#include "net/io_pool.h"
#include "output/player/flv_players.h"
#include "support/decoding.h"
#include "support/flv_file.h"

namespace output::player {
namespace {

using test_support::run;

base::Bytes read_whole(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// In an order of their own: the sound's configuration comes first here.
std::multiset<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::multiset<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.insert(line);
    return lines;
}

class FlvDecoding : public test_support::Decoding {};

TEST_F(FlvDecoding, ffmpeg_plays_what_comes_out_and_says_no_word) {
    const std::string pictures = "-f lavfi -i testsrc=s=160x120:r=25:d=3 ";
    const std::string sound = "-f lavfi -i sine=r=44100:d=3 ";
    const std::string video = "-c:v libx264 -preset ultrafast -bf 2 -g 25 -pix_fmt yuv420p ";
    const std::vector<std::string> commands{pictures + sound + video + "-c:a aac ", pictures + video,
                                            sound + "-c:a aac ", sound + "-c:a mp3 "};
    for (const std::string& command : commands) {
        ASSERT_EQ(run("ffmpeg -v error -y " + command + "-f flv " + path("in.flv")), "");
        const base::SystemClock clock;
        net::IoPool pool(1);
        hub::Registry registry{hub::FrameLogSettings{}};
        FlvPlayers players({}, pool.core(0), registry);
        const auto stream = registry.open("st-1");
        auto source = *players.open("st-1");
        source->start([] {});
        std::ofstream out(path("out.flv"), std::ios::binary);
        const auto pull = [&] {
            base::GatherList list;
            const auto pulled = source->pull(clock.now(), list);
            for (const iovec& part : list.parts())
                out.write(static_cast<const char*>(part.iov_base),
                          static_cast<std::streamsize>(part.iov_len));
            return pulled;
        };
        pull();
        const base::Bytes in = read_whole(path("in.flv"));
        for (const auto& tag : test_support::read_flv_file(in).tags) {
            stream->publish(test_support::frames_of(tag), clock.now());
            pull();
        }
        registry.close(stream);
        while (!pull().end) continue;
        out.close();
        pool.stop();

        EXPECT_EQ(run("ffmpeg -v warning -xerror -i " + path("out.flv") + " -f null -"), "") << command;
        const auto frames = lines_of(frames_of(path("in.flv")));
        EXPECT_EQ(lines_of(frames_of(path("out.flv"))), frames) << command;
        EXPECT_FALSE(frames.empty());
    }
}

}  // namespace
}  // namespace output::player
