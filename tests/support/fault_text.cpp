#include "support/fault_text.h"

#include <charconv>
#include <functional>
#include <map>

namespace test_support {
namespace {

using Admission = Faults::Admission;
using Reader = std::function<void(FlowFaults&, double)>;

const std::map<std::string, Admission, std::less<>> admissions{
    {"closed_port", Admission::closed_port},
    {"full_backlog", Admission::full_backlog},
    {"closed_at_accept", Admission::closed_at_accept},
    {"reset_at_accept", Admission::reset_at_accept},
};

const std::map<std::string, Hang, std::less<>> hangs{
    {"hang=s0", Hang::s0},
    {"hang=s1", Hang::s1},
    {"hang=s2", Hang::s2},
    {"hang=connect", Hang::connect},
    {"hang=create_stream", Hang::create_stream},
    {"hang=publish", Hang::publish},
};

std::chrono::milliseconds milliseconds(double value) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(value));
}
std::uint64_t count(double value) {
    return static_cast<std::uint64_t>(value);
}

const std::map<std::string, Reader, std::less<>> flow_readers{
    {"delay_ms", [](FlowFaults& flow, double value) { flow.delay = milliseconds(value); }},
    {"jitter_ms", [](FlowFaults& flow, double value) { flow.jitter = milliseconds(value); }},
    {"rate", [](FlowFaults& flow, double value) { flow.bytes_per_second = count(value); }},
    {"stop_reading", [](FlowFaults& flow, double value) { flow.stop_reading = value != 0; }},
    {"swallow", [](FlowFaults& flow, double value) { flow.swallow = value != 0; }},
    {"slice", [](FlowFaults& flow, double value) { flow.slice = static_cast<std::size_t>(value); }},
    {"flip_probability", [](FlowFaults& flow, double value) { flow.flip_probability = value; }},
    {"flip_at", [](FlowFaults& flow, double value) { flow.flip_at = count(value); }},
    {"hold_at", [](FlowFaults& flow, double value) { flow.hold_at = count(value); }},
    {"end_at", [](FlowFaults& flow, double value) { flow.end_at = count(value); }},
    {"reset_at", [](FlowFaults& flow, double value) { flow.reset_at = count(value); }},
};

}  // namespace

base::Result<Faults> read_faults(std::span<const std::string> words) {
    Faults faults;
    for (const std::string& word : words) {
        const auto not_understood = [&word] {
            return base::fail(base::ErrorCode::invalid_argument, "not understood: " + word);
        };
        if (const auto admission = admissions.find(word); admission != admissions.end()) {
            faults.admission = admission->second;
            continue;
        }
        if (const auto hang = hangs.find(word); hang != hangs.end()) {
            faults.hang = hang->second;
            continue;
        }
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos) return not_understood();
        double value = 0;
        const char* const end = word.data() + word.size();
        const auto read = std::from_chars(word.data() + equals + 1, end, value);
        if (read.ec != std::errc() || read.ptr != end || value < 0) return not_understood();
        const std::string name = word.substr(0, equals);
        if (name == "reset_after_ms") {
            faults.reset_after_time = milliseconds(value);
            continue;
        }
        const bool up = name.starts_with("up.");
        if (!up && !name.starts_with("down.")) return not_understood();
        const auto reader = flow_readers.find(name.substr(name.find('.') + 1));
        if (reader == flow_readers.end()) return not_understood();
        reader->second(up ? faults.up : faults.down, value);
    }
    return faults;
}

}  // namespace test_support
