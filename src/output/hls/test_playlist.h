// Reads a media playlist as the tests need it; what they hold it against is the text of the specification.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace output::hls::test {

struct ListedPart {
    std::string uri;
    double duration = 0;
    bool independent = false;
};

struct ListedSegment {
    std::uint64_t msn = 0;
    std::string uri;  // empty: in the making
    double duration = 0;
    bool discontinuity = false;
    std::uint64_t discontinuities = 0;  // before and with it, since for ever
    std::string map;
    std::string date;
    std::vector<ListedPart> parts;

    double parts_duration() const {
        double sum = 0;
        for (const ListedPart& part : parts) sum += part.duration;
        return sum;
    }
};

struct Listed {
    std::map<std::string, std::string> head;
    std::vector<ListedSegment> segments;
    std::optional<ListedSegment> open;
    std::string hint;
    std::uint64_t skipped = 0;
    bool ended = false;

    std::uint64_t media_sequence() const { return std::stoull(head.at("EXT-X-MEDIA-SEQUENCE")); }
    std::uint64_t discontinuity_sequence() const {
        return std::stoull(head.at("EXT-X-DISCONTINUITY-SEQUENCE"));
    }
    double target() const { return std::stod(head.at("EXT-X-TARGETDURATION")); }
    double duration() const {
        double sum = 0;
        for (const ListedSegment& segment : segments) sum += segment.duration;
        return sum;
    }
    std::vector<std::string> uris() const {
        std::vector<std::string> all;
        const auto add = [&](const ListedSegment& segment) {
            all.push_back(segment.map);
            for (const ListedPart& part : segment.parts) all.push_back(part.uri);
            if (!segment.uri.empty()) all.push_back(segment.uri);
        };
        for (const ListedSegment& segment : segments) add(segment);
        if (open) add(*open);
        return all;
    }
};

inline std::string attribute(const std::string& line, const std::string& name) {
    std::size_t at = line.find(name + '=');
    if (at == std::string::npos) return {};
    at += name.size() + 1;
    if (line[at] != '"') return line.substr(at, line.find(',', at) - at);
    return line.substr(at + 1, line.find('"', at + 1) - at - 1);
}

inline Listed read_playlist(const std::string& text) {
    Listed list;
    ListedSegment next;
    std::uint64_t discontinuities = 0;
    std::uint64_t msn = 0;
    bool begun = false;
    EXPECT_TRUE(text.starts_with("#EXTM3U\n")) << text;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        const std::size_t colon = line.find(':');
        const std::string tag =
            line.substr(line.starts_with('#') ? 1 : 0, colon == std::string::npos ? colon : colon - 1);
        const std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
        if (!line.starts_with('#')) {
            next.uri = line;
            next.msn = msn++;
            next.discontinuities = discontinuities;
            list.segments.push_back(next);
            const std::string map = next.map;
            next = {};
            next.map = map;
            begun = false;
        } else if (tag == "EXT-X-SKIP") {
            list.skipped = std::stoull(attribute(line, "SKIPPED-SEGMENTS"));
            msn += list.skipped;
        } else if (tag == "EXT-X-DISCONTINUITY") {
            next.discontinuity = true;
            ++discontinuities;
            begun = true;
        } else if (tag == "EXT-X-MAP") {
            next.map = attribute(line, "URI");
            begun = true;
        } else if (tag == "EXT-X-PROGRAM-DATE-TIME") {
            next.date = value;
            begun = true;
        } else if (tag == "EXT-X-PART") {
            next.parts.push_back({attribute(line, "URI"), std::stod(attribute(line, "DURATION")),
                                  attribute(line, "INDEPENDENT") == "YES"});
            begun = true;
        } else if (tag == "EXTINF") {
            next.duration = std::stod(value);
        } else if (tag == "EXT-X-PRELOAD-HINT") {
            list.hint = attribute(line, "URI");
        } else if (tag == "EXT-X-ENDLIST") {
            list.ended = true;
        } else {
            list.head[tag] = value;
            if (tag == "EXT-X-MEDIA-SEQUENCE") msn = std::stoull(value);
            if (tag == "EXT-X-DISCONTINUITY-SEQUENCE") discontinuities = std::stoull(value);
        }
    }
    if (begun) {
        next.msn = msn;
        next.discontinuities = discontinuities;
        list.open = next;
    }
    return list;
}

}  // namespace output::hls::test
