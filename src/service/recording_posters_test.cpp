// A picture beside each recording: asked for once there is media, asked for again when it fails, written
// whole, and never into somebody else's file.
#include "service/recording_posters.h"

#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "service/poster_maker.h"
#include "service/testing/comes_true.h"
#include "service/testing/world.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using testing::comes_true;
using testing::World;

// Answers at once: `failures` refusals, then a picture. With `holds`, not before it is told.
class FakeMaker final : public PosterMaker {
  public:
    void make(const std::string& stream_id, Done done) override {
        const std::lock_guard lock(mutex);
        asked.push_back(stream_id);
        if (holds) return held.push_back(std::move(done));
        if (failures > 0) {
            --failures;
            return done(base::fail(base::ErrorCode::not_found, "no keyframe"));
        }
        done(std::string("a picture"));
    }
    void set_recording(const std::string& stream_id, bool recording) override {
        const std::lock_guard lock(mutex);
        calls.push_back((recording ? "+" : "-") + stream_id);
    }
    std::size_t times_asked() {
        const std::lock_guard lock(mutex);
        return asked.size();
    }

    std::mutex mutex;
    std::vector<std::string> asked;
    std::vector<std::string> calls;
    std::vector<Done> held;
    bool holds = false;
    int failures = 0;
};

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Posters : ::testing::Test {
    testing::Folder folder;
    FakeMaker maker;
    std::unique_ptr<RecordingPosters> posters =
        std::make_unique<RecordingPosters>(maker, folder.path(), base::Logger{}, 1ms);
    const std::filesystem::path picture = folder.path() / "as_1" / "thumbnail.jpg";

    void SetUp() override { std::filesystem::create_directories(picture.parent_path()); }
    bool is_written() const {
        return comes_true([&] { return std::filesystem::exists(picture); });
    }
};

TEST_F(Posters, are_made_once_there_is_media) {
    posters->has_media("as_1");
    posters->begun("as_1", "st_1");
    posters->begun("as_1", "st_1");
    EXPECT_EQ(maker.times_asked(), 0u);
    posters->has_media("as_1");
    posters->has_media("as_1");
    ASSERT_TRUE(is_written());
    EXPECT_EQ(text_of(picture), "a picture");
    struct stat facts {};
    ASSERT_EQ(::stat(picture.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    posters->ended("as_1");
    posters->ended("as_1");
    posters.reset();
    EXPECT_EQ(maker.asked, std::vector<std::string>{"st_1"});
    EXPECT_EQ(maker.calls, (std::vector<std::string>{"+st_1", "-st_1"}));
}

TEST_F(Posters, that_fail_are_asked_for_again_but_not_for_ever) {
    maker.failures = 3;
    posters->begun("as_1", "st_1");
    posters->has_media("as_1");
    ASSERT_TRUE(is_written());
    EXPECT_EQ(maker.times_asked(), 4u);

    maker.failures = 1'000;
    posters->begun("as_2", "st_1");
    posters->has_media("as_2");
    ASSERT_TRUE(comes_true([&] { return maker.times_asked() == 10; }));
    // Six tries; one more would have come by now.
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(maker.times_asked(), 10u);
}

TEST_F(Posters, of_a_stream_that_is_recorded_anew_stay_fresh) {
    posters->begun("as_1", "st_1");
    posters->begun("as_2", "st_1");
    posters->ended("as_1");
    EXPECT_EQ(maker.calls, (std::vector<std::string>{"+st_1", "+st_1"}));
    posters->ended("as_2");
    EXPECT_EQ(maker.calls.back(), "-st_1");
}

TEST_F(Posters, that_come_late_find_nobody) {
    maker.holds = true;
    posters->begun("as_1", "st_1");
    posters->has_media("as_1");
    ASSERT_TRUE(comes_true([&] { return maker.times_asked() == 1; }));
    posters.reset();
    maker.held.front()(std::string("a picture"));
    EXPECT_FALSE(std::filesystem::exists(picture));
}

TEST_F(Posters, follow_no_links_out_of_the_folder) {
    const auto outside = folder.path() / "outside";
    std::filesystem::create_directories(outside);
    std::filesystem::create_directory_symlink(outside, folder.path() / "as_2");
    const auto kept = folder.path() / "kept";
    std::ofstream(kept) << "kept";
    std::filesystem::create_symlink(kept, folder.path() / "as_1" / "thumbnail.jpg.new");
    posters->begun("as_2", "st_2");
    posters->has_media("as_2");
    posters->begun("as_1", "st_1");
    posters->has_media("as_1");
    ASSERT_TRUE(is_written());
    EXPECT_FALSE(std::filesystem::is_symlink(picture));
    EXPECT_EQ(text_of(kept), "kept");
    EXPECT_TRUE(std::filesystem::is_empty(outside));
}

TEST(PostersOfRecordings, begin_with_the_recording_and_end_with_its_session) {
    World world;
    FakeMaker maker;
    RecordingService service(world.context, world.recorder, world.recording_settings(), {&maker});
    const Actor owner = world.person();
    const Station station = world.station(owner);
    const auto live = world.broadcasts.go_live(owner, {.stream_key = *station.stream_key});
    ASSERT_TRUE(live) << live.error().message;
    const auto session = world.store->broadcasts().get(store::Scope::all(), live->session.id);
    ASSERT_TRUE(session);
    ASSERT_TRUE(service.session_live(*session));
    const std::string id = service.of_session(session->id)->asset_id;
    const auto picture = world.recording_settings().folder / id / "thumbnail.jpg";
    std::filesystem::create_directories(picture.parent_path());
    EXPECT_EQ(maker.times_asked(), 0u);
    world.recorder.put(id);
    ASSERT_TRUE(service.on_event(media::RecordingProgress{world.recorder.files(id).front()}));
    EXPECT_TRUE(comes_true([&] { return std::filesystem::exists(picture); }));
    service.session_ended(session->id);
    EXPECT_EQ(maker.calls, (std::vector<std::string>{"+" + station.id, "-" + station.id}));
}

}  // namespace
}  // namespace service
