#include "transcode/thumbnailer.h"

#include <dirent.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <future>
#include <random>

#include "codec/samples.h"
#include "support/decoding.h"
#include "transcode/picture.h"
#include "transcode/test_pictures.h"
#include "transcode/worker_message.h"
#include "transcode/worker_process.h"

namespace transcode {
namespace {

using namespace std::chrono_literals;

int open_descriptors() {
    int count = 0;
    DIR* const folder = ::opendir("/proc/self/fd");
    while (::readdir(folder) != nullptr) ++count;
    ::closedir(folder);
    return count;
}

// Nothing of a worker outlives its call.
class Thumbnails : public testing::Test {
  protected:
    void SetUp() override { descriptors_ = open_descriptors(); }
    void TearDown() override {
        EXPECT_EQ(open_descriptors(), descriptors_);
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
        EXPECT_EQ(errno, ECHILD);
    }
    int descriptors_ = 0;
};

base::Result<base::Bytes> run(const std::string& argument, std::chrono::milliseconds deadline = 5s) {
    return run_worker({.program = "/proc/self/exe",
                       .argument = argument,
                       .input = {},
                       .max_output = 4096,
                       .deadline = deadline});
}

TEST_F(Thumbnails, SmallKeyframesOfEachCodec) {
    Thumbnailer thumbnailer({});
    for (const char* name : {"h264", "hevc", "av1"}) {
        const auto thumbnail = thumbnailer.make(test::small(name));
        ASSERT_TRUE(thumbnail) << name << ": " << thumbnail.error().message;
        EXPECT_EQ(thumbnail->width, 64);
        EXPECT_EQ(thumbnail->height, 48);
        EXPECT_EQ(test::size_in(*thumbnail->jpeg), "64x48") << name;
    }
    EXPECT_EQ(thumbnailer.counters().made, 3U);
    thumbnailer.stop();
    EXPECT_EQ(thumbnailer.make(test::small("h264")).error().code, base::ErrorCode::closed);
}

TEST_F(Thumbnails, SizesFitTheBoxAndKeepTheirShape) {
    const auto size = [](PictureSize coded, int w = 1, int h = 1) {
        const PictureSize fitted = fit(coded, w, h);
        return std::to_string(fitted.width) + "x" + std::to_string(fitted.height);
    };
    EXPECT_EQ(size({1920, 1080}), "640x360");
    EXPECT_EQ(size({1080, 1920}), "640x1138");
    EXPECT_EQ(size({320, 240}), "320x240");
    EXPECT_EQ(size({720, 576}, 64, 45), "640x360");
    EXPECT_EQ(size({720, 576}, 0, 1), "640x512");
    EXPECT_EQ(size({720, 576}, 1'000'000, 1), "640x512");
    EXPECT_EQ(size({1, 8192}), "2x1280");
    EXPECT_EQ(size({8192, 1}), "640x2");
}

class Encoded : public test_support::Decoding {
  protected:
    // A moving picture of this size; its keyframe as it stands in the file.
    std::string encode(const std::string& file, const std::string& size, const std::string& options) {
        return test_support::run("ffmpeg -v error -y -f lavfi -i testsrc2=size=" + size +
                                 ":rate=25 -frames:v 3 -pix_fmt yuv420p " + options + " " + path(file));
    }
    std::string sizes_and_mean(const Thumbnail& thumbnail) {
        std::ofstream(path("picture.jpg"), std::ios::binary) << *thumbnail.jpeg;
        return test_support::run(
            "ffprobe -v error -show_entries stream=codec_name,width,height -of "
            "compact=p=0:nk=1 " +
            path("picture.jpg"));
    }
};

TEST_F(Encoded, LargeVp9Keyframe) {
    Thumbnailer thumbnailer({});
    ASSERT_EQ(encode("picture.ivf", "1920x1080", "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 1M"),
              "");
    base::Bytes keyframe = test::first_of_ivf(test::read_file(path("picture.ivf")));
    const auto vp9 = thumbnailer.make(
        test::request(media::Codec::vp9, base::from_hex("010000000028820202020000"), std::move(keyframe)));
    ASSERT_TRUE(vp9) << vp9.error().message;
    EXPECT_EQ(sizes_and_mean(*vp9), "mjpeg|640|360\n");
    EXPECT_LE(vp9->jpeg->size(), max_jpeg_size);
    EXPECT_GT(vp9->jpeg->size(), 10'000U);

    // Its configuration does not tell its size: the decoder holds the limit.
    ASSERT_EQ(test_support::run("ffmpeg -v error -y -f lavfi -i color=gray:size=8192x2304 -frames:v 1 -c:v "
                                "libvpx-vp9 -deadline realtime -cpu-used 8 " +
                                path("large.ivf")),
              "");
    keyframe = test::first_of_ivf(test::read_file(path("large.ivf")));
    const auto large = thumbnailer.make(
        test::request(media::Codec::vp9, base::from_hex("010000000028820202020000"), std::move(keyframe)));
    EXPECT_EQ(large.error().code, base::ErrorCode::malformed);
    EXPECT_EQ(thumbnailer.counters().killed, 0U);
}

// Annex B of one access unit, with its parameter sets, becomes what RTMP carries.
struct Converted {
    base::Bytes config;
    base::Bytes keyframe;
};
Converted from_annex_b(const base::Bytes& file) {
    std::vector<base::Bytes> units;
    for (std::size_t i = 0; i + 3 <= file.size(); ++i) {
        if (file[i] == 0 && file[i + 1] == 0 && file[i + 2] == 1) {
            while (!units.empty() && !units.back().empty() && units.back().back() == 0)
                units.back().pop_back();
            units.emplace_back();
            i += 2;
        } else if (!units.empty()) {
            units.back().push_back(file[i]);
        }
    }
    // The scan leaves the last two bytes of the file out; they end the last picture, which is not used.
    Converted converted;
    base::Bytes sps;
    base::Bytes pps;
    base::ByteWriter keyframe(converted.keyframe);
    for (const base::Bytes& unit : units) {
        const int type = unit[0] & 31;
        if (type == 7) sps = unit;
        if (type == 8) pps = unit;
        if (type == 5) keyframe.u32(unit.size()).bytes(unit);
    }
    base::ByteWriter(converted.config)
        .u8(1)
        .bytes(base::ByteView(sps).subspan(1, 3))
        .u8(0xff)
        .u8(0xe1)
        .u16(sps.size())
        .bytes(sps)
        .u8(1)
        .u16(pps.size())
        .bytes(pps);
    if ((sps[1] == 100)) base::ByteWriter(converted.config).u32(0xfdf8f800);
    return converted;
}

TEST_F(Encoded, LargeH264KeyframeWithSquareAndOtherSamples) {
    Thumbnailer thumbnailer({});
    ASSERT_EQ(encode("picture.h264", "1920x1080", "-c:v libx264 -preset ultrafast -f h264"), "");
    const Converted square = from_annex_b(test::read_file(path("picture.h264")));
    auto thumbnail = thumbnailer.make(test::request(media::Codec::h264, square.config, square.keyframe));
    ASSERT_TRUE(thumbnail) << thumbnail.error().message;
    EXPECT_EQ(sizes_and_mean(*thumbnail), "mjpeg|640|360\n");

    ASSERT_EQ(encode("wide.h264", "720x576", "-c:v libx264 -preset ultrafast -aspect 16:9 -f h264"), "");
    const Converted wide = from_annex_b(test::read_file(path("wide.h264")));
    thumbnail = thumbnailer.make(test::request(media::Codec::h264, wide.config, wide.keyframe));
    ASSERT_TRUE(thumbnail) << thumbnail.error().message;
    EXPECT_EQ(sizes_and_mean(*thumbnail), "mjpeg|640|360\n");
}

// As encoders write them that care for delay.
TEST_F(Encoded, H264KeyframeOfSeveralSlicesUnlessOneIsDamaged) {
    Thumbnailer thumbnailer({});
    ASSERT_EQ(
        encode("sliced.h264", "320x180", "-c:v libx264 -preset ultrafast -x264-params slices=4 -f h264"), "");
    Converted sliced = from_annex_b(test::read_file(path("sliced.h264")));
    const auto thumbnail =
        thumbnailer.make(test::request(media::Codec::h264, sliced.config, sliced.keyframe));
    ASSERT_TRUE(thumbnail) << thumbnail.error().message;
    EXPECT_EQ(sizes_and_mean(*thumbnail), "mjpeg|320|180\n");
    for (std::size_t at = sliced.keyframe.size() / 2; at < sliced.keyframe.size() / 2 + 40; ++at)
        sliced.keyframe[at] = 0xff;
    EXPECT_EQ(
        thumbnailer.make(test::request(media::Codec::h264, sliced.config, sliced.keyframe)).error().code,
        base::ErrorCode::malformed);
}

TEST_F(Encoded, ColoursAreThoseOfThePicture) {
    // Full red in both matrices: what JPEG has of it is red again.
    for (const char* const matrix : {"bt709", "smpte170m"}) {
        const std::string options = std::string("-vf scale=out_color_matrix=") + matrix +
                                    ":out_range=tv -colorspace " + matrix +
                                    " -color_range tv -c:v libx264 -preset ultrafast -f h264 ";
        ASSERT_EQ(
            test_support::run("ffmpeg -v error -y -f lavfi -i color=red:size=320x240:rate=25,format=rgb24 "
                              "-frames:v 2 -pix_fmt yuv420p " +
                              options + path("red.h264")),
            "");
        const Converted red = from_annex_b(test::read_file(path("red.h264")));
        const auto thumbnail =
            Thumbnailer({}).make(test::request(media::Codec::h264, red.config, red.keyframe));
        ASSERT_TRUE(thumbnail) << thumbnail.error().message;
        std::ofstream(path("red.jpg"), std::ios::binary) << *thumbnail->jpeg;
        ASSERT_EQ(test_support::run("ffmpeg -v error -y -i " + path("red.jpg") +
                                    " -f rawvideo -pix_fmt rgb24 " + path("red.rgb")),
                  "");
        const base::Bytes pixels = test::read_file(path("red.rgb"));
        ASSERT_EQ(pixels.size(), 320U * 240 * 3);
        EXPECT_GT(pixels[300], 245) << matrix;
        EXPECT_LT(pixels[301], 12) << matrix;
        EXPECT_LT(pixels[302], 12) << matrix;
    }
}

// Before it has read a byte.
TEST_F(Thumbnails, WorkerStandsBehindItsWalls) {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::dup2(ends[0], STDIN_FILENO);
        ::dup2(::open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        ::execl("/proc/self/exe", "everycast", worker_command, nullptr);
        ::_exit(127);
    }
    const std::string folder = "/proc/" + std::to_string(pid) + "/";
    const auto has = [&](const char* file, const char* line) {
        const base::Bytes text = test::read_file(folder + file);
        return base::as_text(text).find(line) != std::string_view::npos;
    };
    for (int i = 0; i < 1'000 && !has("status", "Seccomp:\t2"); ++i) ::usleep(5'000);
    EXPECT_TRUE(has("status", "Seccomp:\t2"));
    EXPECT_TRUE(has("status", "NoNewPrivs:\t1"));
    EXPECT_TRUE(has("limits", "Max cpu time              5                    5 "));
    EXPECT_TRUE(has("limits", "Max core file size        0                    0 "));
    EXPECT_TRUE(has("limits", "Max file size             0                    0 "));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    EXPECT_TRUE(has("limits", "Max open files            0                    0 "));
    EXPECT_TRUE(has("limits", "Max address space         1073741824           1073741824 "));
#endif
    // An end of its input is no request; it says so, and ends.
    ::close(ends[0]);
    ::close(ends[1]);
    int status = 0;
    EXPECT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status));
}

TEST_F(Thumbnails, GarbageIsAnErrorAndNeverMore) {
    Thumbnailer thumbnailer({.at_once = 2});
    std::minstd_rand random(7);
    int pictures = 0;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr int rounds = 200;
#else
    constexpr int rounds = 1'000;
#endif
    const char* const names[] = {"h264", "hevc", "av1"};
    for (int round = 0; round < rounds; ++round) {
        const ThumbnailRequest good = test::small(names[round % 3]);
        base::Bytes config(good.config.view().begin(), good.config.view().end());
        base::Bytes keyframe(good.keyframe.view().begin(), good.keyframe.view().end());
        base::Bytes& hit = random() % 3 == 0 ? config : keyframe;
        for (unsigned flips = 1 + random() % 8; flips > 0; --flips)
            hit[random() % hit.size()] = static_cast<std::uint8_t>(random() >> 8);
        if (random() % 8 == 0) hit.resize(random() % hit.size());
        const auto made = thumbnailer.make(test::request(good.codec, std::move(config), std::move(keyframe)));
        if (made) {
            ++pictures;
            EXPECT_NE(test::size_in(*made->jpeg), "none");
        } else {
            EXPECT_NE(made.error().code, base::ErrorCode::timed_out);
        }
    }
    const ThumbnailCounters counters = thumbnailer.counters();
    EXPECT_EQ(counters.made + counters.refused + counters.killed, static_cast<std::uint64_t>(rounds));
    EXPECT_EQ(counters.killed, 0U);
    EXPECT_GT(counters.refused, static_cast<std::uint64_t>(rounds) / 10);
    EXPECT_TRUE(thumbnailer.make(test::small("h264")));
}

TEST_F(Thumbnails, WorkerThatStopsIsKilledAtItsDeadline) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(run("worker-that-stops", 300ms).error().code, base::ErrorCode::timed_out);
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took, 300ms);
    EXPECT_LT(took, 2s);

    Thumbnailer thumbnailer({.deadline = 300ms, .argument = "worker-that-stops"});
    EXPECT_EQ(thumbnailer.make(test::small("h264")).error().code, base::ErrorCode::timed_out);
    EXPECT_EQ(thumbnailer.counters().killed, 1U);
}

TEST_F(Thumbnails, WhatAWorkerSaysIsBounded) {
    EXPECT_EQ(run("worker-that-shouts").error().message, "the thumbnail worker said too much");
    const auto complaint = run("worker-that-complains");
    EXPECT_THAT(complaint.error().message,
                testing::StartsWith("the thumbnail worker failed with 3: no picture [31m today"));
    EXPECT_LT(complaint.error().message.size(), max_reason_size + 100);
}

TEST_F(Thumbnails, WorkerThatBreaksItsRulesIsKilled) {
    EXPECT_THAT(run("worker-that-connects").error().message,
                testing::HasSubstr("killed by signal " + std::to_string(SIGSYS)));
}

TEST_F(Thumbnails, WorkerInheritsNothing) {
    const net::UniqueFd inheritable(::open("/dev/null", O_RDONLY));
    ::setenv("EVERYCAST_TEST_SECRET", "canary", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    const auto seen = run("worker-that-looks-around");
    ASSERT_TRUE(seen);
    EXPECT_EQ(base::as_text(*seen), "0 1 2 ");
}

TEST_F(Thumbnails, ProgramThatIsNotThereIsAnError) {
    const auto started = run_worker({.program = "/nowhere/everycast", .argument = "x", .input = {}});
    EXPECT_EQ(started.error().code, base::ErrorCode::internal);
}

TEST_F(Thumbnails, ManyAtOnceAreBounded) {
    Thumbnailer thumbnailer({.at_once = 2, .max_waiting = 20});
    std::vector<std::future<base::Result<Thumbnail>>> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(std::async(std::launch::async, [&] { return thumbnailer.make(test::small("hevc")); }));
    for (auto& one : all) EXPECT_TRUE(one.get());
    EXPECT_EQ(thumbnailer.counters().made, 20U);
    EXPECT_EQ(thumbnailer.counters().most_running, 2U);
}

TEST_F(Thumbnails, WhoFindsTheQueueFullIsRefusedAndStopEndsTheRest) {
    Thumbnailer thumbnailer(
        {.at_once = 1, .max_waiting = 1, .deadline = 60s, .argument = "worker-that-stops"});
    auto make = [&] { return thumbnailer.make(test::small("h264")); };
    auto first = std::async(std::launch::async, make);
    auto second = std::async(std::launch::async, make);
    // One runs, one waits: whoever comes as the third is refused at once.
    auto third = std::async(std::launch::async, make);
    std::vector<base::ErrorCode> codes;
    for (;;) {
        bool refused = false;
        for (auto* one : {&first, &second, &third})
            refused = refused || one->wait_for(10ms) == std::future_status::ready;
        if (refused) break;
    }
    thumbnailer.stop();
    for (auto* one : {&first, &second, &third}) codes.push_back(one->get().error().code);
    EXPECT_THAT(codes, testing::UnorderedElementsAre(base::ErrorCode::unavailable, base::ErrorCode::closed,
                                                     base::ErrorCode::closed));
}

}  // namespace
}  // namespace transcode
