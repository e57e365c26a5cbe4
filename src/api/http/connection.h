// One client's socket: reads requests within their limits and deadlines, asks the sink, writes the answers in
// order. Owned by its own coroutine, listed by the Server; everything here runs on the server's io thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "api/http/message.h"
#include "api/http/settings.h"

namespace boost::asio::ssl {
class context;
}

namespace api::http {

class Connection {
  public:
    virtual ~Connection() = default;
    virtual void start() = 0;
    // Answers what is being asked and closes; closes at once when nothing is.
    virtual void drain() = 0;
    virtual void abort() = 0;
};

// `tls` is null for plain HTTP. `closed` is called once, when the connection no longer exists.
std::shared_ptr<Connection> make_connection(boost::asio::ip::tcp::socket socket,
                                            const ServerSettings& settings, RequestSink& sink,
                                            boost::asio::ssl::context* tls, std::function<void()> closed);

}  // namespace api::http
