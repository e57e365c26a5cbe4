#include "crypto/keyed_hash.h"

#include <gtest/gtest.h>

namespace crypto {
namespace {

// RFC 4231 §4.3.
TEST(KeyedHash, IsHmacSha256) {
    EXPECT_EQ(base::to_hex(hmac_sha256(base::Secret("Jefe"), "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(KeyedHash, FindsTheSameSecretAndNoOther) {
    const KeyedHash hash(base::Secret(std::string(32, 'k')));
    const std::string one = hash.hex("stream-key", base::Secret("0123456789abcdef"));
    EXPECT_EQ(one.size(), 64u);
    EXPECT_EQ(one, hash.hex("stream-key", base::Secret("0123456789abcdef")));
    EXPECT_NE(one, hash.hex("stream-key", base::Secret("0123456789abcdeF")));
    EXPECT_NE(
        one,
        KeyedHash(base::Secret(std::string(32, 'K'))).hex("stream-key", base::Secret("0123456789abcdef")));
}

TEST(KeyedHash, KeepsDomainsApart) {
    const KeyedHash hash(base::Secret(std::string(32, 'k')));
    EXPECT_NE(hash.hex("stream-key", base::Secret("x")), hash.hex("api-token", base::Secret("x")));
    EXPECT_NE(hash.hex("ab", base::Secret("c")), hash.hex("a", base::Secret("bc")));
}

}  // namespace
}  // namespace crypto
