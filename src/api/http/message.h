// HTTP as values: what a connection read and what it is to answer. No sockets here.
// Connections make requests and consume responses on the server's io thread; anyone may build either
// anywhere.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

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

    // The first header of this (lower-case) name; empty when there is none.
    std::string_view header(std::string_view name) const;
    bool has_header(std::string_view name) const;
};

// A body that comes into being while it is sent (server-sent events). The connection pulls on the io thread,
// so nothing here may block.
class BodySource {
  public:
    struct Piece {
        std::string bytes;
        bool end = false;
        // Pull again then, even when nobody woke the connection.
        base::MonotonicTime next_pull{};
    };

    virtual ~BodySource() = default;
    // Called once before the first pull. `wake` may be called from any thread, also after the connection is
    // gone.
    virtual void start(std::function<void()> wake) = 0;
    virtual Piece pull(base::MonotonicTime now) = 0;
};

struct Response {
    int status = 200;
    std::vector<Header> headers;
    std::string body;
    // Instead of `body`; the connection closes when it ends.
    std::shared_ptr<BodySource> source;
    // The connection is not used again after this answer.
    bool close = false;

    Response& set(std::string_view name, std::string_view value);
};

std::string_view reason_phrase(int status);
// How the end of a body is told.
enum class Framing : std::uint8_t { length, chunked, until_close };

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
