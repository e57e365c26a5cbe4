#include "ingest/rtmp/message_demuxer.h"

#include <gtest/gtest.h>

#include "protocol/rtmp/amf0.h"

namespace ingest::rtmp {
namespace {

using protocol::rtmp::AmfObject;
using protocol::rtmp::AmfValue;
using protocol::rtmp::Message;
using protocol::rtmp::MessageType;

Message message(MessageType type, base::Bytes body, std::uint32_t timestamp = 7) {
    return {type, 1, timestamp, base::SharedBytes(std::move(body))};
}

base::Bytes amf(std::initializer_list<AmfValue> values) {
    base::Bytes bytes;
    for (const AmfValue& value : values) protocol::rtmp::write_amf(bytes, value);
    return bytes;
}

class MessageDemuxerTest : public testing::Test {
  protected:
    base::Result<> demux(const Message& one) { return demuxer_.demux(one, frames_); }

    MessageDemuxer demuxer_;
    std::vector<TimedFrame> frames_;
};

TEST_F(MessageDemuxerTest, a_tag_body_is_carried_as_it_came_and_not_copied) {
    const Message sent = message(MessageType::video, {0x17, 1, 0, 0, 40, 0, 0, 0, 1, 0x65});
    ASSERT_TRUE(demux(sent));
    ASSERT_EQ(frames_.size(), 1u);
    EXPECT_EQ(frames_[0].wire_ms, 7u);
    EXPECT_EQ(frames_[0].frame.tag.data(), sent.body.data());
    EXPECT_TRUE(frames_[0].frame.keyframe);
    EXPECT_EQ(frames_[0].frame.cts, std::chrono::milliseconds(40));
}

TEST_F(MessageDemuxerTest, metadata_is_the_same_with_and_without_its_prefix) {
    const AmfObject properties{{"width", 1280}, {"framerate", 29.97}};
    const base::Bytes plain = amf({"onMetaData", properties});
    ASSERT_TRUE(demux(message(MessageType::data_amf0, plain)));
    ASSERT_TRUE(demux(message(MessageType::data_amf0, amf({"@setDataFrame", "onMetaData", properties}))));
    ASSERT_EQ(frames_.size(), 2u);
    for (const TimedFrame& timed : frames_) {
        EXPECT_EQ(timed.frame.role, media::Role::metadata);
        const base::ByteView view = timed.frame.tag.view();
        EXPECT_EQ(base::Bytes(view.begin(), view.end()), plain);
    }
    EXPECT_EQ(demuxer_.take_declared_fps(), 29.97);
    EXPECT_FALSE(demuxer_.take_declared_fps());
}

TEST_F(MessageDemuxerTest, other_data_goes_through_and_broken_data_goes_nowhere) {
    ASSERT_TRUE(demux(message(MessageType::data_amf0, amf({"onCuePoint", AmfObject{{"name", "ad"}}}))));
    ASSERT_EQ(frames_.size(), 1u);
    EXPECT_EQ(frames_[0].frame.role, media::Role::coded);
    for (const base::Bytes& broken : {base::Bytes{}, base::Bytes{0x02, 0xff}, base::Bytes{0x11, 0x01},
                                      amf({1.0}), amf({"onMetaData"}), amf({"@clearDataFrame"})})
        EXPECT_TRUE(demux(message(MessageType::data_amf0, broken)));
    EXPECT_EQ(frames_.size(), 1u);
}

TEST_F(MessageDemuxerTest, media_that_cannot_be_carried_is_refused_by_name) {
    const auto sorenson = demux(message(MessageType::video, {0x22, 0, 0, 0, 0, 0}));
    ASSERT_FALSE(sorenson);
    EXPECT_EQ(sorenson.error().code, base::ErrorCode::unsupported);
    EXPECT_FALSE(sorenson.error().message.empty());
}

}  // namespace
}  // namespace ingest::rtmp
