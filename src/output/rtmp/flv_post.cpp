#include "output/rtmp/flv_post.h"

#include <fmt/format.h>

#include <charconv>

#include "format/flv/file.h"

namespace output::rtmp {
namespace {

constexpr std::string_view end_of_line = "\r\n";
constexpr std::string_view end_of_head = "\r\n\r\n";

bool has(const hub::Headers& headers, media::Kind kind) {
    for (const media::FramePtr& config : headers.configs)
        if (config->kind == kind) return true;
    return false;
}

// The status code of "HTTP/1.1 403 Forbidden" (RFC 9112, section 4); 0 when it is none.
int status_of(std::string_view line) {
    constexpr std::string_view version = "HTTP/1.";
    constexpr std::size_t digits_at = version.size() + 2;
    constexpr std::size_t digits = 3;
    if (!line.starts_with(version) || line.size() < digits_at + digits || line[digits_at - 1] != ' ')
        return 0;
    int status = 0;
    const char* end = line.data() + digits_at + digits;
    return std::from_chars(line.data() + digits_at, end, status).ptr == end && status >= 100 ? status : 0;
}

}  // namespace

FlvPost::FlvPost(const net::PushUrl& url, const base::Secret& key, const hub::HeadersPtr& headers) {
    std::string head = fmt::format(
        "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Everycast\r\nContent-Type: video/x-flv\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n",
        url.target, url.authority());
    if (!key.empty()) head += "X-Stream-Key: " + key.reveal() + "\r\n";
    head += end_of_line;
    base::append(output_, base::as_bytes(head));

    // Nobody can tell yet what will come when nothing has come yet: then both are said to.
    const bool audio = has(*headers, media::Kind::audio);
    const bool video = has(*headers, media::Kind::video);
    const auto file_header = format::flv::write_file_header(audio || !video, video || !audio);
    base::append(output_, base::as_bytes(fmt::format("{:x}\r\n", file_header.size())));
    base::append(output_, file_header);
    base::append(output_, base::as_bytes(end_of_line));
}

Written FlvPost::write(base::GatherList& out, const hub::BatchPtr& batch, RecentWire&) {
    const Written written = for_each_sent(*batch, base_, [&](const media::Frame& frame, std::uint32_t at) {
        const std::size_t size = frame.tag.size() + format::flv::tag_overhead;
        out.add_copy(base::as_bytes(fmt::format("{:x}\r\n", size)));
        format::flv::add_tag(out, frame.kind, frame.tag.view(), std::chrono::milliseconds(at));
        out.add_copy(base::as_bytes(end_of_line));
    });
    if (!out.empty()) out.keep(batch);
    return written;
}

void FlvPost::finish() {
    base::append(output_, base::as_bytes("0\r\n\r\n"));
}

base::Result<> FlvPost::consume(base::ByteView bytes, base::MonotonicTime) {
    answer_ += base::as_text(bytes);
    if (answer_.size() > max_answer)
        return base::fail(base::ErrorCode::limit_exceeded, "the bridge's answer is too long");
    int status = 0;
    // Interim answers, such as 100 Continue, are heads without bodies before the one that counts.
    while (true) {
        const std::size_t line_end = answer_.find(end_of_line);
        if (line_end == std::string::npos) return {};
        status = status_of(std::string_view(answer_).substr(0, line_end));
        if (status < 100 || status > 199) break;
        const std::size_t head_end = answer_.find(end_of_head, line_end);
        if (head_end == std::string::npos) return {};
        answer_.erase(0, head_end + end_of_head.size());
    }
    if (status == 401 || status == 403 || status == 404) {
        event_ =
            Refused{fmt::format("the bridge refused the stream (HTTP {}): check its URL and key", status)};
        return {};
    }
    if (status == 0) return base::fail(base::ErrorCode::malformed, "the bridge does not speak HTTP");
    return base::fail(base::ErrorCode::closed, fmt::format("the bridge ended the stream (HTTP {})", status));
}

}  // namespace output::rtmp
