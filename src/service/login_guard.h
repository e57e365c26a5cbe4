// LoginGuard: how often passwords may be tried, per account and per address, and accounts be made per
// address. Owned by AccountService; safe from any thread.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "service/rate_limiter.h"
#include "service/settings.h"

namespace service {

class LoginGuard {
  public:
    LoginGuard(const base::Clock& clock, const AccountSettings& settings);

    // Before a password is looked at. Counts the try against the account at once, so that many at the same
    // time are no way round the limit.
    base::Result<> enter(const std::string& account, const std::string& address);
    void failed(const std::string& address);
    void succeeded(const std::string& account);
    base::Result<> may_register(const std::string& address);

  private:
    RateLimiter accounts_;
    RateLimiter addresses_;
    RateLimiter registrations_;
};

base::Error rate_limited(std::chrono::seconds wait, const std::string& what);

}  // namespace service
