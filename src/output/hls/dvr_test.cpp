// Earlier segments on disk. The thread that spills is a real one: what it does is waited for.
#include <thread>

#include "output/hls/test_stage.h"

namespace output::hls {
namespace {

using namespace test;
using base::ErrorCode;

class HlsDvr : public testing::Test {
  protected:
    ~HlsDvr() override { std::filesystem::remove_all(folder_); }

    bool is_resident(Stage& stage, const std::string& file) {
        return std::get<base::FileSlice>(stage.ask(file).result()->body).resident;
    }
    void wait_until_spilled(Stage& stage, const std::string& file) {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (is_resident(stage, file) && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(1ms);
        EXPECT_FALSE(is_resident(stage, file)) << file;
    }

    const std::filesystem::path folder_ = std::filesystem::temp_directory_path() / "hls-dvr-test";
    const Settings settings_{.dvr = 60s, .dvr_folder = folder_};
};

TEST_F(HlsDvr, what_memory_need_not_hold_is_on_disk_and_listed) {
    Stage stage(settings_);
    // Nobody has to ask for it.
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(4'100ms);
    const Listed first = stage.list();
    const std::string oldest = first.segments.front().uri;
    const std::string bytes = stage.ask(oldest).body();
    const std::string part = stage.ask(first.segments.front().parts[1].uri).body();
    for (int i = 0; i < 30; ++i) {
        encoder.run(2s);
        const Listed list = stage.list();
        if (list.segments.size() > 7) wait_until_spilled(stage, list.segments[list.segments.size() - 7].uri);
    }
    const Listed list = stage.list();
    EXPECT_GE(list.duration(), 60);
    EXPECT_LE(list.segments.size(), 31u);
    EXPECT_EQ(stage.ask(oldest).body(), bytes);
    EXPECT_FALSE(is_resident(stage, oldest));
    EXPECT_EQ(stage.ask(first.segments.front().parts[1].uri).body(), part);
    EXPECT_TRUE(is_resident(stage, list.segments.back().uri));
    EXPECT_LE(stage.server->facts().bytes_held, std::uint64_t{9} * 2 * 33'000);
    // Most of it need not be read again.
    const Listed delta =
        read_playlist(stage.ask(HlsQuestion{.stream_id = "a", .file = "media.m3u8", .skip = "YES"}).body());
    EXPECT_EQ(delta.skipped + delta.segments.size(), list.segments.size());
    EXPECT_GE(delta.skipped, 20u);
    for (const std::string& uri : list.uris()) EXPECT_TRUE(stage.ask(uri).result()) << uri;
}

TEST_F(HlsDvr, is_kept_while_nobody_asks) {
    Stage stage(settings_);
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    encoder.run(100s);
    EXPECT_EQ(stage.server->facts().streams, 1u);
    encoder.end();
    stage.pass(62s);
    EXPECT_EQ(stage.server->facts().streams, 0u);
    encoder.open();
    stage.pass(100ms);
    EXPECT_EQ(stage.server->facts().streams, 1u);
}

TEST_F(HlsDvr, without_a_disk_the_window_is_what_memory_holds) {
    Stage stage({.dvr = 60s, .dvr_folder = "/proc/nowhere"});
    Publisher encoder(stage.registry, "a", stage.clock, stage.loop);
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    encoder.run(40s);
    // Given up one with each segment that comes.
    while (stage.list().segments.size() > 7 && std::chrono::steady_clock::now() < deadline) {
        encoder.run(2s);
        std::this_thread::sleep_for(1ms);
    }
    const Listed list = stage.list();
    EXPECT_LE(list.segments.size(), 7u);
    EXPECT_GE(list.segments.size(), 6u);
    for (const std::string& uri : list.uris()) EXPECT_TRUE(stage.ask(uri).result()) << uri;
}

}  // namespace
}  // namespace output::hls
