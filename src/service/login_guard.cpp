#include "service/login_guard.h"

#include "base/limit_hits.h"

namespace service {

base::Error rate_limited(std::chrono::seconds wait, const std::string& what) {
    const auto seconds = std::to_string(std::max<std::int64_t>(1, wait.count()));
    return {base::ErrorCode::rate_limited,
            what + " Try again in " + seconds + " s.",
            "rate_limited",
            {{"retryAfter", seconds}}};
}

LoginGuard::LoginGuard(const base::Clock& clock, const AccountSettings& settings)
    : accounts_(clock, settings.failures_per_account, settings.failure_window),
      addresses_(clock, settings.failures_per_address, settings.failure_window),
      registrations_(clock, settings.registrations_per_address, settings.failure_window) {}

base::Result<> LoginGuard::enter(const std::string& account, const std::string& address) {
    if (const auto wait = addresses_.wait(client_network(address)))
        return base::fail(
            base::about_limit("sign_in_failures_per_address",
                              rate_limited(*wait, "Too many failed sign-ins from your network.")));
    if (const auto wait = accounts_.try_count(account))
        return base::fail(
            base::about_limit("sign_in_failures_per_account",
                              rate_limited(*wait, "Too many failed sign-ins to this account.")));
    return {};
}

void LoginGuard::failed(const std::string& address) {
    addresses_.count(client_network(address));
}

void LoginGuard::succeeded(const std::string& account) {
    accounts_.forget(account);
}

base::Result<> LoginGuard::may_register(const std::string& address) {
    if (const auto wait = registrations_.try_count(client_network(address)))
        return base::fail(
            base::about_limit("registrations_per_address",
                              rate_limited(*wait, "Too many accounts were made from your network.")));
    return {};
}

}  // namespace service
