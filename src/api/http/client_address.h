// Who is really at the other end: a proxy that the operator named may speak for its client, nobody else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/http/message.h"
#include "base/result.h"

namespace api::http {

class TrustedProxies {
  public:
    TrustedProxies();
    ~TrustedProxies();
    TrustedProxies(TrustedProxies&&) noexcept;
    TrustedProxies& operator=(TrustedProxies&&) noexcept;

    // Addresses and networks: "127.0.0.1", "10.0.0.0/8", "fd00::/8".
    static base::Result<TrustedProxies> parse(const std::vector<std::string>& networks);
    bool contains(std::string_view address) const;

  private:
    struct Network;
    std::vector<Network> networks_;
};

struct ClientOrigin {
    std::string address;
    bool secure = false;
    // Headers claim a proxy, and the peer is none of ours: the address is the peer's, and what is behind is
    // unknown.
    bool forwarded_by_stranger = false;
};

// Reads X-Forwarded-For from the right up to the first address that is no proxy of ours, and
// X-Forwarded-Proto.
ClientOrigin client_origin(const Request& request, const TrustedProxies& proxies);

bool is_address(std::string_view text);
bool is_loopback(std::string_view address);

}  // namespace api::http
