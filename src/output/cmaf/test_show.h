// What the tests push, and what they hold all that comes out against: by reading it back.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "base/byte_writer.h"
#include "format/fmp4/fragment_scanner.h"
#include "format/fmp4/samples.h"
#include "output/cmaf/packager.h"

namespace output::cmaf::test {

using namespace std::chrono_literals;
using media::Codec;
using media::Kind;
using media::Role;
using media::Timestamp;

inline media::FramePtr config_frame(std::string_view stream) {
    const auto& of = format::fmp4::samples::stream(stream);
    media::Frame frame;
    frame.codec = of.codec;
    frame.kind = of.sample_rate > 0 ? Kind::audio : Kind::video;
    frame.role = Role::config;
    frame.tag = base::SharedBytes(base::from_hex(of.config));
    return std::make_shared<const media::Frame>(std::move(frame));
}

// Any payload will do: nothing here looks into it, but for the length of Opus packets (20 ms).
inline media::FramePtr coded_frame(Kind kind, Codec codec, bool keyframe, Timestamp cts = 0us,
                                   std::size_t size = 9) {
    static std::uint64_t counter = 0;
    base::Bytes bytes{0xff, 0xfc};
    base::ByteWriter(bytes).u64(++counter);
    bytes.resize(size + 1, 0);
    media::Frame frame;
    frame.kind = kind;
    frame.codec = codec;
    frame.keyframe = keyframe;
    frame.cts = cts;
    frame.tag = base::SharedBytes(std::move(bytes));
    frame.payload_offset = 1;
    return std::make_shared<const media::Frame>(std::move(frame));
}

// A packager and all that came out of it.
class Show {
  public:
    explicit Show(const PackagerSettings& with = {}) : settings(with), packager_(with) {}

    void push(media::FramePtr frame, Timestamp at) {
        // Arrives when it should.
        packager_.push({frame, at}, clock_ + std::chrono::duration_cast<base::WallTime::duration>(at));
        drain();
    }
    void set_clock(base::WallTime::duration by) {
        clock_ += by;
        packager_.on_clock_set(by);
    }
    void announce(std::string_view stream, Timestamp at = 0us) { push(config_frame(stream), at); }
    media::FramePtr video(Timestamp at, bool keyframe, Timestamp cts = 0us, std::size_t size = 9) {
        auto frame = coded_frame(Kind::video, Codec::h264, keyframe, cts, size);
        push(frame, at);
        return frame;
    }
    media::FramePtr audio(Timestamp at, std::size_t size = 9) {
        auto frame = coded_frame(Kind::audio, Codec::aac, true, 0us, size);
        push(frame, at);
        return frame;
    }
    void end() {
        packager_.end();
        drain();
    }

    template <class T>
    std::vector<T> all() const {
        std::vector<T> found;
        for (const Event& event : events)
            if (const T* it = std::get_if<T>(&event)) found.push_back(*it);
        return found;
    }
    std::vector<PartPtr> parts() const {
        std::vector<PartPtr> found;
        for (const PartReady& ready : all<PartReady>()) found.push_back(ready.part);
        return found;
    }
    std::vector<media::FramePtr> frames(Kind kind) const {
        std::vector<media::FramePtr> found;
        for (const PartPtr& part : parts())
            for (const media::FramePtr& frame : part->frames)
                if (frame->kind == kind) found.push_back(frame);
        return found;
    }

    const base::WallTime begin = base::from_unix_millis(1'790'000'000'000);
    const PackagerSettings settings;
    std::vector<Event> events;

  private:
    void drain() {
        while (auto event = packager_.next_event()) events.push_back(std::move(*event));
    }
    base::WallTime clock_ = begin;
    Packager packager_;
};

inline std::vector<format::fmp4::RecordedFragment> scan(base::ByteView file) {
    std::vector<format::fmp4::RecordedFragment> found;
    format::fmp4::FragmentScanner scanner(file.size());
    while (const auto range = scanner.next())
        if (auto fragment = scanner.take(file.subspan(range->offset, range->size)))
            found.push_back(std::move(*fragment));
    EXPECT_FALSE(scanner.problem()) << scanner.problem()->message;
    EXPECT_EQ(scanner.end(), file.size());
    return found;
}

inline base::Bytes bytes_of(const Part& part) {
    base::Bytes bytes = part.head;
    for (const media::FramePtr& frame : part.frames) base::append(bytes, frame->payload());
    return bytes;
}

// Everything that must hold whatever was pushed. The show has ended.
class Checker {
  public:
    explicit Checker(const Show& show) : show_(show) {}

    void check() {
        for (const Event& event : show_.events) std::visit([&](const auto& it) { on(it); }, event);
        EXPECT_EQ(parts_, 0u) << "a segment without an end";
    }

  private:
    void on(const InitChanged& changed) {
        EXPECT_TRUE(parts_ == 0 && may_skip_) << "an init segment in the middle";
        ASSERT_NE(changed.init, nullptr);
        init_ = changed.init;
        tracks_end_.clear();
    }
    void on(const Discontinuity&) {
        EXPECT_EQ(parts_, 0u);
        EXPECT_FALSE(may_skip_) << "nothing between two discontinuities";
        may_skip_ = true;
        new_target_ = true;
    }
    void on(const TrackLeftOut&) {}
    void on(const PartReady& ready) {
        const Part& part = *ready.part;
        ASSERT_EQ(part.init, init_);
        EXPECT_EQ(part.msn, msn_);
        EXPECT_EQ(part.index, parts_);
        EXPECT_GT(part.duration, 0us);
        EXPECT_EQ(part.over_target, part.duration > show_.settings.part_target);
        EXPECT_TRUE(part.start == end_ || (may_skip_ && part.start > end_)) << part.start / 1us;
        if (parts_ == 0) {
            start_ = part.start;
            date_ = part.program_date_time;
        }
        const bool pictures =
            std::any_of(part.frames.begin(), part.frames.end(),
                        [](const media::FramePtr& frame) { return frame->kind == Kind::video; });
        if (!has_pictures_) independent_ = part.independent;
        has_pictures_ = has_pictures_ || pictures;
        end_ = part.start + part.duration;
        size_ += part.size;
        ++parts_;
        read(part);
        may_skip_ = false;
    }
    void on(const SegmentEnded& segment) {
        EXPECT_GT(parts_, 0u) << "an empty segment";
        EXPECT_EQ(segment.msn, msn_);
        EXPECT_EQ(segment.parts, parts_);
        EXPECT_EQ(segment.start, start_);
        EXPECT_EQ(segment.duration, end_ - start_);
        EXPECT_EQ(segment.size, size_);
        EXPECT_EQ(segment.independent, independent_);
        EXPECT_EQ(segment.program_date_time, date_);
        EXPECT_EQ(segment.init, init_);
        EXPECT_LE(segment.duration, max_segment_duration);
        const auto rounded = std::chrono::floor<std::chrono::seconds>(segment.duration + 500ms);
        EXPECT_LE(rounded, segment.target_duration) << segment.duration / 1us;
        // Only after a discontinuity may it be another, and then it is greater.
        EXPECT_GE(segment.target_duration, target_duration_);
        if (target_duration_ > 0s && !new_target_) {
            EXPECT_EQ(segment.target_duration, target_duration_);
        }
        target_duration_ = segment.target_duration;
        new_target_ = false;
        ++msn_;
        parts_ = 0;
        size_ = 0;
        has_pictures_ = false;
    }

    void read(const Part& part) {
        base::Bytes file = init_->bytes;
        base::append(file, bytes_of(part));
        EXPECT_EQ(file.size(), init_->bytes.size() + part.size);
        const auto fragments = scan(file);
        ASSERT_EQ(fragments.size(), 1u);
        EXPECT_EQ(fragments[0].sequence, ++sequence_);
        std::size_t samples = 0;
        bool keyframe = init_->width == 0;
        for (const auto& run : fragments[0].runs) {
            samples += run.samples;
            if (run.track == video_track_id) keyframe = run.starts_with_keyframe;
            const auto time = static_cast<std::int64_t>(run.decode_time);
            EXPECT_GE(time + run.composition_offset, 0);
            const auto known = tracks_end_.find(run.track);
            if (known != tracks_end_.end()) {
                EXPECT_GE(run.decode_time, known->second) << "track " << run.track;
                if (!may_skip_ && !skipped_.contains(run.track)) {
                    EXPECT_EQ(run.decode_time, known->second) << "track " << run.track;
                }
            }
            tracks_end_[run.track] = run.decode_time + run.duration;
        }
        if (may_skip_) skipped_ = {{video_track_id, true}, {audio_track_id, true}};
        for (const auto& run : fragments[0].runs) skipped_.erase(run.track);
        EXPECT_EQ(samples, part.frames.size());
        EXPECT_EQ(part.independent, keyframe);
        EXPECT_EQ(std::is_sorted(part.frames.begin(), part.frames.end(),
                                 [](const auto& a, const auto& b) {
                                     return a->kind == Kind::video && b->kind == Kind::audio;
                                 }),
                  true);
    }

    const Show& show_;
    InitPtr init_;
    std::uint64_t msn_ = show_.settings.first_msn;
    std::uint32_t parts_ = 0;
    std::uint32_t sequence_ = 0;
    std::uint64_t size_ = 0;
    bool independent_ = false;
    bool has_pictures_ = false;
    bool may_skip_ = true;
    std::chrono::seconds target_duration_{0};
    bool new_target_ = false;
    Timestamp start_{0};
    Timestamp end_{0};
    base::WallTime date_{};
    std::map<std::uint32_t, std::uint64_t> tracks_end_;
    std::map<std::uint32_t, bool> skipped_;  // tracks that had nothing since the last discontinuity
};

inline void check(const Show& show) {
    Checker(show).check();
}

}  // namespace output::cmaf::test
