#include "ingest/rtmp/message_demuxer.h"

#include "format/flv/tag.h"
#include "protocol/rtmp/amf0.h"
#include "protocol/rtmp/media_writer.h"

namespace ingest::rtmp {

using protocol::rtmp::Message;
using protocol::rtmp::MessageType;

base::Result<> MessageDemuxer::demux(const Message& message, std::vector<TimedFrame>& frames) {
    if (message.type == MessageType::data_amf0) {
        demux_data(message, frames);
        return {};
    }
    auto read = message.type == MessageType::video
                    ? format::flv::read_video_tag(message.body, media::Timestamp(0))
                    : format::flv::read_audio_tag(message.body, media::Timestamp(0));
    if (!read) return base::fail(std::move(read).error());
    for (media::Frame& frame : *read) frames.push_back({message.timestamp, std::move(frame)});
    return {};
}

void MessageDemuxer::demux_data(const Message& message, std::vector<TimedFrame>& frames) {
    const base::ByteView prefix = protocol::rtmp::set_data_frame_prefix();
    base::SharedBytes body = message.body;
    if (body.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), body.view().begin()))
        body = body.from(prefix.size());

    protocol::rtmp::AmfReader reader(body.view());
    const auto name = reader.read();
    // Data that is not AMF0 is of no use to anybody behind us; the media around it is.
    if (!name || !name->text() || *name->text() == "@clearDataFrame") return;

    media::Frame frame;
    frame.kind = media::Kind::data;
    frame.role = *name->text() == "onMetaData" ? media::Role::metadata : media::Role::coded;
    frame.tag = std::move(body);
    if (frame.role == media::Role::metadata) {
        const auto properties = reader.read();
        if (!properties || !properties->object()) return;
        declared_fps_ = properties->object()->number("framerate");
    }
    frames.push_back({message.timestamp, std::move(frame)});
}

}  // namespace ingest::rtmp
