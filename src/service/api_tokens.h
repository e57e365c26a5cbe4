// API tokens: long-lived credentials for scripts, shown once and kept hashed. Owned by app/, safe from any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "service/actor.h"
#include "service/settings.h"

namespace service {

struct Context;

inline constexpr std::string_view api_token_prefix = "ect_";

struct ApiToken {
    std::string id;
    std::string name;
    // "read", "write", "live".
    std::vector<std::string> scopes;
    // The last four characters, to tell tokens apart.
    std::string tail;
    base::WallTime created_at{};
    std::optional<base::WallTime> last_used_at;
    std::optional<base::WallTime> expires_at;
};

struct NewApiToken {
    std::string name;
    // At least one of "read", "write", "live".
    std::vector<std::string> scopes;
    // In the future; without one the token lives until it is deleted.
    std::optional<base::WallTime> expires_at = {};
};

class ApiTokenService {
  public:
    ApiTokenService(Context& context, AccountSettings settings);

    struct Created {
        ApiToken token;
        // "ect_…": shown this once.
        base::Secret secret;
    };
    base::Result<Created> create(const Actor& actor, const NewApiToken& request);
    base::Result<std::vector<ApiToken>> list(const Actor& actor);
    // Ends the event streams that it opened, too.
    base::Result<> remove(const Actor& actor, const std::string& token_id);

  private:
    Context& context_;
    const AccountSettings settings_;
};

// The bits of these scope names. Errors: invalid_argument on field `scopes`.
base::Result<std::uint8_t> scopes_from(const std::vector<std::string>& names);
std::vector<std::string> scope_names(std::uint8_t scopes);

}  // namespace service
