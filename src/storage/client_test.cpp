#include "storage/client.h"

#include <gmock/gmock.h>

#include <future>

#include "storage/test_store.h"
#include "storage/upload.h"

namespace storage {
namespace {

using namespace std::chrono_literals;

class ClientTest : public test::WithStore {
  protected:
    std::unique_ptr<Client> client(const StoreSettings& settings) {
        auto made = Client::create(settings);
        EXPECT_TRUE(made) << made.error().message;
        return std::move(*made);
    }
    std::unique_ptr<Client> client() { return client(test::settings_for(store_)); }

    // What put says when the store does this for good.
    base::Error error_of(const std::string& fault) {
        script(R"([{"request": "PUT", "fault": )" + fault + R"(, "times": 99}])");
        const auto put = client()->put("a", base::as_bytes("text"), {});
        EXPECT_FALSE(put);
        return put ? base::Error{} : put.error();
    }
};

TEST_F(ClientTest, ObjectGoesThereAndComesBack) {
    const auto store = client();
    const auto put = store->put("a folder/ä+b.txt", base::as_bytes("some text"),
                                {.content_type = "text/plain", .cache_control = "max-age=60"});
    ASSERT_TRUE(put) << put.error().message;
    EXPECT_EQ(put->etag, "552e21cd4cd9918678e3c1a0df491bc3");
    const auto info = store->head("a folder/ä+b.txt");
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->size, 9U);
    EXPECT_EQ(info->etag, put->etag);
    EXPECT_TRUE(store->remove("a folder/ä+b.txt"));
    EXPECT_TRUE(store->remove("a folder/ä+b.txt"));
    EXPECT_EQ(store->head("a folder/ä+b.txt").error().code, base::ErrorCode::not_found);
    EXPECT_EQ(store->counters().retries, 0U);
    EXPECT_TRUE(store->put("empty", {}, {})) << "an object of no bytes";
}

TEST_F(ClientTest, SignedUrlIsServedAndNothingElseIs) {
    const auto store = client();
    ASSERT_TRUE(store->put("a/b c.mp4", base::as_bytes("some text"), {}));
    const auto now = base::SystemClock().wall();
    const std::string url =
        *store->presigned_get({.key = "a/b c.mp4", .content_disposition = "attachment; filename=\"x\""}, now);
    EXPECT_EQ(test::fetch(url), "some text");
    EXPECT_EQ(test::fetch(url.substr(0, url.find('?'))), "HTTP 403");
    std::string forged = url;
    forged.back() = forged.back() == '0' ? '1' : '0';
    EXPECT_EQ(test::fetch(forged), "HTTP 403");
    forged = url;
    forged.replace(forged.find("b%20c"), 5, "b%20d");
    EXPECT_EQ(test::fetch(forged), "HTTP 403");
    EXPECT_EQ(test::fetch(*store->presigned_get({.key = "a/b c.mp4"}, now - 2h)), "HTTP 403");
}

TEST_F(ClientTest, PartsAreListedOverPagesAndMadeWhole) {
    const auto store = client();
    const auto id = store->create_upload("big", {.content_type = "video/mp4"});
    ASSERT_TRUE(id) << id.error().message;
    const std::string bytes = test::bytes_of_size(5 << 20);
    std::vector<UploadedPart> sent;
    for (int number = 1; number <= 7; ++number) {
        const auto etag = store->upload_part("big", *id, number, base::as_bytes(bytes));
        ASSERT_TRUE(etag) << etag.error().message;
        sent.push_back({number, *etag, bytes.size()});
    }
    const auto listed = store->list_parts("big", *id);
    ASSERT_TRUE(listed) << listed.error().message;
    EXPECT_EQ(*listed, sent);
    const auto whole = store->complete_upload("big", *id, sent);
    ASSERT_TRUE(whole) << whole.error().message;
    EXPECT_TRUE(is_multipart_md5_etag(*whole)) << *whole;
    EXPECT_EQ(store->head("big")->size, 7U * bytes.size());
    EXPECT_EQ(store->list_parts("big", *id).error().name, upload_gone);
    EXPECT_EQ(store->complete_upload("big", *id, sent).error().name, upload_gone);
    EXPECT_TRUE(store->abort_upload("big", *id));
    EXPECT_EQ(store->upload_part("big", "a stranger's", 1, base::as_bytes("x")).error().name, upload_gone);
}

TEST_F(ClientTest, WhatPassesIsTriedAgain) {
    for (const char* const fault :
         {R"({"status": 503, "code": "SlowDown", "message": "Please reduce your request rate."})",
          R"({"status": 500, "code": "InternalError", "message": "We encountered an internal error."})",
          R"({"status": 502})", R"("reset at once")", R"("tear the request")", R"("lose the answer")",
          R"("damage the body")", R"("error after 200")"}) {
        script(std::string(R"([{"request": "PUT", "fault": )") + fault + R"(, "times": 2}])");
        const auto store = client();
        const auto put = store->put("a", base::as_bytes("text"), {});
        EXPECT_TRUE(put) << fault << ": " << put.error().message;
        EXPECT_EQ(store->counters().retries, 2U) << fault;
        EXPECT_EQ(store->counters().failures, 0U) << fault;
    }
}

TEST_F(ClientTest, RetryAfterIsHonoured) {
    script(
        R"([{"request": "PUT", "fault": {"status": 503, "code": "SlowDown", "headers": {"Retry-After": "1"}}, "times": 1}])");
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(client()->put("a", base::as_bytes("text"), {}));
    EXPECT_GE(std::chrono::steady_clock::now() - began, 1s);
}

TEST_F(ClientTest, TriesEnd) {
    const base::Error error = error_of(R"({"status": 503, "code": "SlowDown", "message": "m"})");
    EXPECT_EQ(error.code, base::ErrorCode::unavailable);
    EXPECT_EQ(count("PUT a 503"), 6U);
}

TEST_F(ClientTest, WhatWillNotPassIsNotTriedAgain) {
    error_of(R"({"status": 403, "code": "AccessDenied", "message": "Access Denied"})");
    EXPECT_EQ(count("PUT"), 1U);
    EXPECT_EQ(error_of(R"("redirect")").code, base::ErrorCode::invalid_argument);
    EXPECT_EQ(count("PUT"), 1U);
    EXPECT_EQ(error_of(R"("wrong ETag")").name, digest_differs);
}

TEST_F(ClientTest, SettingsThatAreWrongAreNamed) {
    const auto said = [&](const std::function<void(StoreSettings&)>& change) {
        StoreSettings settings = test::settings_for(store_);
        change(settings);
        const auto put = client(settings)->put("a", base::as_bytes("text"), {});
        return put ? "nothing" : put.error().message;
    };
    EXPECT_THAT(said([](auto& s) { s.access_key_id = "another"; }), testing::HasSubstr("check it, and that"));
    const std::string refused = said([](auto& s) { s.secret_key = base::Secret("canary-another"); });
    EXPECT_THAT(refused, testing::HasSubstr("check the secret key"));
    EXPECT_THAT(refused, testing::Not(testing::HasSubstr("canary")));
    EXPECT_THAT(said([](auto& s) { s.region = "us-east-1"; }), testing::HasSubstr("region eu-test-1"));
    EXPECT_THAT(said([](auto& s) { s.bucket = "other"; }), testing::HasSubstr("there is no such bucket"));
    EXPECT_THAT(said([](auto& s) { s.endpoint = "http://127.0.0.1:1"; }),
                testing::HasSubstr("127.0.0.1:1 cannot be reached"));

    StoreSettings settings = test::settings_for(store_);
    settings.secret_key = {};
    EXPECT_FALSE(Client::create(settings));
    settings = test::settings_for(store_);
    settings.endpoint = "gopher://x";
    EXPECT_EQ(Client::create(settings).error().code, base::ErrorCode::invalid_argument);
}

TEST_F(ClientTest, AnswersThatAreNoneAreErrors) {
    script(R"([{"request": "POST", "fault": "not XML", "times": 1}])");
    EXPECT_EQ(client()->create_upload("a", {}).error().code, base::ErrorCode::malformed);
    script(R"([{"request": "POST", "fault": "endless", "times": 9}])");
    EXPECT_EQ(client()->create_upload("a", {}).error().code, base::ErrorCode::limit_exceeded);
    const auto put = client()->put("a", base::as_bytes("x"), {.content_type = "a\r\nx-amz-acl: public-read"});
    EXPECT_EQ(put.error().code, base::ErrorCode::invalid_argument);
    EXPECT_EQ(client()->put("../b", base::as_bytes("x"), {}).error().code, base::ErrorCode::invalid_argument);
}

TEST_F(ClientTest, StoreThatHangsIsGivenUp) {
    script(R"([{"request": "PUT", "fault": "hang", "times": 99}])");
    StoreSettings settings = test::settings_for(store_);
    settings.request_timeout = 200ms;
    settings.tries = 2;
    EXPECT_EQ(client(settings)->put("a", base::as_bytes("x"), {}).error().code, base::ErrorCode::timed_out);
    EXPECT_EQ(count("hang"), 2U);
}

TEST_F(ClientTest, StopEndsWhatRunsAndWhatWaits) {
    script(R"([{"request": "PUT hang", "fault": "hang", "times": 1},
               {"request": "PUT wait", "fault": {"status": 503, "headers": {"Retry-After": "60"}}, "times": 1}])");
    const auto store = client();
    auto hangs = std::async(std::launch::async, [&] { return store->put("hang", base::as_bytes("x"), {}); });
    auto waits = std::async(std::launch::async, [&] { return store->put("wait", base::as_bytes("x"), {}); });
    std::string seen;
    for (int i = 0;
         i < 500 && (seen.find("hang") == std::string::npos || seen.find("503") == std::string::npos); ++i) {
        seen += log();
        std::this_thread::sleep_for(10ms);
    }
    const auto began = std::chrono::steady_clock::now();
    store->stop();
    EXPECT_EQ(hangs.get().error().code, base::ErrorCode::closed);
    EXPECT_EQ(waits.get().error().code, base::ErrorCode::closed);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
    EXPECT_EQ(store->head("a").error().code, base::ErrorCode::closed);
}

TEST(Etags, Kinds) {
    const std::string md5(32, 'a');
    EXPECT_TRUE(is_md5_etag(md5));
    EXPECT_FALSE(is_md5_etag(md5 + "a"));
    EXPECT_FALSE(is_md5_etag(std::string(32, 'g')));
    EXPECT_TRUE(is_multipart_md5_etag(md5 + "-12"));
    EXPECT_FALSE(is_multipart_md5_etag(md5 + "-"));
    EXPECT_FALSE(is_multipart_md5_etag(md5 + "-x"));
    EXPECT_FALSE(is_multipart_md5_etag(md5));
}

// As slow as it may be: what counts is that it goes on.
TEST_F(ClientTest, SlowStoreIsNotADeadOne) {
    StoreSettings settings = test::settings_for(store_);
    settings.request_timeout = 1'000ms;
    settings.stall_timeout = 4'000ms;
    settings.tries = 1;
    script(R"([{"request": "PUT a", "fault": {"slow": 3000000}, "times": 1}])");
    const auto store = client(settings);
    const std::string bytes = test::bytes_of_size(smallest_part);
    const auto began = std::chrono::steady_clock::now();
    const auto put = store->put("a", base::as_bytes(bytes), {});
    ASSERT_TRUE(put) << put.error().message;
    EXPECT_GT(std::chrono::steady_clock::now() - began, settings.request_timeout);
}

TEST_F(ClientTest, DeadStoreIsGivenUpThoughMuchIsToBeSent) {
    StoreSettings settings = test::settings_for(store_);
    settings.stall_timeout = 1'000ms;
    settings.tries = 1;
    script(R"([{"request": "PUT a", "fault": {"slow": 1}, "times": 1}])");
    const std::string bytes = test::bytes_of_size(smallest_part);
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(client(settings)->put("a", base::as_bytes(bytes), {}).error().code, base::ErrorCode::timed_out);
    EXPECT_LT(std::chrono::steady_clock::now() - began, 30s);
}

TEST_F(ClientTest, LookTellsWhetherItAnswersAtAll) {
    StoreSettings settings = test::settings_for(store_);
    settings.look_timeout = 500ms;
    settings.secret_key = base::Secret("another");
    const auto store = client(settings);
    EXPECT_TRUE(store->answers()) << "a refusal is an answer";
    script(R"([{"request": "HEAD", "fault": {"status": 503}, "times": 1}])");
    EXPECT_EQ(store->answers().error().code, base::ErrorCode::unavailable);
    script(R"([{"request": "HEAD", "fault": "hang", "times": 1}])");
    EXPECT_EQ(store->answers().error().code, base::ErrorCode::timed_out);
    EXPECT_TRUE(store->answers());
    store_.kill();
    EXPECT_EQ(store->answers().error().code, base::ErrorCode::network);
    EXPECT_EQ(store->counters().retries, 0U);
    store->stop();
    EXPECT_EQ(store->answers().error().code, base::ErrorCode::closed);
}

}  // namespace
}  // namespace storage
