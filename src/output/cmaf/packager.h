// Packager: one stream's frames become CMAF-like fragmented MP4, once for all who serve or record it.
// Sans-I/O: deliveries and the time go in, events come out in the order of the media. No payload is copied: a
// part keeps the hub's frames. Owned by one output of a stream; one thread.
//
// Where it cuts:
//   segment   before the first keyframe after segment_target; without pictures, where the time is up; where
//             no keyframe comes before the target duration is over, there, and again before the next keyframe
//   part      before the last picture that begins within part_target; where pictures are so far apart that
//             this would be less than 85 % of the target, before the last sound within it
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "format/fmp4/fragment.h"
#include "hub/stream.h"
#include "output/cmaf/part.h"
#include "output/cmaf/track.h"

namespace output::cmaf {

struct PackagerSettings {
    std::chrono::milliseconds segment_target{2'000};
    std::chrono::milliseconds part_target{500};
    // Of the first segment: sequence numbers go on where another packager of this stream stopped.
    std::uint64_t first_msn = 0;
};

// A segment that no keyframe ends is cut at these, and says so; once there is a target duration, where that
// is over. Weight is the payload and, for each frame, what it costs to keep one: a flood of tiny frames is
// heavy as well.
inline constexpr std::chrono::seconds max_segment_duration{12};
inline constexpr std::size_t max_segment_weight = 16 * 1024 * 1024;
inline constexpr std::size_t frame_weight = 256;
// What waits for its part; then it is one, however short.
inline constexpr std::size_t max_part_weight = 4 * 1024 * 1024;
inline constexpr std::size_t max_part_samples = 4'096;
// How much of a stream is held back until it is clear which tracks it has.
inline constexpr std::chrono::seconds start_patience{1};
// A track without a frame for this long is gone, and a frame that comes after it begins anew.
inline constexpr std::chrono::seconds max_hole{3};
// An encoder that announces its configuration again and whose next frame is this far from where it should be
// has been away. Some repeat it with each keyframe.
inline constexpr std::chrono::milliseconds return_gap{250};
// Sound that comes before the first picture of such an encoder waits for it, so that both stand behind one
// discontinuity, for no longer than start_patience; and no more of it than this is kept if the picture needs
// another init segment. Nor more than half a part, so that the first one has the picture.
inline constexpr std::chrono::milliseconds max_sound_lead{250};
// A keyframe that comes a little early still ends its segment: stamps are rounded and shaken.
inline constexpr std::chrono::milliseconds keyframe_slack{50};

class Packager {
  public:
    explicit Packager(const PackagerSettings& settings);

    // `now` is when the frame arrived; program date times come from it.
    void push(const hub::Delivery& delivery, base::WallTime now);
    // The wall clock was set: what is pushed from now on comes by the new time. Dates within a segment go
    // with its media (6.2.1), so they follow with the next one, behind a discontinuity.
    void on_clock_set(base::WallTime::duration by);
    // No more comes: what waits becomes the last part.
    void end();
    // Nothing when more frames are needed. Take all there are after each push.
    std::optional<Event> next_event();

  private:
    // One kind of media, carried or not.
    struct Source {
        Track track;
        // What its frames have now. Null: not announced, or left out.
        TrackConfigPtr announced;
        base::Bytes announced_bytes;
        media::Codec announced_codec = media::Codec::none;
        media::Codec left_out = media::Codec::none;
        bool announced_anew = false;
        // It has frames that could be carried, and when the last one came.
        bool present = false;
        media::Timestamp last_seen{0};
        // Frames before this are not wanted, until one is not before it.
        std::optional<media::Timestamp> joins_at;
    };
    struct Held {
        media::FramePtr frame;
        media::Timestamp at{0};
        base::WallTime arrived{};
    };
    struct Frontier {
        media::Timestamp at{0};
        bool exact = false;  // a part may end there
    };
    struct Anchor {
        media::Timestamp at{0};
        base::WallTime wall{};
    };

    // Which tracks there are.
    void on_config(Source& source, const media::FramePtr& frame);
    void leave_out(Source& source, const media::Frame& frame, std::string reason);
    void drop_held(media::Kind kind);
    bool usable(Source& source, const media::Frame& frame);
    void notice_presence(Source& source, const media::Frame& frame, media::Timestamp at);
    bool tracks_are_other() const;
    bool may_begin_with(const media::Frame& frame) const;

    // Before the first init segment.
    void hold(const Held& frame);
    bool known_enough() const;
    void begin();

    void on_frame(Source& source, const Held& frame);
    bool all_silent_until(media::Timestamp at) const;
    bool is_broken(const Source& source, media::Timestamp at, Discontinuity::Why& why) const;
    void break_off(Discontinuity::Why why);
    void discontinuity(Discontinuity::Why why);
    bool change_tracks(media::Timestamp at);
    void append(Source& source, const Held& frame);
    // Sound that waits for pictures, behind a break.
    bool waits_for_picture(const Source& source) const;
    void hold_back(const Held& frame);
    void let_go_of_sound();
    bool change_tracks_with_sound(const Held& first);

    // Cutting; see packager_cut.cpp.
    void cut_what_is_due(const Source& newest);
    void cut_at_keyframe();
    void cut_overweight();
    void cut_rest(std::optional<media::Timestamp> end);
    void cut_windows(Frontier end);
    Frontier frontier() const;
    std::optional<media::Timestamp> choose_cut(Frontier end) const;
    bool cut_part(media::Timestamp end, bool all = false);
    void take_run(Track& track, std::size_t count, Part& part);
    void end_segment(SegmentEnd why);
    bool mend_dates();
    base::WallTime date_of(media::Timestamp at) const;

    PackagerSettings settings_;
    Source video_;
    Source audio_;

    std::vector<Held> held_;
    std::size_t held_weight_ = 0;
    bool ended_ = false;

    InitPtr init_;
    std::uint32_t next_init_id_ = 0;
    std::uint32_t sequence_ = 0;
    // The stream's time where the tracks' begins.
    media::Timestamp origin_{0};
    Anchor anchor_;
    // By how much the anchor is wrong since the clock was set.
    base::WallTime::duration clock_set_{0};
    // The part that is being filled begins here.
    media::Timestamp part_start_{0};
    std::size_t waiting_weight_ = 0;
    SegmentEnded segment_;  // as far as it has parts
    std::size_t segment_weight_ = 0;
    bool segment_has_pictures_ = false;
    bool parts_since_break_ = false;
    // The next frame begins the part that is to be filled.
    bool begins_anew_ = false;
    std::chrono::seconds target_duration_{0};
    media::Timestamp segment_limit_{max_segment_duration};

    std::array<format::fmp4::Run, 2> runs_;
    std::vector<Event> events_;
    std::size_t next_event_ = 0;
};

}  // namespace output::cmaf
