// An encoder, the loop that wakes, and readers, each on a thread of its own: nothing is lost, nobody waits
// for ever.
#include <gtest/gtest.h>

#include <condition_variable>
#include <thread>

#include "format/flv/tag.h"
#include "hub/registry.h"
#include "net/io_pool.h"
#include "output/player/flv_players.h"

namespace output::player {
namespace {

using namespace std::chrono_literals;

constexpr int pictures = 20'000;
constexpr int readers = 3;
constexpr std::size_t tag_bytes = 25;
constexpr std::size_t file_header_bytes = 13;
constexpr std::size_t tag_framing_bytes = 15;

media::FramePtr picture(int number) {
    media::Frame frame;
    frame.kind = media::Kind::video;
    frame.codec = media::Codec::h264;
    frame.keyframe = number == 0;
    frame.dts = std::chrono::milliseconds(number);
    frame.tag = base::SharedBytes(format::flv::write_video_tag(frame.codec, frame.role, frame.keyframe, 0ms,
                                                               base::Bytes(tag_bytes - 5, 1)));
    return std::make_shared<const media::Frame>(std::move(frame));
}

// Sleeps until it is woken, as a connection does.
class Sleeper {
  public:
    void wake() {
        const std::lock_guard lock(mutex_);
        woken_ = true;
        changed_.notify_one();
    }
    bool sleep() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 10s, [this] { return std::exchange(woken_, false); });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
};

// How many bytes came until the end; 0 when nobody woke it.
std::size_t read_all(base::ByteSource& source, Sleeper& sleeper) {
    std::size_t bytes = 0;
    while (true) {
        base::GatherList list;
        const base::MonotonicTime now{};
        const auto pulled = source.pull(now, list);
        bytes += list.bytes();
        if (pulled.end) return bytes;
        if (list.empty() && pulled.next > now && !sleeper.sleep()) return 0;
    }
}

TEST(FlvThreads, every_reader_gets_every_frame_and_the_end) {
    net::IoPool pool(1);
    hub::Registry registry{hub::FrameLogSettings{}};
    FlvPlayers players({}, pool.core(0), registry);
    const auto stream = registry.open("st-1");
    std::vector<std::size_t> got(readers, 0);
    std::vector<std::thread> threads;
    for (int i = 0; i < readers; ++i) {
        threads.emplace_back([&, i, source = *players.open("st-1")] {
            auto sleeper = std::make_shared<Sleeper>();
            source->start([sleeper] { sleeper->wake(); });
            got[static_cast<std::size_t>(i)] = read_all(*source, *sleeper);
        });
    }
    for (int number = 0; number < pictures; ++number) {
        const auto one = picture(number);
        // Time stands still, so that nobody is too slow.
        stream->publish(std::span(&one, 1), {});
        // Sometimes all have read, sometimes much waits.
        if (number % 64 == 0) std::this_thread::yield();
    }
    registry.close(stream);
    for (std::thread& thread : threads) thread.join();
    const std::size_t whole = file_header_bytes + pictures * (tag_bytes + tag_framing_bytes);
    for (const std::size_t bytes : got) EXPECT_EQ(bytes, whole);
    EXPECT_EQ(players.count(), 0u);
    pool.stop();
}

}  // namespace
}  // namespace output::player
