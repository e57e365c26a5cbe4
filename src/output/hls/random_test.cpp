// Random streams, each replayed from its seed, and all that a player could see of them: what must hold of
// every version of a playlist, and from one to the next.
#include <algorithm>
#include <set>

#include "output/cmaf/test_encoder.h"
#include "output/hls/live_stream.h"
#include "output/hls/test_stage.h"

namespace output::hls {
namespace {

using namespace test;

constexpr std::uint32_t runs = 250;
constexpr auto part_target = std::chrono::milliseconds(500);

class Viewer {
  public:
    Viewer() {
        context_ =
            std::make_shared<StreamContext>(Settings{}, part_target, clock_, loop_, limits_, base::Logger(),
                                            std::make_shared<Budget>(std::uint64_t{1} << 40));
        context_->left = [](const auto&) {};
        context_->relieve = [] {};
        stream_ = std::make_shared<LiveStream>("a", context_);
    }

    void see(const cmaf::Event& event) {
        if (const auto* ready = std::get_if<cmaf::PartReady>(&event)) {
            const cmaf::Part& part = *ready->part;
            clock_.advance(part.duration);
            stored_[part.msn].push_back(cmaf::test::bytes_of(part));
            over_target_ = over_target_ || part.over_target;
        }
        stream_->on_event(event);
        loop_.run_posted();
        look(std::holds_alternative<cmaf::SegmentEnded>(event));
    }

    void end() {
        stream_->on_stream_end();
        loop_.run_posted();
        if (!last_) return;
        look(true);
        EXPECT_TRUE(last_->ended);
        EXPECT_TRUE(!waits_ || waits_->answered());
        EXPECT_TRUE(!hinted_ || hinted_->answered());
        stream_->close(LiveStream::Why::gone);
        stream_.reset();
        last_.reset();
        EXPECT_EQ(context_->budget->held, 0u);
    }

    std::size_t versions = 0;

  private:
    Asked ask(const HlsQuestion& question) {
        Asked asked;
        auto read = read_question(question);
        EXPECT_TRUE(read) << question.file;
        if (read) stream_->ask(std::move(*read), asked.callback());
        return asked;
    }
    std::optional<std::string> text(HlsQuestion question) {
        const Asked asked = ask(question);
        if (!asked.answered()) return std::nullopt;
        return asked.body();
    }

    void look(bool segment_ended) {
        // Only what waits until the first segment is there.
        if (!last_ && !segment_ended) return;
        const auto got = text(HlsQuestion{.stream_id = "a", .file = "media.m3u8"});
        ASSERT_TRUE(got);
        SCOPED_TRACE(*got);
        Listed list = read_playlist(*got);
        ++versions;
        check_itself(list);
        if (last_) check_against(*last_, list);
        if (segment_ended) {
            check_contents(list);
            check_forms(list);
        }
        if (waits_ && (list.ended || has(list, waits_for_))) {
            EXPECT_TRUE(waits_->answered());
        }
        if (!waits_ || waits_->answered()) {
            waits_.reset();
            if (!list.ended) {
                waits_for_ = edge(list);
                HlsQuestion next{
                    .stream_id = "a", .file = "media.m3u8", .msn = std::to_string(edge(list).first)};
                next.part = std::to_string(edge(list).second);
                waits_ = ask(next);
                EXPECT_FALSE(waits_->answered());
            }
        }
        if (!last_ || list.hint != last_->hint) {
            if (hinted_) {
                EXPECT_TRUE(hinted_->answered());
            }
            hinted_.reset();
            if (!list.hint.empty()) {
                hinted_ = ask(HlsQuestion{.stream_id = "a", .file = list.hint});
                EXPECT_FALSE(hinted_->answered());
            }
        }
        last_ = std::move(list);
    }

    static std::pair<std::uint64_t, std::size_t> edge(const Listed& list) {
        return {list.media_sequence() + list.segments.size(), list.open ? list.open->parts.size() : 0};
    }

    // A part behind its segment's last is the next segment's first.
    static bool has(const Listed& list, std::pair<std::uint64_t, std::size_t> part) {
        for (const ListedSegment& segment : list.segments)
            if (segment.msn == part.first && part.second >= segment.parts.size()) part = {part.first + 1, 0};
        return edge(list).first > part.first ||
               (edge(list).first == part.first && edge(list).second > part.second);
    }

    void check_itself(const Listed& list) {
        ASSERT_FALSE(list.segments.empty());
        std::set<std::string> names;
        for (const ListedSegment& segment : list.segments) {
            EXPECT_LE(std::floor(segment.duration + 0.5), list.target());
            EXPECT_TRUE(names.insert(segment.uri).second) << segment.uri;
            EXPECT_FALSE(segment.date.empty());
            EXPECT_FALSE(segment.map.empty());
            for (const ListedPart& part : segment.parts)
                EXPECT_TRUE(names.insert(part.uri).second) << part.uri;
            if (!segment.parts.empty()) {
                EXPECT_NEAR(segment.parts_duration(), segment.duration, 1e-6);
            }
        }
        if (list.open) {
            EXPECT_FALSE(list.open->parts.empty());
            for (const ListedPart& part : list.open->parts)
                EXPECT_TRUE(names.insert(part.uri).second) << part.uri;
        }
        for (const ListedSegment& segment : list.segments)
            for (const ListedPart& part : segment.parts)
                EXPECT_LE(part.duration, std::chrono::duration<double>(part_target).count());
        EXPECT_TRUE(list.hint.empty() || !names.contains(list.hint));
    }

    void check_against(const Listed& before, const Listed& now) {
        ASSERT_GE(now.media_sequence(), before.media_sequence());
        ASSERT_GE(now.discontinuity_sequence(), before.discontinuity_sequence());
        if (now.media_sequence() > before.media_sequence()) {
            EXPECT_GE(now.duration() + 1e-6, 3 * now.target());
        }
        EXPECT_GE(now.target(), before.target());
        const bool behind_break =
            std::any_of(now.segments.begin(), now.segments.end(),
                        [](const ListedSegment& segment) { return segment.discontinuity; });
        if (!behind_break) {
            EXPECT_EQ(now.target(), before.target());
        }
        std::map<std::uint64_t, const ListedSegment*> known;
        for (const ListedSegment& segment : before.segments) known[segment.msn] = &segment;
        for (const ListedSegment& segment : now.segments) {
            const auto found = known.find(segment.msn);
            if (found == known.end()) continue;
            const ListedSegment& same = *found->second;
            EXPECT_EQ(segment.uri, same.uri);
            EXPECT_EQ(segment.duration, same.duration);
            EXPECT_EQ(segment.map, same.map);
            EXPECT_EQ(segment.date, same.date);
            EXPECT_EQ(segment.discontinuity, same.discontinuity);
            EXPECT_EQ(segment.discontinuities, same.discontinuities);
            if (!segment.parts.empty()) {
                EXPECT_EQ(segment.parts.size(), same.parts.size());
            }
        }
        EXPECT_GE(edge(now), edge(before));
        check_hint(before, now);
    }

    // The part that was hinted at is the next one that is listed.
    void check_hint(const Listed& before, const Listed& now) {
        if (edge(now) == edge(before) || before.hint.empty()) return;
        if (std::exchange(over_target_, false)) return;
        const auto [msn, index] = edge(before);
        const ListedSegment* segment = nullptr;
        for (const ListedSegment& each : now.segments)
            if (each.msn == msn) segment = &each;
        if (!segment && now.open && now.open->msn == msn) segment = &*now.open;
        if (!segment || segment->parts.size() <= index) return;
        EXPECT_EQ(segment->parts[index].uri, before.hint);
    }

    void check_contents(const Listed& list) {
        for (const std::string& uri : list.uris()) {
            const Asked asked = ask(HlsQuestion{.stream_id = "a", .file = uri});
            ASSERT_TRUE(asked.answered()) << uri;
            EXPECT_TRUE(asked.result()) << uri;
        }
        const auto& parts = stored_[list.segments.back().msn];
        std::string whole;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::string bytes(base::as_text(parts[i]));
            whole += bytes;
            const auto& listed = list.segments.back().parts;
            if (listed.empty()) continue;
            ASSERT_EQ(listed.size(), parts.size());
            EXPECT_EQ(ask(HlsQuestion{.stream_id = "a", .file = listed[i].uri}).body(), bytes);
        }
        EXPECT_EQ(ask(HlsQuestion{.stream_id = "a", .file = list.segments.back().uri}).body(), whole);
    }

    void check_forms(const Listed& list) {
        const auto plain_text = text(HlsQuestion{.stream_id = "a", .file = "plain.m3u8"});
        ASSERT_TRUE(plain_text);
        EXPECT_EQ(plain_text->find("PART"), std::string::npos);
        const Listed plain = read_playlist(*plain_text);
        ASSERT_EQ(plain.segments.size(), list.segments.size());
        EXPECT_EQ(plain.head.at("EXT-X-TARGETDURATION"), list.head.at("EXT-X-TARGETDURATION"));
        EXPECT_EQ(plain.ended, list.ended);
        const Listed delta =
            read_playlist(*text(HlsQuestion{.stream_id = "a", .file = "media.m3u8", .skip = "YES"}));
        ASSERT_EQ(delta.skipped + delta.segments.size(), list.segments.size());
        for (std::size_t i = 0; i < list.segments.size(); ++i) {
            EXPECT_EQ(plain.segments[i].uri, list.segments[i].uri);
            EXPECT_EQ(plain.segments[i].duration, list.segments[i].duration);
            EXPECT_EQ(plain.segments[i].discontinuities, list.segments[i].discontinuities);
            if (i >= delta.skipped) {
                EXPECT_EQ(delta.segments[i - delta.skipped].uri, list.segments[i].uri);
            }
        }
        EXPECT_NE(text(HlsQuestion{.stream_id = "a", .file = "index.m3u8"})->find("CODECS=\""),
                  std::string::npos);
    }

    base::ManualClock clock_;
    TestLoop loop_{clock_};
    base::LimitHits limits_;
    std::shared_ptr<StreamContext> context_;
    std::shared_ptr<LiveStream> stream_;
    std::optional<Listed> last_;
    std::map<std::uint64_t, std::vector<base::Bytes>> stored_;
    std::optional<Asked> waits_;
    std::pair<std::uint64_t, std::size_t> waits_for_;
    std::optional<Asked> hinted_;
    bool over_target_ = false;
};

TEST(HlsOfRandomStreams, keeps_what_the_specification_asks) {
    std::size_t versions = 0;
    for (std::uint32_t seed = 0; seed < runs; ++seed) {
        SCOPED_TRACE(seed);
        cmaf::test::Show show({.part_target = part_target, .first_msn = 1'000});
        (void)cmaf::test::Encoder(seed).run(show);
        Viewer viewer;
        for (const cmaf::Event& event : show.events) {
            viewer.see(event);
            if (testing::Test::HasFailure()) return;
        }
        viewer.end();
        versions += viewer.versions;
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(versions, runs * 20);
}

}  // namespace
}  // namespace output::hls
