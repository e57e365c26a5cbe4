#include "app/top/api_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace app::top {
namespace {

constexpr long connect_timeout_ms = 3'000;
constexpr long total_timeout_ms = 20'000;
constexpr std::size_t max_answer = 8 * 1024 * 1024;

struct SlistDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t collect(char* data, std::size_t, std::size_t size, void* into) {
    auto& text = *static_cast<std::string*>(into);
    if (text.size() + size > max_answer) return 0;
    text.append(data, size);
    return size;
}

base::ErrorCode code_of(long status) {
    if (status == 401) return base::ErrorCode::unauthenticated;
    if (status == 403) return base::ErrorCode::forbidden;
    if (status == 404) return base::ErrorCode::not_found;
    if (status == 409) return base::ErrorCode::conflict;
    if (status == 429) return base::ErrorCode::rate_limited;
    return status >= 500 ? base::ErrorCode::unavailable : base::ErrorCode::bad_request;
}

std::string message_of(const boost::json::object& answer, long status) {
    if (const auto* error = answer.if_contains("error"); error != nullptr && error->is_object())
        if (const auto* message = error->as_object().if_contains("message");
            message != nullptr && message->is_string())
            return std::string(message->as_string());
    return fmt::format("the server answered {}", status);
}

}  // namespace

struct ApiClient::Curl {
    Curl() : handle(curl_easy_init(), curl_easy_cleanup) {}
    std::unique_ptr<CURL, void (*)(CURL*)> handle;
};

ApiClient::ApiClient(std::string server, Credentials credentials)
    : server_(std::move(server)), credentials_(std::move(credentials)), curl_(std::make_unique<Curl>()) {
    while (server_.ends_with('/')) server_.pop_back();
    bearer_ = credentials_.token;
}

ApiClient::~ApiClient() = default;

base::Result<boost::json::object> ApiClient::get(const std::string& path) {
    return call(path, nullptr);
}

base::Result<boost::json::object> ApiClient::post(const std::string& path, const boost::json::object& body) {
    return call(path, &body);
}

base::Result<> ApiClient::login() {
    bearer_ = {};
    const boost::json::object body{{"email", credentials_.email},
                                   {"password", credentials_.password.reveal()}};
    auto answer = perform("/api/auth/login", &body);
    if (!answer) return base::fail(std::move(answer.error()).within("signing in"));
    const auto* token = answer->if_contains("accessToken");
    if (token == nullptr || !token->is_string())
        return base::fail(base::ErrorCode::internal, "signing in: the answer has no access token");
    bearer_ = base::Secret(std::string(token->as_string()));
    return {};
}

base::Result<boost::json::object> ApiClient::call(const std::string& path, const boost::json::object* body) {
    const bool has_account = !credentials_.email.empty();
    if (has_account && bearer_.empty())
        if (auto done = login(); !done) return base::fail(std::move(done.error()));
    auto answer = perform(path, body);
    if (answer || !has_account || answer.error().code != base::ErrorCode::unauthenticated) return answer;
    if (auto done = login(); !done) return base::fail(std::move(done.error()));
    return perform(path, body);
}

base::Result<boost::json::object> ApiClient::perform(const std::string& path,
                                                     const boost::json::object* body) {
    CURL* curl = curl_->handle.get();
    if (curl == nullptr) return base::fail(base::ErrorCode::internal, "libcurl cannot be used");
    curl_easy_reset(curl);

    std::string text;
    const std::string url = server_ + path;
    const std::string sent = body == nullptr ? "" : boost::json::serialize(*body);
    std::unique_ptr<curl_slist, SlistDeleter> headers(curl_slist_append(nullptr, "Accept: application/json"));
    const auto add_header = [&](const std::string& line) {
        headers.reset(curl_slist_append(headers.release(), line.c_str()));
    };
    if (!bearer_.empty()) add_header("Authorization: Bearer " + bearer_.reveal());
    if (body != nullptr) {
        add_header("Content-Type: application/json");
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, sent.c_str());
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(sent.size()));
    }
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, total_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &text);
    if (const CURLcode failed = curl_easy_perform(curl); failed != CURLE_OK)
        return base::fail(base::ErrorCode::network,
                          fmt::format("{}: {}", server_, curl_easy_strerror(failed)));

    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    boost::json::error_code error;
    boost::json::value value = boost::json::parse(text, error);
    const bool readable = !error && value.is_object();
    if (status >= 400)
        return base::fail(code_of(status),
                          message_of(readable ? value.as_object() : boost::json::object{}, status));
    if (!readable)
        return base::fail(base::ErrorCode::bad_request,
                          fmt::format("{} does not answer as Everycast does", server_));
    return std::move(value.as_object());
}

}  // namespace app::top
