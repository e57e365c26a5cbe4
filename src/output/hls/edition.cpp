#include "output/hls/edition.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "format/m3u8/writer.h"
#include "output/cmaf/packager.h"

namespace output::hls {
namespace {

using What = Question::What;
namespace m3u8 = format::m3u8;

// Before the first segment is there: one without a keyframe takes so long.
constexpr std::chrono::seconds first_segment_patience = cmaf::max_segment_duration + std::chrono::seconds(1);
// 6.2.1 and B.1: what a cache may do with the answer to a question that says which version it wants.
constexpr int blocking_lifetime_targets = 6;

std::string file_name(PartName name) {
    return std::to_string(name.msn) + '.' + std::to_string(name.index) + ".m4s";
}

std::string with_place(std::string name) {
    name += QueryText::place;
    return name;
}

bool is_playlist(const Question& question) {
    return question.what == What::media || question.what == What::plain_media;
}

m3u8::SegmentStart start_of(const Segment& segment) {
    return {.map = {.uri = with_place(std::to_string(segment.init->name) + ".mp4")},
            .discontinuity = segment.discontinuity,
            .program_date_time = segment.program_date_time};
}

void add_parts(const Segment& segment, std::vector<m3u8::Part>& to) {
    for (std::uint32_t i = 0; i < segment.listed_parts; ++i) {
        const SegmentPart& part = segment.parts[i];
        to.push_back({.uri = with_place(file_name(segment.name_of(i))),
                      .duration = part.duration,
                      .independent = part.independent,
                      .gap = part.lost});
    }
}

tl::unexpected<base::Error> gone() {
    return base::fail(base::ErrorCode::not_found, "It is not there, or not any more.");
}

std::string hex(std::size_t value) {
    std::string out;
    for (; value != 0; value >>= 4) out += "0123456789abcdef"[value & 15];
    return out;
}

}  // namespace

Edition::Edition(EditionState state) : state_(std::move(state)) {
    const Segment* last = last_whole();
    edge_ = {.next_msn = state_.open ? state_.open->msn
                         : last      ? last->msn + 1
                                     : 0,
             .open_parts = state_.open ? state_.open->listed_parts : 0,
             .last_segment_parts = last ? last->listed_parts : 0,
             .ended = state_.phase == Phase::ended,
             .target_duration = state_.target_duration,
             .part_target = state_.part_target};
}

const Segment* Edition::last_whole() const {
    return state_.segments->empty() ? nullptr : state_.segments->back().get();
}

base::Result<std::optional<std::chrono::seconds>> Edition::wait_for(const Question& question) const {
    using Wait = std::optional<std::chrono::seconds>;
    const bool names_file =
        question.what == What::init || question.what == What::segment || question.what == What::part;
    if (state_.phase == Phase::starting) return names_file ? Wait() : Wait(first_segment_patience);
    if (question.what == What::part && state_.phase == Phase::live) {
        if (question.name != next_part()) return Wait();
        return Wait(state_.target_duration * m3u8::max_wait_targets);
    }
    if (question.what != What::media) return Wait();
    const auto decision = m3u8::decide(edge_, question.directives);
    if (!decision) return base::fail(decision.error());
    if (const auto* wait = std::get_if<m3u8::WaitFor>(&*decision)) return Wait(wait->max_wait);
    return Wait();
}

base::Result<media::Content> Edition::answer(const Question& question) const {
    if (question.what == What::init || question.what == What::segment || question.what == What::part) {
        auto found = file_content(question);
        return found || !state_.past ? found : state_.past->answer(question);
    }
    if (state_.phase == Phase::starting) return gone();
    return playlist_content(question);
}

PartName Edition::next_part() const {
    if (state_.open) return state_.open->next_part();
    const Segment* last = last_whole();
    return last ? last->next_part() : PartName{};
}

SegmentPtr Edition::find_segment(std::uint64_t msn) const {
    const auto& segments = *state_.segments;
    if (segments.empty() || msn < segments.front()->msn || msn - segments.front()->msn >= segments.size())
        return nullptr;
    return segments[msn - segments.front()->msn];
}

Edition::Found Edition::find_part(PartName name) const {
    SegmentPtr segment = find_segment(name.msn);
    if (!segment && state_.open && state_.open->msn == name.msn) segment = state_.open;
    if (!segment) {
        // The first part of the oldest that is left, by the name that it has.
        if (!state_.segments->empty() && state_.segments->front()->first_part == name)
            return {state_.segments->front(), 0};
        return {};
    }
    if (name.index < segment->parts.size()) return {segment, name.index};
    if (name.index > segment->parts.size() || segment == state_.open) return {};
    SegmentPtr next = find_segment(name.msn + 1);
    if (!next && state_.open && state_.open->msn == name.msn + 1) next = state_.open;
    if (!next || next->parts.empty()) return {};
    return {next, 0};
}

InitSectionPtr Edition::find_init(std::uint64_t name) const {
    if (state_.open && state_.open->init->name == name) return state_.open->init;
    for (const SegmentPtr& segment : *state_.segments)
        if (segment->init->name == name) return segment->init;
    return nullptr;
}

base::Result<media::Content> Edition::file_content(const Question& question) const {
    media::Content content;
    content.lifetime = std::nullopt;
    content.etag = std::to_string(question.name.msn);
    InitSectionPtr init;
    if (question.what == What::init) {
        init = find_init(question.name.msn);
        if (!init) return gone();
        content.body = init->bytes;
    } else if (question.what == What::segment) {
        const SegmentPtr segment = find_segment(question.name.msn);
        if (!segment || segment->lost) return gone();
        init = segment->init;
        content.body = segment->slice;
    } else {
        const auto [segment, index] = find_part(question.name);
        if (!segment || segment->parts[index].lost) return gone();
        init = segment->init;
        content.body = segment->slice.part(segment->parts[index].offset, segment->parts[index].size);
        content.etag += '.' + std::to_string(question.name.index);
    }
    content.type = init->has_video() ? "video/mp4" : "audio/mp4";
    return content;
}

m3u8::MediaPlaylist Edition::playlist(bool with_parts) const {
    const std::chrono::seconds target = state_.target_duration;
    m3u8::MediaPlaylist list;
    list.target_duration = target;
    list.part_target = state_.part_target;
    list.server_control = {.can_block_reload = true,
                           .hold_back = target * m3u8::min_hold_back_targets,
                           .part_hold_back = state_.part_target * m3u8::part_hold_back_targets,
                           .can_skip_until = target * m3u8::min_skip_boundary_targets};
    list.discontinuity_sequence = state_.discontinuity_sequence;
    list.ended = state_.phase == Phase::ended;
    const auto& segments = *state_.segments;
    list.segments.reserve(segments.size() - state_.first_listed);
    for (std::size_t i = state_.first_listed; i < segments.size(); ++i) {
        const Segment& segment = *segments[i];
        m3u8::Segment& listed = list.segments.emplace_back();
        listed.start = start_of(segment);
        listed.uri = with_place(std::to_string(segment.msn) + ".m4s");
        listed.duration = segment.duration;
        listed.gap = segment.lost;
        if (with_parts) add_parts(segment, listed.parts);
    }
    if (!list.segments.empty()) list.media_sequence = segments[state_.first_listed]->msn;
    if (!with_parts || list.ended) return list;
    if (state_.open && state_.open->listed_parts > 0) {
        list.open.emplace();
        list.open->start = start_of(*state_.open);
        add_parts(*state_.open, list.open->parts);
    }
    // Behind a part that is too long to be listed, none is before the next segment.
    const bool listed = !state_.open || state_.open->listed_parts == state_.open->parts.size();
    if (listed) list.preload_hint = m3u8::PreloadHint{.uri = with_place(file_name(next_part()))};
    return list;
}

std::string Edition::index(const Question& question) const {
    const auto& segments = *state_.segments;
    m3u8::Variant variant;
    variant.uri =
        (question.what == What::plain_index ? "plain.m3u8" : "media.m3u8") + question.playlist_query;
    variant.bandwidth = state_.bandwidth.peak;
    variant.average_bandwidth = state_.bandwidth.average;
    std::vector<std::string> codecs;
    for (std::size_t i = state_.first_listed; i < segments.size(); ++i) {
        for (const cmaf::InitTrack& track : segments[i]->init->init->tracks) {
            if (std::find(codecs.begin(), codecs.end(), track.codec_string) != codecs.end()) continue;
            codecs.push_back(track.codec_string);
            variant.codecs += (variant.codecs.empty() ? "" : ",") + track.codec_string;
        }
    }
    const InitSection& init = *segments.back()->init;
    if (init.has_video()) {
        variant.resolution = {.width = static_cast<std::uint32_t>(init.init->width),
                              .height = static_cast<std::uint32_t>(init.init->height)};
        const auto thousandths = static_cast<std::uint32_t>(std::lround(state_.frame_rate * 1000));
        if (thousandths > 0) variant.frame_rate = m3u8::FrameRate{thousandths, 1000};
    }
    ++*state_.texts_made;
    return m3u8::write(m3u8::MultivariantPlaylist{.variants = {std::move(variant)}});
}

const QueryText& Edition::text(Text kind) const {
    std::call_once(once_[kind], [&] {
        const m3u8::MediaPlaylist list = playlist(kind != plain);
        texts_[kind].emplace(
            kind == delta ? m3u8::write_delta(list)
                          : m3u8::write(list, kind == plain ? m3u8::Form::plain : m3u8::Form::low_latency));
        ++*state_.texts_made;
    });
    return *texts_[kind];
}

media::Content Edition::playlist_content(const Question& question) const {
    media::Content content;
    content.type = "application/vnd.apple.mpegurl";
    content.etag = std::to_string(state_.segments->front()->msn) + '-' + std::to_string(state_.serial);
    if (!is_playlist(question)) {
        content.body = std::make_shared<const std::string>(index(question));
        content.personal = !question.playlist_query.empty();
        content.etag += question.what == What::plain_index ? "-x" : "-i";
        if (content.personal) content.etag += hex(std::hash<std::string>()(question.playlist_query));
        return content;
    }
    const bool blocking = question.what == What::media && question.directives.msn.has_value();
    content.lifetime = blocking && state_.phase == Phase::live
                           ? state_.target_duration * blocking_lifetime_targets
                           : state_.target_duration / 2;
    const Text kind = question.what == What::plain_media                                 ? plain
                      : question.directives.skip == m3u8::DeliveryDirectives::Skip::none ? low_latency
                                                                                         : delta;
    content.etag += kind == plain ? "-p" : kind == delta ? "-d" : "-m";
    const QueryText& shared = text(kind);
    if (question.query.empty()) {
        const QueryText::Made& made = shared.without_query();
        content.body = made.text;
        content.gzip = made.gzip;
        return content;
    }
    content.body = std::make_shared<const std::string>(shared.with(question.query));
    content.personal = true;
    content.etag += hex(std::hash<std::string>()(question.query));
    return content;
}

}  // namespace output::hls
