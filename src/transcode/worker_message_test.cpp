#include "transcode/worker_message.h"

#include <gtest/gtest.h>

#include "transcode/test_pictures.h"

namespace transcode {
namespace {

base::Bytes whole(const ThumbnailRequest& request) {
    base::Bytes message = write_request_head(request).value();
    base::append(message, request.config.view());
    base::append(message, request.keyframe.view());
    return message;
}

Thumbnail thumbnail(std::string jpeg) {
    return {std::make_shared<const std::string>(std::move(jpeg)), 640, 360};
}

TEST(WorkerMessage, RequestIsReadAsItWasWritten) {
    for (const auto codec : {media::Codec::h264, media::Codec::hevc, media::Codec::av1, media::Codec::vp9}) {
        const base::Bytes message = whole(test::request(codec, {1, 2, 3}, {4, 5}));
        const auto request = read_request(message);
        ASSERT_TRUE(request);
        EXPECT_EQ(request->codec, codec);
        EXPECT_EQ(base::to_hex(request->config), "010203");
        EXPECT_EQ(base::to_hex(request->keyframe), "0405");
    }
}

TEST(WorkerMessage, OtherCodecsAreNotDecoded) {
    for (const auto codec : {media::Codec::none, media::Codec::vvc, media::Codec::vp8, media::Codec::aac})
        EXPECT_EQ(write_request_head(test::request(codec, {1}, {2})).error().code,
                  base::ErrorCode::unsupported);
    base::Bytes message = whole(test::request(media::Codec::h264, {1}, {2}));
    for (const std::uint8_t number : {0, 5, 255}) {
        message[5] = number;
        EXPECT_EQ(read_request(message).error().code, base::ErrorCode::unsupported);
    }
}

TEST(WorkerMessage, SizesAreBounded) {
    const auto sized = [](std::size_t config, std::size_t keyframe) {
        return test::request(media::Codec::hevc, base::Bytes(config), base::Bytes(keyframe));
    };
    EXPECT_TRUE(read_request(whole(sized(max_config_size, max_keyframe_size))));
    EXPECT_FALSE(write_request_head(sized(max_config_size + 1, 1)));
    EXPECT_FALSE(write_request_head(sized(1, max_keyframe_size + 1)));
    EXPECT_FALSE(write_request_head(sized(1, 0)));
    // The reader holds to them by itself.
    base::Bytes message = whole(sized(1, 1));
    message[6] = 0x7f;
    EXPECT_EQ(read_request(message).error().code, base::ErrorCode::limit_exceeded);
}

TEST(WorkerMessage, EveryCutAndEveryByteTooManyIsRefused) {
    base::Bytes message = whole(test::request(media::Codec::av1, {1, 2, 3}, {4, 5}));
    for (std::size_t size = 0; size < message.size(); ++size)
        EXPECT_FALSE(read_request(base::ByteView(message).first(size))) << size;
    message.push_back(0);
    EXPECT_FALSE(read_request(message));
}

TEST(WorkerMessage, ReplyIsReadAsItWasWritten) {
    const auto read = read_reply(write_reply(thumbnail("\xff\xd8 a picture \xff\xd9")));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->width, 640);
    EXPECT_EQ(read->height, 360);
    EXPECT_EQ(*read->jpeg, "\xff\xd8 a picture \xff\xd9");
    for (const auto code : {base::ErrorCode::malformed, base::ErrorCode::limit_exceeded,
                            base::ErrorCode::unsupported, base::ErrorCode::internal}) {
        const auto refused = read_reply(write_reply(base::Error{code, "it is\nso"}));
        EXPECT_EQ(refused.error().code, code);
        EXPECT_EQ(refused.error().message, "it is so");
    }
}

// A decoder that was taken over writes what it likes.
TEST(WorkerMessage, NonsenseOfAWorkerIsNoThumbnail) {
    const auto refused = [](const base::Bytes& message) {
        const auto read = read_reply(message);
        return !read && read.error().code == base::ErrorCode::internal;
    };
    EXPECT_TRUE(refused({}));
    EXPECT_TRUE(refused(write_reply(thumbnail("<html>"))));
    EXPECT_TRUE(refused(write_reply(thumbnail("\xff\xd8\xff"))));
    const std::string large = "\xff\xd8" + std::string(max_jpeg_size - 4, ' ') + "\xff\xd9";
    EXPECT_FALSE(refused(write_reply(thumbnail(large))));
    EXPECT_TRUE(refused(write_reply(thumbnail(large.substr(0, 2) + " " + large.substr(2)))));
    Thumbnail wide = thumbnail("\xff\xd8\xff\xd9");
    wide.width = max_thumbnail_width + 1;
    EXPECT_TRUE(refused(write_reply(wide)));
    base::Bytes message = write_reply(thumbnail("\xff\xd8\xff\xd9"));
    for (std::size_t size = 0; size < message.size(); ++size)
        EXPECT_TRUE(refused({message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size)}));
    message[4] = 9;
    EXPECT_TRUE(refused(message));
}

}  // namespace
}  // namespace transcode
