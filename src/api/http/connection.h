// One client's socket: reads requests within their limits and deadlines, asks the sink, writes the answers in
// order. Owned by its own coroutine, listed by the Server; everything here runs on the server's io thread.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "api/http/message.h"
#include "api/http/settings.h"

namespace api::http {

class WorkerPool;

// What the server lends to each connection, and outlives them with.
struct Surroundings {
    const ServerSettings& settings;
    RequestSink& sink;
    // Reads what may have to be waited for: files on disks.
    WorkerPool& readers;
    // Null for plain HTTP.
    SSL_CTX* tls = nullptr;
};

class Connection {
  public:
    virtual ~Connection() = default;
    virtual void start() = 0;
    // Looks at the deadlines: called several times a second.
    virtual void tick(base::MonotonicTime now) = 0;
    // Answers what is being asked and closes; closes at once when nothing is.
    virtual void drain() = 0;
    virtual void abort() = 0;
};

struct ConnectionEvents {
    // The first whole request has come: this is no longer a stranger.
    std::function<void()> served;
    // Called once, when the connection no longer exists.
    std::function<void()> closed;
};

std::shared_ptr<Connection> make_connection(boost::asio::ip::tcp::socket socket, const Surroundings& server,
                                            ConnectionEvents events);

}  // namespace api::http
