// What the settings say about reaching destinations: which ports and addresses, never itself, and by which
// name servers. Pure.
#pragma once

#include "app/config/config.h"
#include "base/result.h"
#include "net/dialer.h"
#include "net/resolver.h"

namespace app {

// Says which of the settings below cannot be read, and what it should look like.
base::Result<> check_destination_access(const config::Config& config);

net::DialerSettings dialer_settings(const config::Config& config);
net::ResolverSettings resolver_settings(const config::Config& config);

}  // namespace app
