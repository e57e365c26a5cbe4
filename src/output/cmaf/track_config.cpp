#include "output/cmaf/track_config.h"

#include <array>

#include "codec/audio_config.h"
#include "codec/bit_reader.h"
#include "codec/video_config.h"

namespace output::cmaf {
namespace {

bool is_video(const TrackConfig& config) {
    return config.description.id == video_track_id;
}

}  // namespace

base::Result<TrackConfigPtr> read_track_config(const media::FramePtr& frame) {
    auto config = std::make_shared<TrackConfig>();
    format::fmp4::TrackDescription& track = config->description;
    track.codec = frame->codec;
    track.config = base::SharedBytes(frame, frame->payload());
    if (frame->kind == media::Kind::video) {
        auto read = codec::read_video_config(frame->codec, frame->payload());
        if (!read) return base::fail(std::move(read.error()));
        config->codec_string = std::move(read->codec_string);
        config->frame_rate = read->fps;
        track.id = video_track_id;
        track.timescale = format::fmp4::video_timescale;
        track.width = read->width;
        track.height = read->height;
    } else {
        auto read = codec::read_audio_config(frame->codec, frame->payload());
        if (!read) return base::fail(std::move(read.error()));
        config->codec_string = std::move(read->codec_string);
        if (frame->codec == media::Codec::aac) config->samples_per_frame = aac_frame_length(frame->payload());
        track.id = audio_track_id;
        track.timescale = static_cast<std::uint32_t>(read->sample_rate);
        track.channels = read->channels;
        track.sample_rate = read->sample_rate;
    }
    // What cannot be written is better known now than when a segment has to begin with it.
    if (auto trial = format::fmp4::write_init(std::span(&track, 1)); !trial)
        return base::fail(std::move(trial.error()));
    return config;
}

base::Result<InitPtr> make_init(std::uint32_t id, std::span<const TrackConfigPtr> tracks) {
    auto init = std::make_shared<Init>();
    init->id = id;
    std::vector<format::fmp4::TrackDescription> descriptions;
    for (const TrackConfigPtr& track : tracks) {
        const format::fmp4::TrackDescription& of = track->description;
        descriptions.push_back(of);
        init->tracks.push_back({of.id, of.codec, of.timescale, track->codec_string});
        if (is_video(*track)) {
            init->width = of.width;
            init->height = of.height;
            init->frame_rate = track->frame_rate;
        } else {
            init->channels = of.channels;
            init->sample_rate = of.sample_rate;
        }
    }
    auto bytes = format::fmp4::write_init(descriptions);
    if (!bytes) return base::fail(std::move(bytes.error()));
    init->bytes = std::move(*bytes);
    return init;
}

// ISO 14496-3, 1.6.2.1 up to the first bit of GASpecificConfig (4.4.1) or ELDSpecificConfig (4.6.20.3), which
// is frameLengthFlag.
std::uint32_t aac_frame_length(base::ByteView audio_specific_config) {
    constexpr std::uint32_t sbr = 5;
    constexpr std::uint32_t low_delay = 23;
    constexpr std::uint32_t parametric_stereo = 29;
    constexpr std::uint32_t enhanced_low_delay = 39;
    codec::BitReader reader(audio_specific_config);
    const auto object_type = [&] {
        const std::uint32_t type = reader.bits(5);
        return type == 31 ? 32 + reader.bits(6) : type;
    };
    const auto rate_index = [&] {
        const std::uint32_t index = reader.bits(4);
        if (index == 15) reader.skip(24);
    };
    std::uint32_t type = object_type();
    rate_index();
    reader.skip(4);
    if (type == sbr || type == parametric_stereo) {
        rate_index();
        type = object_type();
    }
    const bool shorter = reader.flag() && !reader.failed();
    const bool half = type == low_delay || type == enhanced_low_delay;
    const std::uint32_t length = (shorter ? 960 : 1024) / (half ? 2 : 1);
    // Where SBR is announced, the rate is the doubled one.
    const auto read = codec::read_audio_config(media::Codec::aac, audio_specific_config);
    const bool doubled = read && (read->codec_string == "mp4a.40.5" || read->codec_string == "mp4a.40.29");
    return length * (doubled ? 2 : 1);
}

std::uint32_t opus_packet_length(base::ByteView packet) {
    if (packet.empty()) return 0;
    const std::uint8_t toc = packet[0];
    const std::uint32_t config = toc >> 3;
    constexpr std::array<std::uint32_t, 4> silk{480, 960, 1920, 2880};
    std::uint32_t frame = 0;
    if (config < 12)
        frame = silk[config % 4];
    else if (config < 16)
        frame = config % 2 == 0 ? 480 : 960;
    else
        frame = 120u << config % 4;
    switch (toc & 3) {
        case 0:
            return frame;
        case 1:
        case 2:
            return 2 * frame;
        default:
            return packet.size() < 2 ? 0 : frame * (packet[1] & 0x3f);
    }
}

}  // namespace output::cmaf
