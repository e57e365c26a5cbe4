#include "output/rtmp/rtmp_push.h"

#include <string_view>

#include "output/rtmp/flv_post.h"

namespace output::rtmp {

using protocol::rtmp::ClientStep;

namespace {

std::string_view fourcc(media::Codec codec) {
    switch (codec) {
        case media::Codec::hevc:
            return "hvc1";
        case media::Codec::vvc:
            return "vvc1";
        case media::Codec::av1:
            return "av01";
        case media::Codec::vp8:
            return "vp08";
        case media::Codec::vp9:
            return "vp09";
        case media::Codec::opus:
            return "Opus";
        case media::Codec::flac:
            return "fLaC";
        case media::Codec::ac3:
            return "ac-3";
        case media::Codec::eac3:
            return "ec-3";
        // These have code points of their own in plain RTMP.
        case media::Codec::h264:
        case media::Codec::aac:
        case media::Codec::mp3:
        case media::Codec::none:
            return {};
    }
    return {};
}

// What to do about it, in the words of the place where it failed.
std::string explain(const protocol::rtmp::Refused& refused) {
    const std::string said = refused.text.empty() ? refused.code : refused.text;
    if (refused.step == ClientStep::connect)
        return "the platform refused the connection (" + said +
               "): check the server URL, its last part above all";
    return "the platform refused the stream key (" + said +
           "): copy the key again from the platform, and see that no other stream is using it";
}

}  // namespace

RtmpPush::RtmpPush(protocol::rtmp::ClientSettings settings, base::MonotonicTime now)
    : chunk_size_(settings.out_chunk_size), session_(std::move(settings), now) {}

std::optional<PushEvent> RtmpPush::next_event() {
    while (auto event = session_.next_event()) {
        if (const auto* accepted = std::get_if<protocol::rtmp::PublishAccepted>(&*event)) {
            writer_.emplace(accepted->stream_id, chunk_size_, protocol::rtmp::set_data_frame_prefix());
            return Accepted{};
        }
        if (const auto* refused = std::get_if<protocol::rtmp::Refused>(&*event))
            return Refused{explain(*refused)};
        if (const auto* ended = std::get_if<protocol::rtmp::EndedByPeer>(&*event))
            return Refused{"the platform ended the stream (" +
                           (ended->text.empty() ? ended->code : ended->text) + ")"};
        if (const auto* again = std::get_if<protocol::rtmp::ReconnectRequested>(&*event))
            return ComeAgain{again->tc_url};
    }
    return std::nullopt;
}

bool RtmpPush::key_sent() const {
    return session_.step() == ClientStep::create_stream || session_.step() == ClientStep::publish;
}

std::string RtmpPush::doing() const {
    return "step " + std::string(to_string(session_.step()));
}

protocol::rtmp::ClientSettings client_settings(const net::PushUrl& url, const base::Secret& key) {
    protocol::rtmp::ClientSettings settings;
    settings.app = url.app;
    settings.tc_url = url.tc_url;
    settings.stream_key = key;
    return settings;
}

std::unique_ptr<PushProtocol> make_protocol(const net::PushUrl& url, const base::Secret& key,
                                            const hub::HeadersPtr& headers, base::MonotonicTime now) {
    if (!url.is_rtmp()) return std::make_unique<FlvPost>(url, key, headers);
    auto settings = client_settings(url, key);
    for (const media::FramePtr& config : headers->configs)
        if (const auto name = fourcc(config->codec); config->track == 0 && !name.empty())
            settings.fourcc_list.emplace_back(name);
    return std::make_unique<RtmpPush>(std::move(settings), now);
}

}  // namespace output::rtmp
