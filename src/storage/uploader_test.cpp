#include "storage/uploader.h"

#include <gmock/gmock.h>

#include <future>

#include "storage/test_store.h"

namespace storage {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t mebibyte = 1 << 20;
constexpr std::size_t part = smallest_part;
// Three parts, the last a small one.
constexpr std::size_t three_parts = 2 * part + 1000;

class UploaderTest : public test::WithStore {
  protected:
    void SetUp() override {
        WithStore::SetUp();
        auto made = Client::create(test::settings_for(store_));
        ASSERT_TRUE(made) << made.error().message;
        client_ = std::move(*made);
    }

    base::Result<Uploaded> upload(const std::filesystem::path& path, const std::string& id = {}) {
        return upload_file(*client_, {path, "a/1.mp4", {.content_type = "video/mp4"}, id},
                           {.part_size = part},
                           {.begun =
                                [&](const std::string& begun) {
                                    begun_.push_back(begun);
                                    return true;
                                },
                            .progress = [&](const UploadProgress& now) { progress_.push_back(now.sent); }});
    }
    // What the store has is what the file is.
    void expect_same(std::size_t size) {
        const auto url = client_->presigned_get({.key = "a/1.mp4"}, base::SystemClock().wall());
        EXPECT_TRUE(test::fetch(*url) == test::bytes_of_size(size));
    }

    std::unique_ptr<Client> client_;
    std::vector<std::string> begun_;
    std::vector<std::uint64_t> progress_;
};

TEST(PartSize, IsWithinTheLimits) {
    EXPECT_EQ(part_size_for(1, 16 * mebibyte), 16 * mebibyte);
    EXPECT_EQ(part_size_for(1, 1), smallest_part);
    EXPECT_EQ(part_size_for(1, 1ULL << 40), largest_part);
    // As many as S3 takes, and no more.
    const std::uint64_t size = part_size_for(300ULL << 30, smallest_part);
    EXPECT_GE(size * max_parts, 300ULL << 30);
    EXPECT_LT((size - mebibyte) * max_parts, 300ULL << 30);
    EXPECT_EQ(part_size_for(max_object_size, smallest_part), largest_part);
    EXPECT_EQ(part_size_for(max_object_size + 1, smallest_part), 0U);
}

TEST_F(UploaderTest, SmallFileGoesInOnePiece) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1000}, part}) {
        const auto uploaded = upload(file(size));
        ASSERT_TRUE(uploaded) << uploaded.error().message;
        EXPECT_EQ(uploaded->object.size, size);
        EXPECT_TRUE(uploaded->digest_compared);
        expect_same(size);
    }
    EXPECT_TRUE(begun_.empty());
}

TEST_F(UploaderTest, LargeFileGoesInParts) {
    const auto uploaded = upload(file(three_parts));
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_EQ(uploaded->object.size, three_parts);
    EXPECT_TRUE(uploaded->digest_compared);
    EXPECT_TRUE(is_multipart_md5_etag(uploaded->object.etag));
    EXPECT_EQ(begun_.size(), 1U);
    EXPECT_EQ(progress_, (std::vector<std::uint64_t>{part, 2 * part, three_parts}));
    expect_same(three_parts);
}

TEST_F(UploaderTest, GoesOnAfterARestart) {
    const auto path = file(three_parts);
    script(R"([{"request": "partNumber=3", "fault": {"status": 403, "code": "AccessDenied"}, "times": 1}])");
    EXPECT_EQ(upload(path).error().code, base::ErrorCode::forbidden);
    log();
    // Another process, that has nothing but the upload's id.
    client_ = std::move(*Client::create(test::settings_for(store_)));
    const auto uploaded = upload(path, begun_.at(0));
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_EQ(uploaded->reused_parts, 2U);
    EXPECT_TRUE(uploaded->digest_compared);
    EXPECT_EQ(begun_.size(), 1U);
    EXPECT_EQ(count("PUT"), 1U);
    expect_same(three_parts);
}

// It ended between the store's last answer and its own database.
TEST_F(UploaderTest, UploadThatWasFinishedUnheardIsNotSentAgain) {
    const auto path = file(three_parts);
    ASSERT_TRUE(upload(path));
    log();
    const auto uploaded = upload(path, begun_.at(0));
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_TRUE(uploaded->digest_compared);
    EXPECT_EQ(begun_.size(), 1U);
    EXPECT_EQ(count("PUT"), 0U);
    // Of another file of that size it is sent.
    std::ofstream(path, std::ios::binary) << std::string(three_parts, 'x');
    ASSERT_TRUE(upload(path, begun_.at(0)));
    EXPECT_EQ(count("PUT"), 3U);
}

TEST_F(UploaderTest, PartsOfAnotherFileAreNotReused) {
    script(R"([{"request": "partNumber=3", "fault": {"status": 403, "code": "AccessDenied"}, "times": 1}])");
    const auto path = file(three_parts);
    EXPECT_FALSE(upload(path));
    log();
    std::fstream changed(path, std::ios::binary | std::ios::in | std::ios::out);
    changed.seekp(static_cast<std::streamoff>(part + 5));
    changed << "changed";
    changed.close();
    const auto uploaded = upload(path, begun_.at(0));
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_EQ(uploaded->reused_parts, 1U);
    EXPECT_EQ(count("PUT"), 2U);
}

TEST_F(UploaderTest, UploadThatTheStoreForgotBeginsAnew) {
    const auto uploaded = upload(file(three_parts), "forgotten");
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_EQ(begun_.size(), 1U);
    expect_same(three_parts);
}

TEST_F(UploaderTest, FaultsOnTheWayAreHealed) {
    script(R"([{"request": "partNumber=1", "fault": "tear the request", "times": 2},
               {"request": "partNumber=2", "fault": "damage the body", "times": 1},
               {"request": "partNumber=3", "fault": {"status": 503, "code": "SlowDown"}, "times": 2},
               {"request": "partNumber=3", "fault": "lose the answer", "times": 1},
               {"request": "POST a/1.mp4?uploadId", "fault": "error after 200", "times": 1},
               {"request": "HEAD", "fault": {"status": 500}, "times": 1}])");
    const auto uploaded = upload(file(three_parts));
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_TRUE(uploaded->digest_compared);
    EXPECT_EQ(client_->counters().retries, 8U);
    expect_same(three_parts);
}

// The first try made the object; the second is told that there is no such upload.
TEST_F(UploaderTest, LostAnswerToTheLastStepIsNoFailure) {
    script(R"([{"request": "POST a/1.mp4?uploadId", "fault": "lose the answer", "times": 1}])");
    const auto uploaded = upload(file(three_parts));
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_TRUE(uploaded->digest_compared);
    EXPECT_EQ(begun_.size(), 1U);
    expect_same(three_parts);
}

TEST_F(UploaderTest, WhatTheStoreDamagedIsNotDone) {
    // As it says itself of a part, of the whole, and of its size.
    script(R"([{"request": "partNumber=2", "fault": "wrong ETag", "times": 1}])");
    EXPECT_EQ(upload(file(three_parts)).error().name, digest_differs);
    script(R"([{"request": "partNumber=2", "fault": "store damaged", "times": 1}])");
    EXPECT_EQ(upload(file(three_parts)).error().name, digest_differs);
    script(R"([{"request": "HEAD", "fault": "short object", "times": 1}])");
    EXPECT_EQ(upload(file(three_parts)).error().name, digest_differs);
    script(R"([{"request": "HEAD", "fault": "short object", "times": 1}])");
    EXPECT_EQ(upload(file(100)).error().name, digest_differs);
}

TEST_F(UploaderTest, StoreWithOtherEtagsIsBelievedItsSize) {
    script(R"([{"request": "HEAD", "fault": "opaque ETag", "times": 1},
               {"request": "PUT", "fault": "opaque ETag", "times": 1}])");
    const auto uploaded = upload(file(100));
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_FALSE(uploaded->digest_compared);
    script(R"([{"request": "HEAD", "fault": "encrypted", "times": 1},
               {"request": "PUT", "fault": "encrypted", "times": 1}])");
    const auto encrypted = upload(file(100));
    ASSERT_TRUE(encrypted) << encrypted.error().message;
    EXPECT_FALSE(encrypted->digest_compared);
    EXPECT_TRUE(encrypted->object.opaque_etag);
}

TEST_F(UploaderTest, IdThatCannotBeKeptIsGivenBack) {
    const auto uploaded = upload_file(*client_, {file(three_parts), "a", {}, {}}, {.part_size = part},
                                      {.begun = [](const std::string&) { return false; }});
    EXPECT_EQ(uploaded.error().code, base::ErrorCode::unavailable);
    const std::string seen = log();
    EXPECT_THAT(seen, testing::HasSubstr("DELETE a?uploadId="));
    EXPECT_THAT(seen, testing::Not(testing::HasSubstr("PUT")));
}

TEST_F(UploaderTest, FilesThatCannotBeRead) {
    EXPECT_EQ(upload(folder_ / "none").error().code, base::ErrorCode::not_found);
    EXPECT_FALSE(upload(folder_));
    std::filesystem::create_symlink(file(10), folder_ / "link");
    EXPECT_FALSE(upload(folder_ / "link"));
}

TEST_F(UploaderTest, QueueIsWorkedOffAndBounded) {
    std::string lines;
    std::mutex lines_mutex;
    const base::Logger log([&](std::string_view line) {
        const std::lock_guard lock(lines_mutex);
        lines += line;
        lines += '\n';
    });
    script(
        R"([{"request": "PUT b", "fault": {"status": 403, "code": "AccessDenied", "message": "no"}, "times": 9}])");
    std::vector<std::promise<base::Result<Uploaded>>> done(3);
    {
        Uploader uploader(*client_, log, {.max_queued = 1'000});
        for (std::size_t i = 0; i < done.size(); ++i)
            EXPECT_TRUE(uploader.add({file(100), std::string(1, static_cast<char>('a' + i)), {}, {}}, {},
                                     [&, i](auto result) { done[i].set_value(std::move(result)); }));
        EXPECT_TRUE(done[0].get_future().get());
        EXPECT_EQ(done[1].get_future().get().error().code, base::ErrorCode::forbidden);
        EXPECT_TRUE(done[2].get_future().get());
        Uploader none(*client_, log, {.max_queued = 0});
        EXPECT_FALSE(none.add({file(1), "x", {}, {}}, {}, [](auto) {}));
    }
    EXPECT_THAT(lines, testing::HasSubstr("uploaded"));
    EXPECT_THAT(lines, testing::HasSubstr("AccessDenied"));
    EXPECT_THAT(lines, testing::Not(testing::HasSubstr("canary")));
    EXPECT_THAT(lines, testing::Not(testing::HasSubstr("Signature=")));
}

TEST_F(UploaderTest, StopLeavesWhatWasSentForTheNextTime) {
    const auto path = file(three_parts);
    script(R"([{"request": "partNumber=2", "fault": "hang", "times": 1}])");
    std::promise<base::Result<Uploaded>> first;
    std::promise<base::Result<Uploaded>> second;
    std::promise<void> sent;
    std::string id;
    Uploader uploader(*client_, {}, {.upload = {.part_size = part}});
    EXPECT_TRUE(uploader.add({path, "a/1.mp4", {}, {}},
                             {.begun =
                                  [&](const std::string& begun) {
                                      id = begun;
                                      return true;
                                  },
                              .progress = [&](const UploadProgress&) { sent.set_value(); }},
                             [&](auto result) { first.set_value(std::move(result)); }));
    EXPECT_TRUE(
        uploader.add({path, "b", {}, {}}, {}, [&](auto result) { second.set_value(std::move(result)); }));
    sent.get_future().wait();
    // The second part is on its way.
    std::string seen;
    for (int i = 0; i < 500 && seen.find("hang") == std::string::npos; ++i) {
        seen += log();
        std::this_thread::sleep_for(10ms);
    }
    ASSERT_THAT(seen, testing::HasSubstr("partNumber=2"));
    const auto began = std::chrono::steady_clock::now();
    uploader.stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
    EXPECT_EQ(first.get_future().get().error().code, base::ErrorCode::closed);
    EXPECT_EQ(second.get_future().get().error().code, base::ErrorCode::closed);
    EXPECT_FALSE(uploader.add({path, "c", {}, {}}, {}, [](auto) {}));

    const auto again = std::move(*Client::create(test::settings_for(store_)));
    const auto uploaded = upload_file(*again, {path, "a/1.mp4", {}, id}, {.part_size = part}, {});
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_EQ(uploaded->reused_parts, 1U);
    expect_same(three_parts);
}

// A server that is not ours: s3rver, from npm. It knows neither lists of parts nor SigV4's secrets.
class S3rver : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(test::tests / "system/node_modules/s3rver"))
            GTEST_SKIP() << "npm ci was not run in tests/system";
        ASSERT_TRUE(store_.started());
    }
    // What is left of an upload whose third part the store never got.
    std::string begun(Client& client, const std::filesystem::path& path) {
        std::string id;
        const std::string bytes = test::bytes_of_size(three_parts);
        id = *client.create_upload("a/1.mp4", {});
        for (const int number : {1, 2})
            EXPECT_TRUE(client.upload_part(
                "a/1.mp4", id, number,
                base::as_bytes(bytes).subspan(static_cast<std::size_t>(number - 1) * part, part)));
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
        return id;
    }
    test::Node store_{{(test::tests / "support/s3rver.mjs").string(), "shows"}};
};

TEST_F(S3rver, UploadGoesOnWithTheNextPart) {
    const test::Node store{{(test::tests / "support/s3rver.mjs").string(), "shows", "lists"}};
    const auto client = std::move(*Client::create(test::settings_for(store)));
    const std::filesystem::path path = std::filesystem::temp_directory_path() / "s3rver-resumed";
    const std::string id = begun(*client, path);
    const auto uploaded = upload_file(*client, {path, "a/1.mp4", {}, id}, {.part_size = part}, {});
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_EQ(uploaded->reused_parts, 2U);
    EXPECT_TRUE(uploaded->digest_compared);
    const auto url = client->presigned_get({.key = "a/1.mp4"}, base::SystemClock().wall());
    EXPECT_TRUE(test::fetch(*url) == test::bytes_of_size(three_parts));
    std::filesystem::remove(path);
}

// It cannot tell what it has: all is sent anew, rather than nothing for ever.
TEST_F(S3rver, UploadBeginsAnewWhereTheStoreTellsNoParts) {
    const auto client = std::move(*Client::create(test::settings_for(store_)));
    const std::filesystem::path path = std::filesystem::temp_directory_path() / "s3rver-anew";
    const std::string id = begun(*client, path);
    std::string anew;
    const auto uploaded = upload_file(*client, {path, "a/1.mp4", {}, id}, {.part_size = part},
                                      {.begun = [&](const std::string& fresh) {
                                          anew = fresh;
                                          return true;
                                      }});
    ASSERT_TRUE(uploaded) << uploaded.error().message;
    EXPECT_EQ(uploaded->reused_parts, 0U);
    EXPECT_NE(anew, "");
    EXPECT_NE(anew, id);
    std::filesystem::remove(path);
}

TEST_F(S3rver, TakesWhatIsSent) {
    const auto client = std::move(*Client::create(test::settings_for(store_)));
    const std::filesystem::path path = std::filesystem::temp_directory_path() / "s3rver-upload";
    for (const std::size_t size : {std::size_t{1000}, three_parts}) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << test::bytes_of_size(size);
        const auto uploaded = upload_file(*client, {path, "a b/1.mp4", {.content_type = "video/mp4"}, {}},
                                          {.part_size = part}, {});
        ASSERT_TRUE(uploaded) << uploaded.error().message;
        EXPECT_EQ(uploaded->object.size, size);
        EXPECT_TRUE(uploaded->digest_compared);
        const auto url = client->presigned_get({.key = "a b/1.mp4"}, base::SystemClock().wall());
        EXPECT_TRUE(test::fetch(*url) == test::bytes_of_size(size));
    }
    std::filesystem::remove(path);
    EXPECT_TRUE(client->remove("a b/1.mp4"));
    EXPECT_EQ(client->head("a b/1.mp4").error().code, base::ErrorCode::not_found);
}

}  // namespace
}  // namespace storage
