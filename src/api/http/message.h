// HTTP as values: what a connection read and what it is to answer. No sockets here.
// Connections make requests and consume responses on the server's io thread; anyone may build either
// anywhere.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_source.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/file_slice.h"

namespace api::http {

enum class Method : std::uint8_t { get, head, post, put, patch, del, options, other };

std::string_view to_string(Method method);
Method method_of(std::string_view name);

struct Header {
    std::string name;
    std::string value;
};

struct Request {
    Method method = Method::get;
    std::string path;   // as it was sent, percent-encoded, without the query
    std::string query;  // after the '?', as it was sent
    // Names in lower case, in the order they came.
    std::vector<Header> headers;
    std::string body;
    std::string peer_address;  // the other end of the socket, without its port
    bool secure = false;       // the socket itself is TLS
    bool http_1_0 = false;     // knows no chunks and no upgrades

    // The first header of this (lower-case) name; empty when there is none.
    std::string_view header(std::string_view name) const;
    bool has_header(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::vector<Header> headers;
    // More headers as they are written, each line with its end: constants, that nobody has to copy.
    std::string_view constant_headers;
    // The body is what is there of these, the last one first. None of them but `body` is copied.
    std::string body;
    std::shared_ptr<const std::string> text;
    base::FileSlice file;
    // Sent as it comes; the connection closes when it ends. With the status 101 each piece is a binary
    // message of a WebSocket.
    std::shared_ptr<base::ByteSource> source;
    // The connection is not used again after this answer.
    bool close = false;

    Response& set(std::string_view name, std::string_view value);
    // Of a body whose end is known.
    std::uint64_t body_size() const;
};

std::string_view reason_phrase(int status);
// How the end of a body is told.
enum class Framing : std::uint8_t { length, chunked, until_close, websocket };

// Status line and headers with the empty line after them.
std::string render_head(const Response& response, Framing framing, bool keep_alive, base::WallTime now);
// As RFC 9110 writes times: "Sat, 31 Jan 2026 20:00:00 GMT".
std::string http_date(base::WallTime time);

// The one answer to one request; callable from any thread. Whoever drops it without answering has failed, and
// the client is told so.
class Reply {
  public:
    explicit Reply(std::function<void(Response)> send);
    void operator()(Response response) const;

  private:
    struct State;
    std::shared_ptr<State> state_;
};

// What stands behind the connections. Both are called on the io thread and must not block.
class RequestSink {
  public:
    virtual ~RequestSink() = default;
    virtual void handle(Request request, Reply reply) = 0;
    // The answer to bytes that did not become a request.
    virtual Response refuse(int status, const base::Error& error, std::string_view peer_address) = 0;
};

}  // namespace api::http
