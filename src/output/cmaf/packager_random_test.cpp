// Random streams, each replayed from its seed: what must hold of all of them.
#include "output/cmaf/test_encoder.h"

namespace output::cmaf {
namespace {

using namespace test;

constexpr std::uint32_t runs = 2'000;

// In this order, none twice.
bool is_subsequence(const std::vector<media::FramePtr>& some, const std::vector<media::FramePtr>& all) {
    auto at = all.begin();
    for (const media::FramePtr& frame : some) {
        at = std::find(at, all.end(), frame);
        if (at == all.end()) return false;
        ++at;
    }
    return true;
}

TEST(PackagerOfRandomStreams, keeps_what_it_promises) {
    for (std::uint32_t seed = 0; seed < runs; ++seed) {
        SCOPED_TRACE(seed);
        Show show;
        const Encoder::Sent sent = Encoder(seed).run(show);
        check(show);
        const auto video = show.frames(Kind::video);
        const auto audio = show.frames(Kind::audio);
        if (sent.troubled) {
            EXPECT_TRUE(is_subsequence(video, sent.video));
            EXPECT_TRUE(is_subsequence(audio, sent.audio));
        } else {
            EXPECT_EQ(video, sent.video);
            // All but those from before the first keyframe.
            ASSERT_LE(audio.size(), sent.audio.size());
            EXPECT_TRUE(std::equal(audio.rbegin(), audio.rend(), sent.audio.rbegin()));
            if (!sent.video.empty()) {
                EXPECT_LE(sent.audio.size() - audio.size(), 25u);
            } else {
                EXPECT_EQ(sent.audio.size(), audio.size());
            }
            const auto segments = show.all<SegmentEnded>();
            for (std::size_t i = 0; i < segments.size(); ++i) {
                if (i == 0 || segments[i - 1].why == SegmentEnd::target_reached) {
                    EXPECT_TRUE(segments[i].independent) << i;
                }
            }
            EXPECT_EQ(show.all<InitChanged>().size(), 1u);
            EXPECT_EQ(show.all<Discontinuity>().size(), 0u);
            if (!sent.long_frames) {
                for (const PartPtr& part : show.parts()) EXPECT_FALSE(part->over_target) << part->start / 1us;
            }
        }
        if (testing::Test::HasFailure()) return;
    }
}

}  // namespace
}  // namespace output::cmaf
