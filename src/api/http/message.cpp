#include "api/http/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace api::http {
namespace {

constexpr std::array<std::pair<Method, std::string_view>, 7> method_names{{
    {Method::get, "GET"},
    {Method::head, "HEAD"},
    {Method::post, "POST"},
    {Method::put, "PUT"},
    {Method::patch, "PATCH"},
    {Method::del, "DELETE"},
    {Method::options, "OPTIONS"},
}};

// A header value made from foreign text must not be able to start another header.
void append_value(std::string& out, std::string_view value) {
    for (const char c : value) out.push_back(static_cast<unsigned char>(c) < 0x20 && c != '\t' ? ' ' : c);
}

// Written once a second, not once an answer.
const std::string& date_of(base::WallTime now) {
    thread_local std::chrono::sys_seconds written{};
    thread_local std::string text;
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second != written || text.empty()) {
        text = http_date(second);
        written = second;
    }
    return text;
}

}  // namespace

std::string_view to_string(Method method) {
    for (const auto& [known, name] : method_names)
        if (known == method) return name;
    return "OTHER";
}

Method method_of(std::string_view name) {
    for (const auto& [method, known] : method_names)
        if (known == name) return method;
    return Method::other;
}

std::string_view Request::header(std::string_view name) const {
    const auto found = std::ranges::find(headers, name, &Header::name);
    return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

bool Request::has_header(std::string_view name) const {
    return std::ranges::find(headers, name, &Header::name) != headers.end();
}

Response& Response::set(std::string_view name, std::string_view value) {
    headers.push_back({std::string(name), std::string(value)});
    return *this;
}

std::uint64_t Response::body_size() const {
    if (file.file) return file.size;
    return text ? text->size() : body.size();
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Status";
    }
}

std::string http_date(base::WallTime time) {
    constexpr std::array<const char*, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       day_names[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                       month_names[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string render_head(const Response& response, Framing framing, bool keep_alive, base::WallTime now) {
    constexpr std::size_t usual_size = 512;
    std::string head;
    head.reserve(usual_size);
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    head += reason_phrase(response.status);
    head += "\r\n";
    for (const auto& [name, value] : response.headers) {
        head += name;
        head += ": ";
        append_value(head, value);
        head += "\r\n";
    }
    head += response.constant_headers;
    head += "Date: ";
    head += date_of(now);
    head += "\r\n";
    if (framing == Framing::chunked) {
        head += "Transfer-Encoding: chunked\r\n";
    } else if (framing == Framing::length && response.status != 204 && response.status != 304) {
        head += "Content-Length: ";
        head += std::to_string(response.body_size());
        head += "\r\n";
    }
    if (framing == Framing::websocket)
        head += "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    else
        head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return head;
}

struct Reply::State {
    explicit State(std::function<void(Response)> to) : send(std::move(to)) {}
    ~State() {
        if (answered.exchange(true)) return;
        Response failed;
        failed.status = 500;
        failed.close = true;
        send(std::move(failed));
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    std::function<void(Response)> send;
    std::atomic<bool> answered = false;
};

Reply::Reply(std::function<void(Response)> send) : state_(std::make_shared<State>(std::move(send))) {}

void Reply::operator()(Response response) const {
    if (!state_->answered.exchange(true)) state_->send(std::move(response));
}

}  // namespace api::http
