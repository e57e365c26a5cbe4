#include "storage/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <variant>

#include "storage/digest.h"

namespace storage {
namespace {

// Connections that are kept for the next call.
constexpr std::size_t max_idle = 4;
// Need not be there: that is an answer, too.
constexpr const char* looked_for = "everycast-probe";
// However long a store asks us to wait.
constexpr std::chrono::seconds longest_asked{60};

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::vector<std::pair<std::string, std::string>> as_list(const ObjectHeaders& headers) {
    std::vector<std::pair<std::string, std::string>> list;
    if (!headers.content_type.empty()) list.emplace_back("content-type", headers.content_type);
    if (!headers.cache_control.empty()) list.emplace_back("cache-control", headers.cache_control);
    return list;
}

bool is_text_of_header(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

StoreSettings settings_of_looks(StoreSettings settings) {
    settings.connect_timeout = settings.look_connect_timeout;
    settings.request_timeout = settings.look_timeout;
    return settings;
}

}  // namespace

bool is_md5_etag(std::string_view etag) {
    return etag.size() == 32 && is_hex(etag);
}

bool is_multipart_md5_etag(std::string_view etag) {
    return etag.size() > 33 && is_hex(etag.substr(0, 32)) && etag[32] == '-' &&
           std::all_of(etag.begin() + 33, etag.end(), [](char c) { return c >= '0' && c <= '9'; });
}

base::Result<std::unique_ptr<Client>> Client::create(const StoreSettings& settings) {
    if (auto url = bucket_url(settings); !url) return base::fail(std::move(url.error()));
    if (settings.access_key_id.empty() || settings.secret_key.empty())
        return base::fail(base::ErrorCode::invalid_argument,
                          "the store wants an access key id and its secret key");
    // A static's initialisation is safe between threads, as libcurl's is not.
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK) return base::fail(base::ErrorCode::internal, "libcurl cannot be used");
    return std::unique_ptr<Client>(new Client(settings));
}

Client::Client(const StoreSettings& settings)
    : settings_(settings), look_settings_(settings_of_looks(settings)) {}

Client::~Client() = default;

void Client::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
}

ClientCounters Client::counters() const {
    const std::lock_guard lock(mutex_);
    return counters_;
}

bool Client::wait_before(int retry, std::optional<std::chrono::seconds> asked) {
    std::unique_lock lock(mutex_);
    // 2^20 is past every cap.
    auto delay = std::min<std::chrono::milliseconds>(
        settings_.first_delay * (std::int64_t{1} << std::min(retry, 20)), settings_.longest_delay);
    delay = delay / 2 + std::chrono::milliseconds(
                            std::uniform_int_distribution<std::int64_t>(0, delay.count() / 2)(random_));
    if (asked) delay = std::max<std::chrono::milliseconds>(delay, std::min(*asked, longest_asked));
    ++counters_.retries;
    return !wake_.wait_for(lock, delay, [&] { return stopping_.load(); });
}

std::variant<HttpAnswer, Failure> Client::try_once(const HttpCall& call) {
    std::unique_ptr<Http> http;
    {
        const std::lock_guard lock(mutex_);
        ++counters_.requests;
        if (!idle_.empty()) {
            http = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!http) http = std::make_unique<Http>(settings_, stopping_);
    auto answer = http->perform(call);
    if (!answer) {
        const base::ErrorCode code = answer.error().code;
        return Failure{std::move(answer.error()),
                       code == base::ErrorCode::network || code == base::ErrorCode::timed_out};
    }
    {
        const std::lock_guard lock(mutex_);
        if (idle_.size() < max_idle) idle_.push_back(std::move(http));
    }
    // An upload may be refused after its 200 has gone out: the body tells.
    const bool refused = answer->status < 200 || answer->status >= 300 ||
                         (call.method != HttpCall::Method::get && !read_problem(answer->body).code.empty());
    if (refused) return failure_of(*answer, settings_.bucket);
    return std::move(*answer);
}

base::Result<HttpAnswer> Client::call(HttpCall::Method method, const std::string& key, Query query,
                                      base::ByteView body,
                                      std::vector<std::pair<std::string, std::string>> headers) {
    auto url = object_url(settings_, key, std::move(query));
    if (!url) return base::fail(std::move(url.error()));
    // Putting parts together takes its time.
    const bool slow = method == HttpCall::Method::post && !body.empty();
    const HttpCall request{method, std::move(*url), body, std::move(headers), slow};
    for (int retry = 0;; ++retry) {
        auto result = try_once(request);
        if (auto* answer = std::get_if<HttpAnswer>(&result)) return std::move(*answer);
        auto& failure = std::get<Failure>(result);
        const bool again = failure.worth_another_try && retry + 1 < settings_.tries && !stopping_;
        if (again && wait_before(retry, failure.retry_after)) continue;
        const std::lock_guard lock(mutex_);
        ++counters_.failures;
        if (stopping_) return base::fail(base::ErrorCode::closed, "the upload was stopped");
        return base::fail(std::move(failure.error));
    }
}

base::Result<std::string> Client::put_checked(const std::string& key, Query query, base::ByteView bytes,
                                              const ObjectHeaders& headers) {
    const Md5 digest = md5(bytes);
    auto list = as_list(headers);
    list.emplace_back("content-md5", base64(digest));
    for (const auto& [name, value] : list)
        if (!is_text_of_header(value))
            return base::fail(base::ErrorCode::invalid_argument, "this is no value of a header");
    auto answer = call(HttpCall::Method::put, key, std::move(query), bytes, std::move(list));
    if (!answer) return base::fail(std::move(answer.error()));
    std::string etag = plain_etag(answer->etag);
    if (etag.empty()) return base::fail(base::ErrorCode::malformed, "the store gave no ETag");
    if (!answer->opaque_etag && is_md5_etag(etag) && etag != base::to_hex(digest))
        return base::fail(base::Error{base::ErrorCode::malformed,
                                      "the store holds other bytes than were sent to it: its ETag differs",
                                      digest_differs});
    return etag;
}

base::Result<ObjectInfo> Client::put(const std::string& key, base::ByteView bytes,
                                     const ObjectHeaders& headers) {
    auto etag = put_checked(key, {}, bytes, headers);
    if (!etag) return base::fail(std::move(etag.error()));
    return ObjectInfo{bytes.size(), std::move(*etag), false};
}

base::Result<ObjectInfo> Client::head(const std::string& key) {
    auto answer = call(HttpCall::Method::head, key, {});
    if (!answer) return base::fail(std::move(answer.error()));
    if (!answer->content_length)
        return base::fail(base::ErrorCode::malformed, "the store does not say how large the object is");
    return ObjectInfo{*answer->content_length, plain_etag(answer->etag), answer->opaque_etag};
}

base::Result<> Client::answers() {
    auto url = object_url(settings_, looked_for, {});
    if (!url) return base::fail(std::move(url.error()));
    const HttpCall call{.method = HttpCall::Method::head, .url = std::move(*url)};
    auto answer = Http(look_settings_, stopping_).perform(call);
    {
        const std::lock_guard lock(mutex_);
        ++counters_.requests;
    }
    if (!answer) return base::fail(std::move(answer.error()));
    Failure failure = failure_of(*answer, settings_.bucket);
    if (answer->status >= 300 && failure.error.code == base::ErrorCode::unavailable)
        return base::fail(std::move(failure.error));
    return {};
}

base::Result<> Client::remove(const std::string& key) {
    auto answer = call(HttpCall::Method::remove, key, {});
    if (!answer && (answer.error().code != base::ErrorCode::not_found ||
                    answer.error().message.find("NoSuchBucket") != std::string::npos))
        return base::fail(std::move(answer.error()));
    return {};
}

base::Result<std::string> Client::create_upload(const std::string& key, const ObjectHeaders& headers) {
    for (const auto& [name, value] : as_list(headers))
        if (!is_text_of_header(value))
            return base::fail(base::ErrorCode::invalid_argument, "this is no value of a header");
    auto answer = call(HttpCall::Method::post, key, {{"uploads", ""}}, {}, as_list(headers));
    if (!answer) return base::fail(std::move(answer.error()));
    return read_upload_id(answer->body);
}

base::Result<std::string> Client::upload_part(const std::string& key, const std::string& upload_id,
                                              int number, base::ByteView bytes) {
    return put_checked(key, {{"partNumber", std::to_string(number)}, {"uploadId", upload_id}}, bytes, {});
}

base::Result<std::vector<UploadedPart>> Client::list_parts(const std::string& key,
                                                           const std::string& upload_id) {
    std::vector<UploadedPart> parts;
    for (int after = 0;;) {
        Query query{{"uploadId", upload_id}};
        if (after > 0) query.emplace_back("part-number-marker", std::to_string(after));
        auto answer = call(HttpCall::Method::get, key, std::move(query));
        if (!answer) return base::fail(std::move(answer.error()));
        auto page = read_parts(answer->body);
        if (!page) return base::fail(std::move(page.error()));
        for (UploadedPart& part : page->parts) {
            if (!parts.empty() && part.number <= parts.back().number)
                return base::fail(base::ErrorCode::malformed, "the store's list of parts goes in circles");
            parts.push_back(std::move(part));
        }
        if (page->next_after == 0) return parts;
        if (page->next_after <= after)
            return base::fail(base::ErrorCode::malformed, "the store's list of parts goes in circles");
        after = page->next_after;
    }
}

base::Result<std::string> Client::complete_upload(const std::string& key, const std::string& upload_id,
                                                  const std::vector<UploadedPart>& parts) {
    const std::string document = write_complete(parts);
    auto answer = call(HttpCall::Method::post, key, {{"uploadId", upload_id}}, base::as_bytes(document),
                       {{"content-type", "application/xml"}});
    if (!answer) return base::fail(std::move(answer.error()));
    return read_completed(answer->body);
}

base::Result<> Client::abort_upload(const std::string& key, const std::string& upload_id) {
    auto answer = call(HttpCall::Method::remove, key, {{"uploadId", upload_id}});
    if (!answer && answer.error().name != upload_gone) return base::fail(std::move(answer.error()));
    return {};
}

}  // namespace storage
