// Resolver: host names to addresses by c-ares on a thread of its own, so that a name server which never
// answers holds up nobody. Any thread may ask; answers come on the resolver's thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/result.h"

namespace net {

struct ResolverSettings {
    // For the whole question, over all servers and tries.
    std::chrono::milliseconds deadline{3'000};
    // "192.0.2.1:53,192.0.2.2"; empty: the system's.
    std::string servers = {};
};

class Resolver {
  public:
    using Answer = std::function<void(base::Result<std::vector<boost::asio::ip::address>>)>;

    explicit Resolver(const ResolverSettings& settings);
    // Questions that are still open are answered with an error (closed).
    ~Resolver();

    // An address literal is answered at once, on the caller's thread. At most 16 addresses, in the order to
    // try them.
    void resolve(const std::string& host, Answer answer);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace net
