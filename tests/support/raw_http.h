// A blocking TCP client for tests of HTTP servers: sends the bytes it is told to, also slowly or wrongly, and
// reads answers. One test, one thread.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace test_support {

struct RawResponse {
    int status = 0;  // 0: the connection ended instead
    std::map<std::string, std::string> headers;
    std::string body;

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? "" : found->second;
    }
};

class RawHttp {
  public:
    explicit RawHttp(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            std::abort();
        set_timeout(std::chrono::seconds(10));
    }
    ~RawHttp() { ::close(socket_); }
    RawHttp(const RawHttp&) = delete;
    RawHttp& operator=(const RawHttp&) = delete;

    void set_timeout(std::chrono::seconds seconds) {
        const timeval wait{seconds.count(), 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    }

    // False when the other end does not take it all.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void finish_sending() { ::shutdown(socket_, SHUT_WR); }

    // The next answer with a Content-Length; a HEAD's has no body.
    RawResponse read_response(bool head = false) {
        RawResponse response;
        const std::string text = read_until("\r\n\r\n");
        if (text.size() < 12) return response;
        response.status = std::atoi(text.substr(9, 3).c_str());
        for (std::size_t at = text.find("\r\n") + 2; at < text.size() - 2;) {
            const auto end = text.find("\r\n", at);
            const auto colon = text.find(": ", at);
            response.headers[text.substr(at, colon - at)] = text.substr(colon + 2, end - colon - 2);
            at = end + 2;
        }
        if (!head)
            response.body = read_bytes(std::strtoul(response.header("Content-Length").c_str(), nullptr, 10));
        return response;
    }

    // Everything up to and with `end`; less when the connection ends before.
    std::string read_until(std::string_view end) {
        std::size_t found;
        while ((found = buffer_.find(end)) == std::string::npos)
            if (!fill()) return std::exchange(buffer_, "");
        return cut(found + end.size());
    }
    std::string read_bytes(std::size_t count) {
        while (buffer_.size() < count)
            if (!fill()) break;
        return cut(std::min(count, buffer_.size()));
    }
    // Whether the other end closes, in order and without an answer, within the timeout.
    bool ends() {
        while (fill()) {
        }
        return closed_;
    }

  private:
    bool fill() {
        char bytes[4096];
        const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
        if (count == 0) closed_ = true;
        if (count <= 0) return false;
        buffer_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }
    std::string cut(std::size_t count) {
        std::string part = buffer_.substr(0, count);
        buffer_.erase(0, count);
        return part;
    }

    int socket_;
    std::string buffer_;
    bool closed_ = false;
};

}  // namespace test_support
