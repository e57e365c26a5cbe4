#include "output/player/flv_metadata.h"

#include <gtest/gtest.h>

#include <limits>

#include "protocol/rtmp/amf0.h"

namespace output::player {
namespace {

using protocol::rtmp::AmfObject;
using protocol::rtmp::AmfValue;

base::Bytes body(const AmfValue& name, const AmfValue& properties) {
    base::Bytes bytes;
    protocol::rtmp::write_amf(bytes, name);
    protocol::rtmp::write_amf(bytes, properties);
    return bytes;
}

TEST(FlvMetadata, describes_pictures_and_sound_and_nothing_else) {
    const AmfObject encoders{{"duration", 3'600},
                             {"fileSize", 1'000'000},
                             {"width", 1280},
                             {"height", 720},
                             {"keyframes", AmfObject{{"times", 1}}},
                             {"encoder", "a program and its version"},
                             {"videocodecid", "avc1"},
                             {"framerate", std::numeric_limits<double>::quiet_NaN()},
                             {"stereo", true}};
    AmfObject told{{"width", 1280}, {"height", 720}, {"stereo", true}};
    told.ecma_array = true;
    EXPECT_EQ(write_live_metadata(body("onMetaData", encoders)), body("onMetaData", told));
}

TEST(FlvMetadata, is_nothing_where_there_is_nothing_to_tell) {
    EXPECT_TRUE(write_live_metadata({}).empty());
    EXPECT_TRUE(write_live_metadata(body("onMetaData", AmfObject{{"encoder", "x"}})).empty());
    EXPECT_TRUE(write_live_metadata(body("onCuePoint", AmfObject{{"width", 1}})).empty());
    EXPECT_TRUE(write_live_metadata(body("onMetaData", 7)).empty());
    EXPECT_TRUE(write_live_metadata(base::as_bytes("onMetaData")).empty());
}

}  // namespace
}  // namespace output::player
