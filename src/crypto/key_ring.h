// The keys of one installation, all derived from ENCRYPTION_KEY: scrypt once at start, then one HKDF key per
// purpose. Made by store/ (which keeps the salt) and handed round by reference; immutable, any thread.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace crypto {

// scrypt's cost (RFC 7914 §2): 32 MiB and about 100 ms, once per start.
struct ScryptCost {
    std::uint64_t n = 1 << 15;
    std::uint64_t r = 8;
    std::uint64_t p = 1;
};

inline constexpr std::size_t salt_size = 16;
inline constexpr std::size_t key_size = 32;

enum class Purpose : std::uint8_t {
    encryption,      // SecretBox
    lookup,          // KeyedHash
    access_token,    // JWTs of accounts
    playback_token,  // signed playback URLs
    viewer_id,       // which player asks
    check,           // the stored value that tells a wrong key
};

class KeyRing {
  public:
    // `salt` is salt_size bytes, random, stored beside the data.
    static base::Result<KeyRing> derive(const base::Secret& encryption_key, base::ByteView salt,
                                        ScryptCost cost = {});

    // 32 bytes, as different for each purpose as if they were drawn separately.
    base::Secret key(Purpose purpose) const;
    // Text that only this key gives: stored once, compared at each start. It tells nothing of the other keys.
    std::string check_value() const;

  private:
    explicit KeyRing(base::Secret root) : root_(std::move(root)) {}

    base::Secret root_;
};

}  // namespace crypto
