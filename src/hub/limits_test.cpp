// The bounds of a stream and its readers at the figures of production: at the bound, and past it.
#include <gtest/gtest.h>

#include "hub/stream.h"

namespace hub {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t mebibyte = 1024 * 1024;

class HubLimits : public testing::Test {
  protected:
    void publish(bool key, std::size_t size) {
        media::Frame made;
        made.kind = media::Kind::video;
        made.codec = media::Codec::h264;
        made.role = media::Role::coded;
        made.keyframe = key;
        made.dts = std::chrono::milliseconds(at_ += 40);
        made.tag = base::SharedBytes(base::Bytes(size, 1));
        const auto frame = std::make_shared<const media::Frame>(std::move(made));
        stream_->publish(std::span(&frame, 1), clock_.now());
    }
    std::size_t read(Subscription& reader) {
        const BatchPtr batch = reader.read(clock_.now(), 64 * mebibyte, recent_);
        return batch ? batch->frames.size() : 0;
    }

    int at_ = 0;
    base::ManualClock clock_;
    BatchPtr recent_;
    std::shared_ptr<Stream> stream_ = std::make_shared<Stream>("st-1", FrameLogSettings{});
};

TEST_F(HubLimits, sixteen_mebibytes_wait_for_a_reader_and_not_one_byte_more) {
    ASSERT_EQ(SubscriptionSettings{}.max_bytes, 16 * mebibyte);
    for (const std::size_t more : {0u, 1u}) {
        auto reader = stream_->subscribe({}, clock_.now());
        publish(true, 100);
        ASSERT_EQ(read(*reader), 1u);
        for (int i = 0; i < 15; ++i) publish(false, mebibyte);
        publish(false, mebibyte + more);
        EXPECT_EQ(reader->backlog(clock_.now()).bytes, 16 * mebibyte + more);
        EXPECT_EQ(read(*reader), more == 0 ? 16u : 0u);
        EXPECT_EQ(reader->dropped(), more == 0 ? 0u : 16u);
        clock_.advance(4s);
    }
}

TEST_F(HubLimits, two_seconds_wait_for_a_reader_and_no_longer) {
    ASSERT_EQ(SubscriptionSettings{}.max_age, 2s);
    for (const auto late : {0ms, 1ms}) {
        auto reader = stream_->subscribe({}, clock_.now());
        publish(true, 100);
        ASSERT_EQ(read(*reader), 1u);
        publish(false, 100);
        clock_.advance(2s + late);
        EXPECT_EQ(read(*reader), late == 0ms ? 1u : 0u);
        EXPECT_EQ(reader->dropped(), late == 0ms ? 0u : 1u);
        clock_.advance(4s);
    }
}

TEST_F(HubLimits, thirty_two_mebibytes_are_kept_of_a_stream_and_not_one_byte_more) {
    ASSERT_EQ(FrameLogSettings{}.max_bytes, 32 * mebibyte);
    publish(true, mebibyte);
    for (int i = 1; i < 32; ++i) publish(false, mebibyte);
    EXPECT_EQ(stream_->bytes_held(), 32 * mebibyte);
    publish(false, 1);
    EXPECT_EQ(stream_->bytes_held(), 31 * mebibyte + 1);
}

}  // namespace
}  // namespace hub
