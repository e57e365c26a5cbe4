#include "output/rtmp/flv_post.h"

#include <fmt/format.h>

#include <charconv>

#include "format/flv/file.h"

namespace output::rtmp {
namespace {

constexpr std::string_view end_of_line = "\r\n";

bool has(const hub::Headers& headers, media::Kind kind) {
    for (const media::FramePtr& config : headers.configs)
        if (config->kind == kind) return true;
    return false;
}

// The status code of "HTTP/1.1 403 Forbidden"; 0 when it is none.
int status_of(std::string_view answer) {
    const std::size_t space = answer.find(' ');
    if (!answer.starts_with("HTTP/1.") || space == std::string_view::npos || space + 4 > answer.size())
        return 0;
    int status = 0;
    std::from_chars(answer.data() + space + 1, answer.data() + space + 4, status);
    return status;
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

void FlvPost::write(base::GatherList& out, const media::FramePtr& frame, std::uint32_t milliseconds) {
    const auto framing = format::flv::write_tag_framing(frame->kind, frame->tag.size(),
                                                        std::chrono::milliseconds(milliseconds));
    const std::size_t size = framing.head.size() + frame->tag.size() + framing.tail.size();
    out.add_copy(base::as_bytes(fmt::format("{:x}\r\n", size)));
    out.add_copy(framing.head);
    out.add_view(frame->tag.view());
    out.add_copy(framing.tail);
    out.add_copy(base::as_bytes(end_of_line));
    out.keep(frame);
}

void FlvPost::finish() {
    base::append(output_, base::as_bytes("0\r\n\r\n"));
}

base::Result<> FlvPost::consume(base::ByteView bytes, base::MonotonicTime) {
    answer_ += base::as_text(bytes);
    if (answer_.size() > max_answer)
        return base::fail(base::ErrorCode::limit_exceeded, "the bridge's answer is too long");
    if (answer_.find(end_of_line) == std::string::npos) return {};
    const int status = status_of(answer_);
    if (status == 100) {
        answer_.clear();
        return {};
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
