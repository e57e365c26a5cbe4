#include "crypto/password_hasher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

namespace crypto {
namespace {

PasswordHasherSettings cheap() {
    PasswordHasherSettings settings;
    settings.cost = {.passes = 1, .memory_bytes = std::size_t{1} << 20};
    return settings;
}

TEST(PasswordHasher, KnowsThePasswordAgain) {
    PasswordHasher hasher(cheap());
    const base::Secret hash = hasher.hash(base::Secret("tr0ub4dor&3")).value();
    EXPECT_TRUE(hash.reveal().starts_with("$argon2id$v=19$"));
    EXPECT_TRUE(hasher.verify(base::Secret("tr0ub4dor&3"), hash).value());
    EXPECT_FALSE(hasher.verify(base::Secret("tr0ub4dor&4"), hash).value());
    EXPECT_FALSE(hasher.verify(base::Secret(), hash).value());
    EXPECT_FALSE(hash == hasher.hash(base::Secret("tr0ub4dor&3")).value()) << "each has a salt of its own";
}

TEST(PasswordHasher, TakesAllBytesOfAPassword) {
    PasswordHasher hasher(cheap());
    const base::Secret hash = hasher.hash(base::Secret(std::string("before\0after", 12))).value();
    EXPECT_FALSE(hasher.verify(base::Secret(std::string("before\0other", 12)), hash).value());
}

TEST(PasswordHasher, AnswersNoForUnknownUsersAfterTheSameWork) {
    PasswordHasherSettings settings;
    settings.cost = {.passes = 3, .memory_bytes = std::size_t{16} << 20};
    PasswordHasher hasher(settings);
    const base::Secret hash = hasher.hash(base::Secret("right")).value();
    const auto time = [&](const base::Secret& against) {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < 5; ++i) EXPECT_FALSE(hasher.verify(base::Secret("wrong"), against).value());
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    const double known = time(hash);
    const double unknown = time(base::Secret());
    EXPECT_GT(unknown, known / 3);
    EXPECT_LT(unknown, known * 3);
}

TEST(PasswordHasher, RefusesGarbageAsHash) {
    PasswordHasher hasher(cheap());
    EXPECT_FALSE(hasher.verify(base::Secret("x"), base::Secret("not a hash")).value());
    EXPECT_FALSE(hasher.verify(base::Secret("x"), base::Secret("$argon2id$v=19$m=65536,t=2,p=1$$")).value());
}

TEST(PasswordHasher, BoundsThePassword) {
    PasswordHasher hasher(cheap());
    const base::Secret longest(std::string(1024, 'x'));
    const base::Secret hash = hasher.hash(longest).value();
    EXPECT_TRUE(hasher.verify(longest, hash).value());
    const base::Secret longer(std::string(1025, 'x'));
    EXPECT_EQ(hasher.hash(longer).error().code, base::ErrorCode::invalid_argument);
    EXPECT_FALSE(hasher.verify(longer, hash).value());
}

TEST(PasswordHasher, SaysWhenTheCostWasAnother) {
    PasswordHasher before(cheap());
    PasswordHasherSettings dearer = cheap();
    dearer.cost.passes = 2;
    PasswordHasher after(dearer);
    const base::Secret hash = before.hash(base::Secret("x")).value();
    EXPECT_FALSE(before.needs_rehash(hash));
    EXPECT_TRUE(after.needs_rehash(hash));
    EXPECT_TRUE(after.verify(base::Secret("x"), hash).value()) << "old hashes go on working";
}

TEST(PasswordHasher, CostsWhatItSaysByDefault) {
    PasswordHasher hasher;
    EXPECT_NE(hasher.hash(base::Secret("x")).value().reveal().find("$m=65536,t=2,"), std::string::npos);
}

TEST(PasswordHasher, RefusesTheFloodAndServesTheRest) {
    PasswordHasherSettings settings;
    settings.cost = {.passes = 4, .memory_bytes = std::size_t{32} << 20};
    settings.max_running = 1;
    settings.max_waiting = 2;
    PasswordHasher hasher(settings);

    constexpr int client_count = 8;
    std::barrier start(client_count);
    std::atomic<int> served = 0;
    std::atomic<int> refused = 0;
    std::vector<std::jthread> clients;
    for (int i = 0; i < client_count; ++i)
        clients.emplace_back([&] {
            start.arrive_and_wait();
            const auto hash = hasher.hash(base::Secret("x"));
            if (hash) return void(++served);
            EXPECT_EQ(hash.error().code, base::ErrorCode::rate_limited);
            EXPECT_TRUE(hash.error().details.contains("retryAfter"));
            ++refused;
        });
    clients.clear();
    EXPECT_GE(served, 3) << "one runs and two wait, whatever comes";
    EXPECT_GE(refused, 1);
    EXPECT_TRUE(hasher.hash(base::Secret("x"))) << "and then all is as before";
}

}  // namespace
}  // namespace crypto
