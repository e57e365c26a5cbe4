#include "service/live_board.h"

#include <gtest/gtest.h>

#include <utility>

namespace service {
namespace {

LiveEntry session(const std::string& id, const std::string& stream, const std::string& livestream) {
    LiveEntry entry;
    entry.session_id = id;
    entry.stream_id = stream;
    entry.livestream_id = livestream;
    if (stream.starts_with("st_")) entry.station_id = stream;
    return entry;
}

LivestreamBrief show(std::int64_t gate) {
    return {"us_1", LivestreamStatus::live, gate, "play-" + std::to_string(gate)};
}

TEST(LiveBoard, FindsSessionsByTheirStreamAndShow) {
    LiveBoard board;
    board.put(session("se_1", "st_1", "ls_1"));
    board.put(session("se_2", "ls_2", "ls_2"));
    EXPECT_EQ(board.of_stream("st_1")->session_id, "se_1");
    EXPECT_EQ(board.of_livestream("ls_1")->session_id, "se_1");
    EXPECT_EQ(board.of_livestream("ls_2")->stream_id, "ls_2");
    EXPECT_EQ(board.of_station("st_1")->session_id, "se_1");
    // The next show on the same station: what ends late takes nothing of it away.
    board.put(session("se_3", "st_1", "ls_3"));
    board.remove("se_1");
    EXPECT_EQ(board.of_stream("st_1")->session_id, "se_3");
    EXPECT_FALSE(board.of_livestream("ls_1"));
    board.remove("se_3");
    EXPECT_FALSE(board.of_stream("st_1") || board.of_station("st_1"));
}

TEST(LiveBoard, SaysWhereAndForWhomSomethingIsPlayed) {
    LiveBoard board;
    EXPECT_FALSE(board.place("ls_1"));
    board.know("ls_1", show(5));
    EXPECT_EQ(board.place("ls_1")->stream_id, "ls_1") << "nowhere else";
    EXPECT_EQ(board.place("ls_1")->gate, 5);
    board.learn_station("st_1", {"us_1", "play", "Radio", "", ""});
    EXPECT_EQ(board.place("st_1")->gate, 0) << "no show, no gate";
    board.put(session("se_1", "st_1", "ls_1"));
    EXPECT_EQ(board.place("ls_1")->stream_id, "st_1");
    EXPECT_EQ(board.place("st_1")->livestream_id, "ls_1");
    EXPECT_EQ(board.place("st_1")->gate, 5);
    board.put(session("se_2", "st_1", "ls_unknown"));
    EXPECT_FALSE(board.place("st_1")) << "nobody can say for whom";
    board.forget_station("st_1");
    EXPECT_FALSE(board.place("st_1"));
}

TEST(LiveBoard, ListsWhatEverybodyMayBeToldOf) {
    LiveBoard board;
    board.learn_station("st_1", {"us_1", "play", "Radio", "", ""});
    LivestreamBrief hidden = show(0);
    hidden.visibility = Visibility::unlisted;
    board.know("ls_1", show(0));
    board.put(session("se_1", "st_1", "ls_1"));
    EXPECT_TRUE(board.of_station("st_1", true));
    board.know("ls_1", hidden);
    EXPECT_FALSE(board.of_station("st_1", true));
    EXPECT_FALSE(board.session("se_1")->listed);
    EXPECT_EQ(board.of_station("st_1")->session_id, "se_1") << "those who manage it see it";
    EXPECT_FALSE(board.place("st_1")->restricted()) << "whoever has the id may watch";
    hidden.visibility = Visibility::closed;
    board.know("ls_1", hidden);
    EXPECT_TRUE(board.place("st_1")->closed && board.place("st_1")->restricted());
    EXPECT_TRUE(board.place("ls_1")->closed && board.place("ls_1")->restricted());
    // A public one beside it is what everybody is told of.
    LiveEntry other = session("se_2", "ls_2", "ls_2");
    other.station_id = "st_1";
    board.put(other);
    EXPECT_EQ(board.of_station("st_1", true)->session_id, "se_2");
    board.know("ls_1", show(0));
    EXPECT_TRUE(board.session("se_1")->listed);
}

TEST(LiveBoard, TellsWhenRightsMayHaveChanged) {
    LiveBoard board;
    std::uint64_t last = board.rights_revision();
    const auto raised = [&] {
        const std::uint64_t before = std::exchange(last, board.rights_revision());
        return before != last;
    };
    board.know("ls_1", show(5));
    EXPECT_TRUE(raised());
    LivestreamBrief renamed = show(5);
    renamed.title = "Another";
    board.know("ls_1", renamed);
    EXPECT_FALSE(raised());
    LivestreamBrief hidden = show(5);
    hidden.visibility = Visibility::closed;
    board.know("ls_1", hidden);
    EXPECT_TRUE(raised());
    board.know("ls_1", show(6));
    EXPECT_TRUE(raised());
    board.learn("ls_1", show(0));
    EXPECT_FALSE(raised());
    EXPECT_EQ(board.place("ls_1")->gate, 6) << "a write wins over what was read";
    board.rights_changed();
    EXPECT_TRUE(raised());
}

TEST(LiveBoard, ShowsViewersWhereverASessionIsShown) {
    LiveBoard board;
    board.put(session("se_1", "st_1", "ls_1"));
    board.set_viewers({{"st_1", 7}});
    board.put(session("se_1", "st_1", "ls_1"));
    EXPECT_EQ(board.session("se_1")->viewer_count, 7);
    EXPECT_EQ(board.sessions().front().viewer_count, 7);
    EXPECT_EQ(board.viewers("st_1"), 7);
    board.set_viewers({});
    EXPECT_EQ(board.of_stream("st_1")->viewer_count, 0);
}

}  // namespace
}  // namespace service
