#include "storage/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "storage/digest.h"
#include "storage/store_xml.h"

namespace storage {
namespace {

constexpr long slowest_bytes_per_second = 1024;
constexpr long keepalive_seconds = 10;

struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListDeleter>;

// What is sent, from where it lies; it may be sent again on another connection.
struct Sending {
    base::ByteView bytes;
    std::size_t position = 0;
};

std::size_t give(char* into, std::size_t, std::size_t room, void* from) {
    auto& sending = *static_cast<Sending*>(from);
    const std::size_t count = std::min(room, sending.bytes.size() - sending.position);
    if (count > 0) std::memcpy(into, sending.bytes.data() + sending.position, count);
    sending.position += count;
    return count;
}

int rewind_to(void* from, curl_off_t offset, int origin) {
    auto& sending = *static_cast<Sending*>(from);
    if (origin != SEEK_SET || offset < 0 || static_cast<std::size_t>(offset) > sending.bytes.size())
        return CURL_SEEKFUNC_FAIL;
    sending.position = static_cast<std::size_t>(offset);
    return CURL_SEEKFUNC_OK;
}

std::size_t collect(char* data, std::size_t, std::size_t size, void* into) {
    auto& text = *static_cast<std::string*>(into);
    if (text.size() + size > max_document) return 0;
    text.append(data, size);
    return size;
}

int keep_on(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<const std::atomic<bool>*>(stop)->load() ? 1 : 0;
}

std::string header(CURL* handle, const char* name) {
    curl_header* found = nullptr;
    if (curl_easy_header(handle, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK) return {};
    return found->value;
}

tl::unexpected<base::Error> failed(CURLcode code, const char* detail, const std::string& host) {
    const char* what = detail[0] != '\0' ? detail : curl_easy_strerror(code);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return base::fail(base::ErrorCode::closed, "the upload was stopped");
    if (code == CURLE_WRITE_ERROR)
        return base::fail(base::ErrorCode::limit_exceeded, "the store's answer is too long");
    const auto kind =
        code == CURLE_OPERATION_TIMEDOUT ? base::ErrorCode::timed_out : base::ErrorCode::network;
    return base::fail(kind, fmt::format("the store at {} cannot be reached: {}", host, what));
}

}  // namespace

struct Http::Curl {
    Curl() : handle(curl_easy_init(), curl_easy_cleanup) {}
    std::unique_ptr<CURL, void (*)(CURL*)> handle;
};

Http::Http(const StoreSettings& settings, const std::atomic<bool>& stop)
    : curl_(std::make_unique<Curl>()), settings_(settings), stop_(stop) {}

Http::~Http() = default;

base::Result<HttpAnswer> Http::perform(const HttpCall& call) {
    if (stop_) return base::fail(base::ErrorCode::closed, "the upload was stopped");
    CURL* const handle = curl_->handle.get();
    // Connections stay.
    curl_easy_reset(handle);
    const std::string url = call.url.text();
    HttpAnswer answer;
    Sending sending{call.body};
    char detail[CURL_ERROR_SIZE] = "";

    List headers;
    const auto add_header = [&](const std::string& line) {
        curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
        [[maybe_unused]] curl_slist* const same = headers.release();
        headers.reset(longer);
    };
    // Signed, and held against the bytes by the store.
    add_header("x-amz-content-sha256: " + base::to_hex(sha256(call.body)));
    for (const auto& [name, value] : call.headers) add_header(name + ": " + value);

    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_AWS_SIGV4, ("aws:amz:" + settings_.region + ":s3").c_str());
    curl_easy_setopt(handle, CURLOPT_USERNAME, settings_.access_key_id.c_str());
    curl_easy_setopt(handle, CURLOPT_PASSWORD, settings_.secret_key.reveal().c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, detail);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, keep_on);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stop_));
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect_timeout.count()));
    const auto sending_time = std::chrono::seconds(static_cast<std::int64_t>(call.body.size()) /
                                                   static_cast<std::int64_t>(slowest_bytes_per_second));
    curl_easy_setopt(
        handle, CURLOPT_TIMEOUT_MS,
        static_cast<long>(std::chrono::milliseconds(settings_.request_timeout + sending_time).count()));
    // A name server that does not answer would hold up the end for as long as it is waited for.
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
    // Where silence is no sign, a peer that vanished is noticed by this.
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPIDLE, keepalive_seconds);
    curl_easy_setopt(handle, CURLOPT_TCP_KEEPINTVL, keepalive_seconds);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, call.slow ? 0L : slowest_bytes_per_second);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME,
                     std::max(1L, static_cast<long>(settings_.stall_timeout.count() / 1000)));
    switch (call.method) {
        case HttpCall::Method::get:
            break;
        case HttpCall::Method::head:
            curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
            break;
        case HttpCall::Method::put:
            curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
            curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
            curl_easy_setopt(handle, CURLOPT_READDATA, &sending);
            curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, rewind_to);
            curl_easy_setopt(handle, CURLOPT_SEEKDATA, &sending);
            curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
            break;
        case HttpCall::Method::post:
            curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
            curl_easy_setopt(handle, CURLOPT_POSTFIELDS,
                             call.body.empty() ? "" : reinterpret_cast<const char*>(call.body.data()));
            break;
        case HttpCall::Method::remove:
            curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, "DELETE");
            break;
    }

    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) return failed(code, detail, call.url.host);
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &answer.status);
    curl_off_t number = -1;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &number);
    if (number >= 0) answer.content_length = static_cast<std::uint64_t>(number);
    number = 0;
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &number);
    if (number > 0) answer.retry_after = std::chrono::seconds(number);
    answer.etag = header(handle, "ETag");
    answer.opaque_etag = header(handle, "x-amz-server-side-encryption").starts_with("aws:kms") ||
                         !header(handle, "x-amz-server-side-encryption-customer-algorithm").empty();
    answer.region = header(handle, "x-amz-bucket-region");
    return answer;
}

}  // namespace storage
