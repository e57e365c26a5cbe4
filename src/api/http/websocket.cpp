#include "api/http/websocket.h"

#include <openssl/evp.h>

#include <algorithm>

#include "api/http/header_text.h"

namespace api::http {
namespace {

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t key_size = 24;  // 16 bytes in base64
constexpr std::uint8_t fin = 0x80;
constexpr std::uint8_t masked = 0x80;

enum Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Whether the comma-separated list names the token.
bool lists(std::string_view list, std::string_view token) {
    while (!list.empty())
        if (same_ignoring_case(next_item(list, ','), token)) return true;
    return false;
}

bool is_key(std::string_view key) {
    const auto is_digit = [](unsigned char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
               c == '/';
    };
    return key.size() == key_size && key.ends_with("==") &&
           std::ranges::all_of(key.substr(0, key_size - 2), is_digit);
}

std::string control_frame(Opcode opcode, std::string_view payload) {
    payload = payload.substr(0, WebSocketReader::max_control_payload);
    std::string frame{static_cast<char>(fin | opcode), static_cast<char>(payload.size())};
    frame += payload;
    return frame;
}

}  // namespace

bool wants_websocket(const Request& request) {
    return request.method == Method::get && lists(request.header("upgrade"), "websocket");
}

std::string websocket_accept(const Request& request) {
    const std::string_view key = request.header("sec-websocket-key");
    if (!wants_websocket(request) || request.http_1_0 || !lists(request.header("connection"), "upgrade") ||
        request.header("sec-websocket-version") != "13" || !is_key(key))
        return {};
    const std::string together = std::string(key) + std::string(guid);
    std::array<unsigned char, 20> digest{};
    unsigned size = 0;
    if (EVP_Digest(together.data(), together.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1)
        return {};
    std::array<unsigned char, 32> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return std::string(reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length));
}

std::string websocket_head(std::uint64_t size) {
    constexpr std::uint64_t small = 125;
    constexpr std::uint64_t medium = 0xffff;
    std::string head{static_cast<char>(fin | binary)};
    int bytes = 0;
    if (size <= small) {
        head += static_cast<char>(size);
    } else if (size <= medium) {
        head += static_cast<char>(126);
        bytes = 2;
    } else {
        head += static_cast<char>(127);
        bytes = 8;
    }
    for (int i = bytes - 1; i >= 0; --i) head += static_cast<char>((size >> (8 * i)) & 0xff);
    return head;
}

std::string websocket_close(std::uint16_t status) {
    return control_frame(close,
                         std::string{static_cast<char>(status >> 8), static_cast<char>(status & 0xff)});
}

std::string websocket_pong(std::string_view payload) {
    return control_frame(pong, payload);
}

// The first byte, the length with its mask bit, the longer length, the mask.
std::size_t WebSocketReader::head_size() const {
    // One without a mask is refused, and need not be waited for.
    if (head_read_ < 2 || (head_[1] & masked) == 0) return 2;
    const unsigned length = head_[1] & 0x7f;
    return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + 4;
}

WebSocketReader::State WebSocketReader::finish_head() {
    const unsigned opcode = head_[0] & 0x0f;
    const bool control = opcode >= close;
    if ((head_[0] & 0x70) != 0 || (head_[1] & masked) == 0) return State::malformed;
    if ((opcode > binary && opcode < close) || opcode > pong) return State::malformed;
    left_ = head_[1] & 0x7f;
    if (control && ((head_[0] & fin) == 0 || left_ > max_control_payload)) return State::malformed;
    if (left_ >= 126) {
        const std::size_t bytes = left_ == 126 ? 2 : 8;
        left_ = 0;
        for (std::size_t i = 0; i < bytes; ++i) left_ = left_ << 8 | head_[2 + i];
    }
    if (left_ > max_payload) return State::too_large;
    control_.clear();
    in_payload_ = true;
    return State::open;
}

WebSocketReader::State WebSocketReader::finish_frame() {
    const unsigned opcode = head_[0] & 0x0f;
    if (opcode == ping) {
        const std::uint8_t* mask = head_.data() + head_size() - 4;
        for (std::size_t i = 0; i < control_.size(); ++i)
            control_[i] = static_cast<char>(static_cast<std::uint8_t>(control_[i]) ^ mask[i % 4]);
        ping_ = control_;
        pinged_ = true;
    }
    head_read_ = 0;
    in_payload_ = false;
    return opcode == close ? State::closed : State::open;
}

WebSocketReader::State WebSocketReader::consume(base::ByteView bytes) {
    while (state_ == State::open) {
        if (!in_payload_) {
            while (head_read_ < head_size() && !bytes.empty()) {
                head_[head_read_++] = bytes.front();
                bytes = bytes.subspan(1);
            }
            if (head_read_ < head_size()) break;
            state_ = finish_head();
            continue;
        }
        const std::size_t take = std::min<std::uint64_t>(left_, bytes.size());
        if ((head_[0] & 0x0f) >= close) control_ += base::as_text(bytes.first(take));
        bytes = bytes.subspan(take);
        left_ -= take;
        if (left_ > 0) break;
        state_ = finish_frame();
    }
    return state_;
}

bool WebSocketReader::take_ping(std::string& payload) {
    if (!pinged_) return false;
    pinged_ = false;
    payload = std::move(ping_);
    return true;
}

}  // namespace api::http
