// What ffmpeg says of what was packaged of its own stream: through FLV, as an encoder sends it, into one
// file.
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/byte_reader.h"
#include "format/flv/tag.h"
#include "output/cmaf/test_show.h"
#include "support/decoding.h"

namespace output::cmaf {
namespace {

using namespace test;

using test_support::run;

class Decoding : public test_support::Decoding {
  protected:
    // When each picture or sound is presented, in milliseconds.
    static std::vector<double> times_of(const std::string& file, const std::string& stream) {
        std::istringstream lines(run("ffprobe -v warning -select_streams " + stream +
                                     " -show_entries frame=pts_time -of csv=p=0 " + file));
        std::vector<double> times;
        // Side data leave empty lines.
        for (std::string line; std::getline(lines, line);)
            if (!line.empty()) times.push_back(1'000 * std::stod(line));
        return times;
    }

    // FLV 10.1, E.2 to E.4.1.
    static void push_flv(Show& show, const std::string& file) {
        std::ifstream in(file, std::ios::binary);
        const base::Bytes bytes{std::istreambuf_iterator<char>(in), {}};
        base::ByteReader reader(bytes);
        reader.skip(13);
        while (reader.remaining() >= 11) {
            const int type = reader.u8();
            const std::size_t size = reader.u24();
            const std::uint32_t low = reader.u24();
            const Timestamp dts = std::chrono::milliseconds(low | std::uint32_t{reader.u8()} << 24);
            reader.skip(3);
            const base::ByteView body = reader.take(size);
            reader.skip(4);
            ASSERT_FALSE(reader.failed());
            const base::SharedBytes tag(base::Bytes(body.begin(), body.end()));
            if (type != 8 && type != 9) continue;
            auto frames =
                type == 9 ? format::flv::read_video_tag(tag, dts) : format::flv::read_audio_tag(tag, dts);
            ASSERT_TRUE(frames);
            for (media::Frame& frame : *frames)
                show.push(std::make_shared<const media::Frame>(std::move(frame)), dts);
        }
        show.end();
    }

    void write_mp4(const Show& show, const std::string& file) {
        std::ofstream out(file, std::ios::binary);
        out << base::as_text(show.all<InitChanged>().at(0).init->bytes);
        for (const PartPtr& part : show.parts()) out << base::as_text(bytes_of(*part));
    }
};

TEST_F(Decoding, ffmpeg_plays_what_was_packaged_of_its_stream_and_says_no_word) {
    const std::string pictures = "-f lavfi -i testsrc=s=160x120:r=25:d=5 ";
    const std::string sound = "-f lavfi -i sine=r=44100:d=5 ";
    const std::string coded = "-c:v libx264 -preset ultrafast -bf 2 -g 50 -pix_fmt yuv420p -c:a aac -f flv ";
    for (const std::string& input : {pictures + sound, pictures, sound}) {
        ASSERT_EQ(run("ffmpeg -v error -y " + input + coded + path("in.flv")), "");
        Show show;
        push_flv(show, path("in.flv"));
        check(show);
        ASSERT_EQ(show.all<InitChanged>().size(), 1u);
        write_mp4(show, path("out.mp4"));
        EXPECT_EQ(run("ffmpeg -v warning -xerror -i " + path("out.mp4") + " -f null -"), "");
        const std::string frames = frames_of(path("in.flv"));
        EXPECT_EQ(frames_of(path("out.mp4")), frames);
        EXPECT_NE(frames.find("|"), std::string::npos) << frames;
        // Sound is where it was beside the pictures, but for the milliseconds that FLV rounds to.
        std::optional<double> shift;
        for (const std::string stream : {"v", "a"}) {
            const std::vector<double> sent = times_of(path("in.flv"), stream);
            const std::vector<double> packaged = times_of(path("out.mp4"), stream);
            ASSERT_EQ(packaged.size(), sent.size());
            for (std::size_t i = 0; i < sent.size(); ++i) {
                if (!shift) shift = packaged[i] - sent[i];
                EXPECT_GE(packaged[i], 0);
                EXPECT_NEAR(packaged[i] - sent[i], *shift, 1.1) << stream << i;
            }
        }
    }
}

}  // namespace
}  // namespace output::cmaf
