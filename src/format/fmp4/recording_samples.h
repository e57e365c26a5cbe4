// The table of what may stand around a recording's fragments, whole and broken: for the tests and as seeds of
// the fuzz target.
#pragma once

#include "format/fmp4/recording.h"
#include "format/fmp4/samples.h"

namespace format::fmp4::samples {

// 2026-11-20T12:34:56.789Z
inline const base::WallTime lead_began = base::from_unix_millis(1'795'178'096'789);

inline const RecordingLead& lead() {
    static const RecordingLead made = write_recording_lead(file().up_to(0), lead_began).value();
    return made;
}

// As it is when the recording was finished: `points` of one second each.
inline base::Bytes filled_lead(std::size_t points) {
    base::Bytes bytes = lead().bytes;
    std::vector<SeekPoint> seek;
    for (std::size_t i = 0; i < points; ++i) seek.push_back({i * 90'000, bytes.size() + i * 1'000});
    const auto index = write_seek_index({.track = 1,
                                         .timescale = 90'000,
                                         .points = seek,
                                         .end = {points * 90'000, bytes.size() + points * 1'000}},
                                        lead().room);
    const auto over = [&](std::uint64_t at, const base::Bytes& with) {
        std::copy(with.begin(), with.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    };
    over(lead().room.seek_index_at, index.value());
    over(lead().room.duration_at, write_duration(std::chrono::milliseconds(points * 1'000)));
    return bytes;
}

// What is read of it: all that a broken lead must not do is to name room that is none.
struct LeadCase {
    std::string_view name;
    base::Bytes bytes;
    bool room = false;
    bool began = false;
    bool duration = false;
};

inline const std::vector<LeadCase>& lead_cases() {
    using detail::bytes_of;
    const auto written_over = [](std::uint64_t at, std::string_view hex) {
        base::Bytes bytes = lead().bytes;
        const base::Bytes over = bytes_of(hex);
        std::copy(over.begin(), over.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
        return bytes;
    };
    const auto cut = [](std::uint64_t size) {
        return base::Bytes(lead().bytes.begin(), lead().bytes.begin() + static_cast<std::ptrdiff_t>(size));
    };
    const std::uint64_t room = lead().room.seek_index_at;
    const std::uint64_t behind = room + seek_index_room;
    static const std::vector<LeadCase> table{
        {"new", lead().bytes, true, true, false},
        {"finished", filled_lead(3), true, true, true},
        {"as_many_points_as_fit", filled_lead(5'457), true, true, true},
        {"more_points_than_fit", filled_lead(20'000), true, true, true},
        {"its_head_alone", cut(lead().init_size), false, false, false},
        {"cut_before_the_room", cut(room), false, false, false},
        {"cut_in_the_rooms_header", cut(room + 7), false, false, false},
        {"cut_in_the_room", cut(behind - 1), false, false, false},
        {"cut_behind_the_room", cut(behind), true, false, false},
        {"cut_in_the_time", cut(lead().bytes.size() - 1), true, false, false},
        {"a_room_without_size", written_over(room, "00000000"), false, false, false},
        {"a_room_smaller_than_its_header", written_over(room, "00000007"), false, false, false},
        {"a_room_of_all_that_can_be_said", written_over(room, "ffffffff"), false, false, false},
        {"a_room_into_the_fragments", written_over(room, "00010001"), false, false, false},
        {"a_seek_index_into_the_fragments", written_over(room, "00010001 73696478"), false, false, false},
        {"a_long_room", written_over(room, "00000001"), false, false, false},
        {"a_time_before_1970", written_over(behind + 16, "00000000"), true, false, false},
        {"a_time_of_something_else", written_over(behind + 24, "0000000000000001"), true, false, false},
        {"a_duration_past_all",
         written_over(lead().room.duration_at + 4, "6d656864 01000000 ffffffff ffffffff"), true, true, false},
        {"a_duration_of_32_bits",
         written_over(lead().room.duration_at + 4, "6d656864 00000000 00000000 00000001"), true, true, false},
    };
    return table;
}

}  // namespace format::fmp4::samples
