// argon2id (libsodium) in a bounded pool: two at once, 32 waiting, the rest refused, so that a login flood
// costs neither all memory nor all cores. Owned by app/, used by services; blocks the calling thread (a
// request worker).
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace crypto {

// Hashing takes longer the longer the password is: more than anybody types is refused unread.
inline constexpr std::size_t max_password_size = 1024;

struct PasswordCost {
    unsigned long long passes = 2;
    std::size_t memory_bytes = std::size_t{64} << 20;
};

struct PasswordHasherSettings {
    PasswordCost cost;
    int max_running = 2;
    int max_waiting = 32;
};

class PasswordHasher {
  public:
    explicit PasswordHasher(PasswordHasherSettings settings = {});

    // "$argon2id$v=19$…", salt inside. rate_limited when too many wait already.
    base::Result<base::Secret> hash(const base::Secret& password);
    // Whether the password made this hash. An empty `hash` (no such user) costs the same time and answers
    // false.
    base::Result<bool> verify(const base::Secret& password, const base::Secret& hash);
    // The hash was made at another cost: hash anew at the next good login.
    bool needs_rehash(const base::Secret& hash) const;

  private:
    class Turn;

    PasswordHasherSettings settings_;
    base::Secret decoy_;  // what unknown users are verified against
    std::mutex mutex_;
    std::condition_variable freed_;
    int running_ = 0;
    int waiting_ = 0;
};

}  // namespace crypto
