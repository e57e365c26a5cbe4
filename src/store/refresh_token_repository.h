// Refresh tokens: families, rotation, and the reuse of a token that was rotated already. Owned by Store; any
// thread.
#pragma once

#include <chrono>

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

enum class RotationOutcome : std::uint8_t {
    rotated,  // the successor is stored
    unknown,  // no such token
    expired,
    revoked,  // its family was signed out
    raced,    // used already, but within the leeway: two tabs refreshed at once. Nothing changed
    reused,   // used already: stolen or replayed. The whole family is revoked now
};

struct Rotation {
    RotationOutcome outcome = RotationOutcome::unknown;
    // The token that was shown, as it was before; empty when unknown.
    RefreshToken token;
};

class RefreshTokenRepository {
  public:
    explicit RefreshTokenRepository(Database& database) : database_(database) {}

    // The first token of a family. Only a keyed hash of `token` is stored.
    base::Result<> add(const RefreshToken& record, const base::Secret& token);
    // Replaces `shown` by `successor` in one transaction, or says why not. The successor's id, times and
    // client are the caller's; its family and user are taken from the token shown.
    base::Result<Rotation> rotate(const base::Secret& shown, const RefreshToken& successor,
                                  const base::Secret& successor_token, base::WallTime now,
                                  std::chrono::milliseconds leeway = std::chrono::seconds(10));
    base::Result<std::optional<RefreshToken>> find(const base::Secret& token);

    // Is this sign-in still good? False when it is unknown, signed out or expired.
    base::Result<bool> is_family_active(const std::string& family_id, base::WallTime now);
    // Signs one device out; does nothing when it is out already.
    base::Result<> revoke_family(const std::string& family_id, base::WallTime now);
    // Signs the user out everywhere, but not from `except_family` (a password change keeps the device it came
    // from).
    base::Result<> revoke_all(const std::string& user_id, base::WallTime now,
                              const std::string& except_family = {});
    // Forgets tokens that expired before `before`; answers how many.
    base::Result<std::int64_t> remove_expired(base::WallTime before);

  private:
    Database& database_;
};

}  // namespace store
