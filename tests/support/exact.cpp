#include "support/exact.h"

#include <algorithm>
#include <unordered_map>

namespace test_support {
namespace {

std::unordered_map<std::uint64_t, std::size_t> places_of(const std::vector<Recorded>& sent) {
    std::unordered_map<std::uint64_t, std::size_t> places;
    for (std::size_t i = 0; i < sent.size(); ++i)
        if (!sent[i].config) places.emplace(sent[i].hash, i);
    return places;
}

std::string at(std::size_t index, const char* what) {
    return "message " + std::to_string(index) + ": " + what;
}

// Metadata, both configurations, a keyframe, in this order.
std::string begins_well(const SinkRun& run) {
    if (run.metadata_before_media == 0) return "no metadata before the media";
    if (run.media.size() < 3) return "fewer than three messages";
    if (!run.media[0].config || !run.media[1].config || run.media[0].type == run.media[1].type)
        return "it does not begin with both configurations";
    const auto first = std::find_if(run.media.begin(), run.media.end(), [](const Recorded& message) {
        return !message.config && message.video();
    });
    if (first != run.media.end() && !first->keyframe) return "its first picture is no keyframe";
    return "";
}

std::string compare(const std::vector<Recorded>& sent, const SinkRun& run, std::size_t* first_place,
                    std::size_t* last_place) {
    if (std::string wrong = begins_well(run); !wrong.empty()) return wrong;
    const auto places = places_of(sent);
    const std::vector<Recorded> frames = run.frames();
    if (frames.empty()) return "";
    const auto first = places.find(frames[0].hash);
    if (first == places.end()) return "its first frame was never sent";
    *first_place = first->second;
    const std::uint32_t distance = frames[0].timestamp - sent[first->second].timestamp;
    std::size_t place = first->second;
    for (std::size_t i = 0; i < frames.size(); ++i, ++place) {
        while (place < sent.size() && sent[place].config) ++place;
        if (place >= sent.size()) return at(i, "more than was sent");
        const Recorded& expected = sent[place];
        if (frames[i].hash != expected.hash) {
            const auto found = places.find(frames[i].hash);
            if (found == places.end()) return at(i, "it was never sent, or changed on its way");
            return at(i, ("it is number " + std::to_string(found->second) + " of the encoder's, not " +
                          std::to_string(place))
                             .c_str());
        }
        if (frames[i].type != expected.type) return at(i, "of another type");
        if (frames[i].timestamp - expected.timestamp != distance) return at(i, "at another time");
    }
    *last_place = place - 1;
    return "";
}

}  // namespace

std::string exact_while_it_lasted(const std::vector<Recorded>& sent, const SinkRun& run) {
    std::size_t ignored = 0;
    // Cut before the first frame, or even before its headers, it has nothing wrong.
    if (run.media.size() < 3) return "";
    return compare(sent, run, &ignored, &ignored);
}

std::string exact_throughout(const std::vector<Recorded>& sent, const SinkRun& run) {
    const auto first_sent =
        std::find_if(sent.begin(), sent.end(), [](const Recorded& message) { return message.keyframe; });
    if (first_sent == sent.end()) return "nothing was sent";
    std::size_t first_place = 0;
    std::size_t last_place = 0;
    if (std::string wrong = compare(sent, run, &first_place, &last_place); !wrong.empty()) return wrong;
    if (first_place > static_cast<std::size_t>(first_sent - sent.begin()))
        return "it begins with number " + std::to_string(first_place) +
               " of the encoder's, not with its first";
    if (last_place != sent.size() - 1)
        return "it ends with number " + std::to_string(last_place) + " of " + std::to_string(sent.size());
    return "";
}

Gaps gaps(const std::vector<Recorded>& sent, const SinkRun& run) {
    Gaps result;
    result.wrong = begins_well(run);
    const auto places = places_of(sent);
    std::ptrdiff_t previous = -1;
    std::int64_t distance_of[2] = {0, 0};
    bool seen[2] = {false, false};
    for (const Recorded& frame : run.frames()) {
        const auto found = places.find(frame.hash);
        if (found == places.end()) {
            result.wrong = "a frame that was never sent";
            return result;
        }
        const auto place = static_cast<std::ptrdiff_t>(found->second);
        if (place <= previous) result.wrong = "a frame twice, or out of order";
        if (previous >= 0 && place != previous + 1) {
            if (!frame.keyframe)
                result.wrong = "after a gap, at number " + std::to_string(place) + ", no keyframe";
            for (auto i = previous + 1; i < place; ++i)
                if (sent[static_cast<std::size_t>(i)].video()) ++result.pictures_missing;
        }
        if (frame.keyframe) ++result.groups_begun;
        previous = place;
        const std::size_t kind = frame.video() ? 1 : 0;
        distance_of[kind] = static_cast<std::int64_t>(frame.timestamp) -
                            static_cast<std::int64_t>(sent[found->second].timestamp);
        seen[kind] = true;
        if (seen[0] && seen[1])
            result.skew =
                std::max(result.skew, std::chrono::milliseconds(std::abs(distance_of[0] - distance_of[1])));
    }
    return result;
}

Delays delays(const std::vector<Recorded>& sent, const std::vector<SinkRun>& runs) {
    const auto places = places_of(sent);
    std::vector<std::chrono::microseconds> all;
    for (const SinkRun& run : runs)
        for (const Recorded& frame : run.frames())
            if (const auto found = places.find(frame.hash); found != places.end())
                all.push_back(
                    std::chrono::duration_cast<std::chrono::microseconds>(frame.at - sent[found->second].at));
    if (all.empty()) return {};
    std::sort(all.begin(), all.end());
    return {all[all.size() / 2], all[all.size() * 99 / 100], all.back(), all.size()};
}

}  // namespace test_support
