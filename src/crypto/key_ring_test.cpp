#include "crypto/key_ring.h"

#include <gtest/gtest.h>

#include <set>

namespace crypto {
namespace {

const base::Bytes test_salt(salt_size, 7);
constexpr Purpose purposes[] = {Purpose::encryption,     Purpose::lookup,    Purpose::access_token,
                                Purpose::playback_token, Purpose::viewer_id, Purpose::check};

KeyRing ring(const std::string& text, const base::Bytes& salt = test_salt) {
    return KeyRing::derive(base::Secret(text), salt).value();
}

TEST(KeyRing, GivesOneKeyPerPurpose) {
    const KeyRing keys = ring("correct horse battery staple");
    std::set<std::string> seen;
    for (const Purpose purpose : purposes) {
        EXPECT_EQ(keys.key(purpose).size(), key_size);
        seen.insert(keys.key(purpose).reveal());
    }
    EXPECT_EQ(seen.size(), std::size(purposes));
}

TEST(KeyRing, DependsOnKeyAndSalt) {
    const std::string check = ring("correct horse battery staple").check_value();
    EXPECT_EQ(check, ring("correct horse battery staple").check_value());
    EXPECT_NE(check, ring("correct horse battery stapl").check_value());
    EXPECT_NE(check, ring("correct horse battery staple", base::Bytes(salt_size, 8)).check_value());
}

// Every database out there was written under these: a change of cost, label or order shows here first.
TEST(KeyRing, NeverChanges) {
    const KeyRing keys = ring("correct horse battery staple");
    EXPECT_EQ(keys.check_value(), "96e9001abc3f576ed387cd4b03c0a7068b2f99fa277364453fdb1aed74afc330");
    EXPECT_EQ(base::to_hex(base::as_bytes(keys.key(Purpose::encryption).reveal())),
              "26b7777f72c97532423b72b2d7acc04eda3ab73de57a8f47b4e35a49e0ec8965");
}

TEST(KeyRing, RefusesWhatCannotBeRight) {
    EXPECT_FALSE(KeyRing::derive(base::Secret(), test_salt));
    EXPECT_FALSE(KeyRing::derive(base::Secret("correct horse battery staple"), base::Bytes(salt_size - 1)));
}

}  // namespace
}  // namespace crypto
