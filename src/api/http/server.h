// HTTP/1.1 server: one listener and one io thread that reads and writes; requests go to the sink, which
// answers from wherever it likes. Owned by api::Server. start() and stop() are called once each, by the
// owner.
#pragma once

#include <cstdint>
#include <memory>

#include "api/http/message.h"
#include "api/http/settings.h"
#include "base/log.h"
#include "base/result.h"

namespace api::http {

class Server {
  public:
    // The sink lives longer than the server.
    Server(ServerSettings settings, RequestSink& sink, base::Logger log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Takes the port and begins to answer. Errors say what is in the way and how to mend it.
    base::Result<> start();
    // Accepts nothing more, lets requests that are being answered finish, then closes the rest.
    void stop();

    // The port that was taken; 0 before start().
    std::uint16_t port() const;
    std::size_t connection_count() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace api::http
