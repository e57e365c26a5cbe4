// What players get of a recording: playlists over the bytes that are there, and the files.
#include "service/vod_library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "format/fmp4/fragment.h"
#include "format/fmp4/samples.h"
#include "service/testing/world.h"
#include "service/validation.h"
#include "service/vod_disk.h"

namespace service {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

namespace samples = format::fmp4::samples;

// A recorded file in the making: H.264, one picture a fragment, which is all that a playlist asks about.
struct Tape {
    static constexpr std::uint32_t sound_track = 2;

    base::Bytes bytes;
    std::uint32_t sequence = 0;
    std::size_t init_size = 0;

    explicit Tape(const char* name = "h264") : stream(samples::stream(name)) {
        const std::vector<format::fmp4::TrackDescription> tracks{
            samples::describe(stream, 1), samples::describe(samples::stream("aac"), sound_track)};
        bytes = format::fmp4::write_init(tracks).value();
        init_size = bytes.size();
    }
    Tape& add(std::chrono::milliseconds at, std::chrono::milliseconds length, bool keyframe,
              std::uint32_t size = 1'000) {
        return add(1, stream.timescale, at, length, keyframe, size);
    }
    Tape& add_sound(std::chrono::milliseconds at, std::chrono::milliseconds length) {
        return add(sound_track, samples::stream("aac").timescale, at, length, true, 100);
    }
    Tape& add(std::uint32_t track, std::uint32_t timescale, std::chrono::milliseconds at,
              std::chrono::milliseconds length, bool keyframe, std::uint32_t size) {
        const auto ticks = [&](std::chrono::milliseconds time) {
            return static_cast<std::uint64_t>(time.count()) * timescale / 1'000;
        };
        format::fmp4::Run run{.track = track, .decode_time = ticks(at), .samples = {}};
        run.samples.push_back({static_cast<std::uint32_t>(ticks(length)), 0, size, keyframe});
        const std::vector<format::fmp4::Run> runs{run};
        base::append(bytes, format::fmp4::write_fragment_head(++sequence, runs).value());
        base::append(bytes, base::Bytes(size, 0x55));
        return *this;
    }
    // Keyframes so far apart, in fragments of a second.
    Tape& run(int seconds, int keyframe_every, int from = 0) {
        for (int i = 0; i < seconds; ++i) add(std::chrono::seconds(from + i), 1s, i % keyframe_every == 0);
        return *this;
    }

    const samples::Stream& stream;
};

struct Range {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    double duration = 0;
    bool operator==(const Range&) const = default;
};

std::vector<Range> ranges(const std::string& playlist) {
    std::vector<Range> found;
    Range range;
    std::istringstream lines(playlist);
    for (std::string line; std::getline(lines, line);) {
        char at = 0;
        if (line.starts_with("#EXTINF:")) range.duration = std::stod(line.substr(8));
        if (line.starts_with("#EXT-X-BYTERANGE:"))
            std::istringstream(line.substr(17)) >> range.length >> at >> range.offset;
        if (!line.empty() && line.front() != '#') found.push_back(range);
    }
    return found;
}

struct Vod : ::testing::Test {
    testing::Folder folder;
    VodLibrary library{folder.path()};
    VodFiles asset;

    void SetUp() override {
        asset.asset_id = "as_1";
        asset.title = "Tonight";
        asset.open = asset.finished = true;
        std::filesystem::create_directories(folder.path() / "as_1");
    }
    // The file on the disk, and what is known of it.
    media::RecordingFile& put(const Tape& tape, std::uint32_t number = 1) {
        std::ofstream(folder.path() / "as_1" / (std::to_string(number) + ".mp4"), std::ios::binary)
            .write(reinterpret_cast<const char*>(tape.bytes.data()),
                   static_cast<std::streamsize>(tape.bytes.size()));
        std::erase_if(asset.files, [&](const auto& file) { return file.number == number; });
        media::RecordingFile file;
        file.asset_id = asset.asset_id;
        file.number = number;
        file.size = tape.bytes.size();
        file.init_size = tape.init_size;
        file.duration = std::chrono::seconds(tape.sequence);
        file.width = 1280;
        file.height = 720;
        file.codecs = "avc1.64001f,mp4a.40.2";
        file.started_at = base::WallTime(1'790'000'000s);
        file.complete = asset.finished;
        asset.files.push_back(file);
        return asset.files.back();
    }
    base::Result<media::Content> ask(const std::string& file, const std::string& query = {}) {
        return library.answer(asset, file, query);
    }
    std::string text(const std::string& file, const std::string& query = {}) {
        const auto content = ask(file, query);
        EXPECT_TRUE(content) << file << ": " << content.error().message;
        return content ? *std::get<media::SharedText>(content->body) : "";
    }
};

TEST_F(Vod, a_finished_recording_is_cut_before_keyframes) {
    Tape tape;
    put(tape.run(20, 2));
    const std::string playlist = text("media.m3u8");
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-PLAYLIST-TYPE:VOD\n"));
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-ENDLIST\n"));
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-INDEPENDENT-SEGMENTS\n"));
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-TARGETDURATION:12\n"));
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-MAP:URI=\"1.mp4\",BYTERANGE=\"" + std::to_string(tape.init_size) +
                                    "@0\"\n"));
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-PROGRAM-DATE-TIME:"));
    const auto found = ranges(playlist);
    ASSERT_EQ(found.size(), 5u);
    std::uint64_t at = tape.init_size;
    for (const Range& range : found) {
        EXPECT_EQ(range.offset, at);
        EXPECT_DOUBLE_EQ(range.duration, 4);
        at += range.length;
    }
    EXPECT_EQ(at, tape.bytes.size());
}

TEST_F(Vod, a_file_that_went_to_the_object_store_has_the_playlist_that_it_had) {
    put(Tape().run(20, 2));
    put(Tape().run(9, 3), 2);
    const std::string before = text("media.m3u8");
    const std::string all = text("index.m3u8");
    for (const auto& file : asset.files) {
        const auto saved = library.save_index(file);
        ASSERT_TRUE(saved) << saved.error().message;
        std::filesystem::remove(folder.path() / "as_1" / (std::to_string(file.number) + ".mp4"));
    }
    asset.objects = {{1, "shows/1.mp4"}, {2, "shows/2.mp4"}};
    // Another, which has never seen the files.
    VodLibrary there(folder.path(),
                     [](const std::string& key, const std::string& type,
                        const std::string& name) -> base::Result<std::string> {
                         return "https://store.example/" + key + "?" + type + "&" + name;
                     });
    EXPECT_EQ(*std::get<media::SharedText>(there.answer(asset, "media.m3u8")->body), before);
    EXPECT_EQ(*std::get<media::SharedText>(there.answer(asset, "index.m3u8")->body), all);
    EXPECT_EQ(there.answer(asset, "2.mp4")->redirect, "https://store.example/shows/2.mp4?video/mp4&");
    EXPECT_EQ(there.answer(asset, "video.mp4")->redirect,
              "https://store.example/shows/1.mp4?video/mp4&Tonight.mp4");
    const auto elsewhere = there.answer(asset, "video.mp4");
    EXPECT_EQ(std::get<base::FileSlice>(elsewhere->body).size, asset.files.front().size);
    EXPECT_EQ(elsewhere->type, "video/mp4");
    EXPECT_EQ(ask("1.mp4").error().code, base::ErrorCode::unavailable) << "without a store";

    std::filesystem::resize_file(folder.path() / "as_1" / "1.index", 30);
    std::filesystem::remove(folder.path() / "as_1" / "2.index");
    VodLibrary damaged(folder.path());
    EXPECT_EQ(damaged.answer(asset, "media.m3u8").error().name, "asset_not_playable");
    library.remove_extras("as_1", {1, 2});
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "as_1"));
}

TEST(Attachment, NamesWhatIsSavedWhateverItsCharacters) {
    EXPECT_EQ(attachment("Tonight.mp4"),
              "attachment; filename=\"Tonight.mp4\"; filename*=UTF-8''Tonight.mp4");
    EXPECT_EQ(attachment("\xc3\xbc\"\r\n.mp4"),
              "attachment; filename=\"____.mp4\"; filename*=UTF-8''%C3%BC%22%0D%0A.mp4");
}

TEST_F(Vod, the_multivariant_playlist_tells_what_is_there) {
    Tape tape;
    for (int i = 0; i < 20; ++i) tape.add(std::chrono::seconds(i), 1s, i % 2 == 0, i < 8 ? 250'000 : 125'000);
    put(tape);
    put(Tape().run(4, 2), 2).codecs = "hvc1.1.6.L93.B0,mp4a.40.2";
    asset.files[1].width = 1920;
    asset.files[1].height = 1080;
    const std::string playlist = text("index.m3u8", "?token=abc");
    EXPECT_THAT(playlist, HasSubstr("\nmedia.m3u8?token=abc\n"));
    EXPECT_THAT(playlist, HasSubstr("CODECS=\"avc1.64001f,mp4a.40.2,hvc1.1.6.L93.B0\""));
    EXPECT_THAT(playlist, HasSubstr("RESOLUTION=1920x1080"));
    // The first eight seconds have 2 Mbit/s; all is that and what the boxes take.
    const std::size_t at = playlist.find(":BANDWIDTH=");
    ASSERT_NE(at, std::string::npos) << playlist;
    EXPECT_NEAR(std::stod(playlist.substr(at + 11)), 2'000'000, 10'000);
}

TEST_F(Vod, a_recording_in_the_making_names_whole_segments_that_never_change) {
    asset.finished = false;
    Tape tape;
    std::vector<Range> before;
    for (int i = 0; i < 30; ++i) {
        tape.add(std::chrono::seconds(i), 1s, i % 2 == 0);
        // What is said to be safe ends in the middle of a fragment, as it may.
        auto& file = put(tape);
        file.size -= 300;
        const auto content = ask("media.m3u8");
        if (i < 5) {
            EXPECT_EQ(content.error().name, "asset_not_playable");
            continue;
        }
        ASSERT_TRUE(content) << i;
        const std::string& playlist = *std::get<media::SharedText>(content->body);
        EXPECT_THAT(playlist, HasSubstr("#EXT-X-PLAYLIST-TYPE:EVENT\n"));
        EXPECT_THAT(playlist, Not(HasSubstr("#EXT-X-ENDLIST")));
        EXPECT_LT(*content->lifetime, 10s);
        const auto now = ranges(playlist);
        ASSERT_GE(now.size(), before.size());
        EXPECT_TRUE(std::equal(before.begin(), before.end(), now.begin())) << "what was told stays";
        for (const Range& range : now) EXPECT_LE(range.offset + range.length, file.size);
        before = now;
    }
    EXPECT_EQ(before.size(), 7u);
    asset.finished = true;
    put(tape);
    const auto all = ranges(text("media.m3u8"));
    ASSERT_EQ(all.size(), 8u);
    EXPECT_TRUE(std::equal(before.begin(), before.end(), all.begin()));
    EXPECT_EQ(all.back().offset + all.back().length, tape.bytes.size());
    // Read from the beginning, it is the same.
    library.forget("as_1");
    EXPECT_EQ(ranges(text("media.m3u8")), all);
}

TEST_F(Vod, what_the_encoder_left_out_is_a_discontinuity) {
    put(Tape().run(8, 2).run(8, 2, 100));
    const std::string playlist = text("media.m3u8");
    EXPECT_EQ(ranges(playlist).size(), 4u);
    for (const Range& range : ranges(playlist)) EXPECT_LE(range.duration, 4.01);
    const std::size_t first = playlist.find("#EXT-X-DISCONTINUITY\n");
    EXPECT_NE(first, std::string::npos);
    EXPECT_EQ(playlist.find("#EXT-X-DISCONTINUITY\n", first + 1), std::string::npos);
}

TEST_F(Vod, another_file_is_a_discontinuity_with_a_head_of_its_own) {
    put(Tape().run(8, 2));
    put(Tape("hevc").run(4, 2), 2);
    const std::string playlist = text("media.m3u8", "?token=a");
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-DISCONTINUITY\n"));
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-MAP:URI=\"1.mp4?token=a\""));
    EXPECT_THAT(playlist, HasSubstr("#EXT-X-MAP:URI=\"2.mp4?token=a\""));
    EXPECT_THAT(playlist, HasSubstr("\n2.mp4?token=a\n"));
    const std::string second = text("2.m3u8");
    EXPECT_EQ(ranges(second).size(), 1u);
    EXPECT_THAT(second, Not(HasSubstr("1.mp4")));
}

TEST_F(Vod, without_keyframes_segments_are_cut_all_the_same) {
    put(Tape().run(40, 1'000));
    const std::string playlist = text("media.m3u8");
    EXPECT_EQ(ranges(playlist).size(), 4u);
    for (const Range& range : ranges(playlist)) EXPECT_LE(range.duration, 12);
    EXPECT_THAT(playlist, Not(HasSubstr("INDEPENDENT-SEGMENTS")));
}

TEST_F(Vod, a_segment_is_as_long_as_its_pictures) {
    Tape tape;
    tape.run(6, 2);
    // What is left of the sound comes last.
    tape.add_sound(5'900ms, 160ms);
    put(tape);
    const auto found = ranges(text("media.m3u8"));
    ASSERT_EQ(found.size(), 2u);
    EXPECT_DOUBLE_EQ(found.back().duration, 2);
    EXPECT_EQ(found.back().offset + found.back().length, tape.bytes.size());
}

TEST_F(Vod, sound_alone_is_cut_by_time) {
    Tape tape("aac");
    for (int i = 0; i < 12; ++i) tape.add(std::chrono::seconds(i), 1s, true);
    put(tape);
    EXPECT_EQ(ranges(text("media.m3u8")).size(), 3u);
}

TEST_F(Vod, no_playlist_points_past_what_lies_on_the_disk) {
    Tape tape;
    tape.run(20, 2);
    auto& file = put(tape);
    const std::uint64_t size = file.size;
    // The row is ahead of a disk that lost something.
    std::filesystem::resize_file(folder.path() / "as_1" / "1.mp4", size / 2);
    for (const Range& range : ranges(text("media.m3u8"))) EXPECT_LE(range.offset + range.length, size / 2);
    EXPECT_EQ(std::get<base::FileSlice>(ask("1.mp4")->body).size, size / 2);
}

TEST_F(Vod, what_was_cut_off_after_a_look_is_not_named_any_more) {
    asset.finished = false;
    Tape tape;
    const std::uint64_t size = put(tape.run(20, 2)).size;
    EXPECT_EQ(ranges(text("media.m3u8")).size(), 4u);
    std::filesystem::resize_file(folder.path() / "as_1" / "1.mp4", size / 2);
    for (const Range& range : ranges(text("media.m3u8"))) EXPECT_LE(range.offset + range.length, size / 2);
}

TEST_F(Vod, a_file_without_a_head_costs_its_own_part_alone) {
    put(Tape().run(8, 2));
    Tape broken;
    broken.bytes.assign(5'000, 0);
    put(broken, 2);
    EXPECT_EQ(ranges(text("media.m3u8")).size(), 2u);
    asset.files.erase(asset.files.begin());
    EXPECT_EQ(ask("media.m3u8").error().name, "asset_not_playable");
}

TEST_F(Vod, the_video_is_the_longest_file_under_the_title) {
    put(Tape().run(2, 2));
    Tape longest;
    put(longest.run(8, 2), 2);
    const auto video = ask("video.mp4");
    ASSERT_TRUE(video);
    const auto& slice = std::get<base::FileSlice>(video->body);
    EXPECT_EQ(slice.size, longest.bytes.size());
    EXPECT_FALSE(slice.resident);
    EXPECT_EQ(video->type, "video/mp4");
    EXPECT_EQ(video->download_name, "Tonight.mp4");
    EXPECT_FALSE(video->personal);
    EXPECT_EQ(ask("2.mp4")->download_name, "") << "a playlist's file is not saved";
    EXPECT_EQ(ask("2.mp4")->etag, video->etag);
    EXPECT_NE(ask("1.mp4")->etag, video->etag);
    asset.open = false;
    EXPECT_TRUE(ask("video.mp4")->personal);
    EXPECT_TRUE(ask("media.m3u8")->personal);
}

TEST_F(Vod, the_bytes_that_are_not_safe_yet_are_not_given) {
    asset.finished = false;
    Tape tape;
    auto& file = put(tape.run(8, 2));
    file.size -= 10;
    const std::string before = ask("1.mp4")->etag;
    EXPECT_EQ(std::get<base::FileSlice>(ask("1.mp4")->body).size, tape.bytes.size() - 10);
    file.size += 10;
    EXPECT_NE(ask("1.mp4")->etag, before) << "other bytes have another tag";
}

TEST_F(Vod, what_is_no_file_of_it_is_not_found) {
    put(Tape().run(8, 2));
    std::ofstream(folder.path() / "secret.mp4") << "secret";
    std::ofstream(folder.path() / "as_1" / "notes.txt") << "secret";
    for (const std::string name : {"",
                                   ".",
                                   "..",
                                   "../secret.mp4",
                                   "..%2fsecret.mp4",
                                   "/etc/passwd",
                                   "notes.txt",
                                   "0.mp4",
                                   "01.mp4",
                                   "2.mp4",
                                   "-1.mp4",
                                   "+1.mp4",
                                   "1.mp4/",
                                   "1.MP4",
                                   " 1.mp4",
                                   "99999999999.mp4",
                                   "1.m3u8x",
                                   "3.m3u8",
                                   ".mp4",
                                   "index.m3u8/..",
                                   "thumbnail.jpg"})
        EXPECT_EQ(ask(name).error().code, base::ErrorCode::not_found) << name;
    EXPECT_EQ(ask(std::string("1.mp4\0", 6)).error().code, base::ErrorCode::not_found);
    // Nor is a link that leads out.
    std::filesystem::create_symlink(folder.path() / "secret.mp4", folder.path() / "as_1" / "thumbnail.jpg");
    EXPECT_EQ(ask("thumbnail.jpg").error().code, base::ErrorCode::not_found);
}

TEST_F(Vod, the_thumbnail_is_given_where_there_is_one) {
    EXPECT_FALSE(library.has_thumbnail("as_1"));
    std::ofstream(folder.path() / "as_1" / "thumbnail.jpg") << "a picture";
    EXPECT_TRUE(library.has_thumbnail("as_1"));
    const auto picture = ask("thumbnail.jpg");
    ASSERT_TRUE(picture);
    EXPECT_EQ(picture->type, "image/jpeg");
    EXPECT_EQ(std::get<base::FileSlice>(picture->body).size, 9u);
}

TEST_F(Vod, what_is_remembered_is_forgotten_with_the_recording) {
    put(Tape().run(20, 2));
    (void)text("media.m3u8");
    EXPECT_EQ(library.known_segments(), 5u);
    (void)text("index.m3u8");
    EXPECT_EQ(library.known_segments(), 5u);
    library.forget("as_1");
    EXPECT_EQ(library.known_segments(), 0u);
}

TEST_F(Vod, a_finished_playlist_is_written_once_and_compressed) {
    put(Tape().run(200, 2));
    const auto first = ask("media.m3u8");
    const auto second = ask("media.m3u8");
    EXPECT_EQ(std::get<media::SharedText>(first->body), std::get<media::SharedText>(second->body));
    ASSERT_TRUE(first->gzip);
    EXPECT_LT(first->gzip->size(), std::get<media::SharedText>(first->body)->size() / 2);
    EXPECT_GT(library.known_text(), 0u);
    // One with a token is nobody else's.
    const std::size_t before = library.known_text();
    EXPECT_THAT(text("media.m3u8", "?token=a"), HasSubstr("token=a"));
    EXPECT_THAT(text("media.m3u8"), Not(HasSubstr("token")));
    EXPECT_EQ(library.known_text(), before);
    // Nor does it outlive a change of the files.
    put(Tape().run(100, 2));
    EXPECT_EQ(ranges(text("media.m3u8")).size(), 25u);
    library.forget("as_1");
    EXPECT_EQ(library.known_text(), 0u);
}

TEST(DownloadName, is_one_that_disks_and_headers_take) {
    EXPECT_EQ(download_name("Jazz & Blues"), "Jazz & Blues.mp4");
    EXPECT_EQ(download_name("Été 24 – Ночь"), "Été 24 – Ночь.mp4");
    EXPECT_EQ(download_name("../../etc/passwd"), "etc passwd.mp4");
    EXPECT_EQ(download_name("a\"; filename=\"b.exe"), "a   filename= b.exe.mp4");
    EXPECT_EQ(download_name("a\r\nSet-Cookie: x"), "a  Set-Cookie  x.mp4");
    EXPECT_EQ(download_name(""), "recording.mp4");
    EXPECT_EQ(download_name("..."), "recording.mp4");
    EXPECT_EQ(download_name("\xff\xfe"), "recording.mp4");
    std::string many;
    for (int i = 0; i < 100; ++i) many += "é";
    EXPECT_EQ(download_name(many).size(), 124u);
    EXPECT_TRUE(text_length(download_name(many + "x")));
}

}  // namespace
}  // namespace service
