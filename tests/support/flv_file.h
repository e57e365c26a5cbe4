// The tags of an FLV file (FLV 10.1, E.2 to E.4.1), held to its framing byte by byte. For one test, on its
// thread.
#pragma once

#include <gtest/gtest.h>

#include "base/byte_reader.h"
#include "format/flv/tag.h"

namespace test_support {

struct FlvTag {
    media::Kind kind{};
    std::uint32_t milliseconds = 0;
    base::SharedBytes body;
};

struct FlvFile {
    bool audio = false;
    bool video = false;
    std::vector<FlvTag> tags;
};

inline FlvFile read_flv_file(base::ByteView bytes) {
    FlvFile file;
    base::ByteReader reader(bytes);
    EXPECT_EQ(base::as_text(reader.take(3)), "FLV");
    EXPECT_EQ(reader.u8(), 1);
    const int flags = reader.u8();
    file.audio = (flags & 4) != 0;
    file.video = (flags & 1) != 0;
    EXPECT_EQ(flags & ~5, 0);
    EXPECT_EQ(reader.u32(), 9u);
    EXPECT_EQ(reader.u32(), 0u);
    while (!reader.at_end() && !reader.failed()) {
        FlvTag tag;
        const int type = reader.u8();
        EXPECT_TRUE(type == 8 || type == 9 || type == 18) << type;
        tag.kind = type == 8 ? media::Kind::audio : type == 9 ? media::Kind::video : media::Kind::data;
        const std::size_t size = reader.u24();
        tag.milliseconds = reader.u24();
        tag.milliseconds |= std::uint32_t{reader.u8()} << 24;
        EXPECT_EQ(reader.u24(), 0u);
        const base::ByteView body = reader.take(size);
        tag.body = base::SharedBytes(base::Bytes(body.begin(), body.end()));
        EXPECT_EQ(reader.u32(), size + 11);
        file.tags.push_back(std::move(tag));
    }
    EXPECT_FALSE(reader.failed());
    return file;
}

// What an encoder that sends this tag publishes; nothing where it is no media.
inline std::vector<media::FramePtr> frames_of(const FlvTag& tag) {
    const media::Timestamp dts = std::chrono::milliseconds(tag.milliseconds);
    std::vector<media::FramePtr> frames;
    if (tag.kind == media::Kind::data) return frames;
    auto read = tag.kind == media::Kind::video ? format::flv::read_video_tag(tag.body, dts)
                                               : format::flv::read_audio_tag(tag.body, dts);
    EXPECT_TRUE(read);
    if (!read) return frames;
    for (media::Frame& frame : *read)
        frames.push_back(std::make_shared<const media::Frame>(std::move(frame)));
    return frames;
}

}  // namespace test_support
