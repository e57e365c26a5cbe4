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

// As it is when a recording of that length was finished.
inline base::Bytes finished_lead(std::chrono::milliseconds duration) {
    base::Bytes bytes = lead().bytes;
    const base::Bytes said = write_duration(duration);
    std::copy(said.begin(), said.end(), bytes.begin() + static_cast<std::ptrdiff_t>(lead().duration_at));
    return bytes;
}

// What is read of it.
struct LeadCase {
    std::string_view name;
    base::Bytes bytes;
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
    const std::uint64_t behind = lead().init_size;
    static const std::vector<LeadCase> table{
        {"new", lead().bytes, true, false},
        {"finished", finished_lead(std::chrono::seconds(3)), true, true},
        {"its_head_alone", cut(behind), false, false},
        {"cut_in_the_next_header", cut(behind + 7), false, false},
        {"cut_in_the_time", cut(lead().bytes.size() - 1), false, false},
        {"a_box_without_size", written_over(behind, "00000000"), false, false},
        {"a_box_smaller_than_its_header", written_over(behind, "00000007"), false, false},
        {"a_box_of_all_that_can_be_said", written_over(behind, "ffffffff"), false, false},
        {"a_long_box", written_over(behind, "00000001"), false, false},
        {"a_time_before_1970", written_over(behind + 16, "00000000"), false, false},
        {"a_time_of_something_else", written_over(behind + 24, "0000000000000001"), false, false},
        {"a_duration_past_all", written_over(lead().duration_at + 4, "6d656864 01000000 ffffffff ffffffff"),
         true, false},
        {"a_duration_of_32_bits", written_over(lead().duration_at + 4, "6d656864 00000000 00000000 00000001"),
         true, false},
    };
    return table;
}

}  // namespace format::fmp4::samples
