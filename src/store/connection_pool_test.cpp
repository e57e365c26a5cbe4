#include "store/connection_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

namespace store {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Only its existence counts.
class Nothing final : public Connection {
  public:
    explicit Nothing(std::atomic<int>& alive) : alive_(alive) { ++alive_; }
    ~Nothing() override { --alive_; }
    soci::session& session() override { throw std::logic_error("no database"); }
    void begin(Access, std::chrono::milliseconds) override {}
    void commit() override {}
    void rollback() override {}
    std::string_view for_update() const override { return ""; }
    std::string kind() override { return "none"; }
    bool try_lock_migrations() override { return true; }
    void unlock_migrations() override {}
    std::string back_up(int) override { return {}; }

  private:
    std::atomic<int>& alive_;
};

class Pool : public testing::Test {
  protected:
    ConnectionFactory good() {
        return [this] {
            ++made_;
            return std::make_unique<Nothing>(alive_);
        };
    }
    // The name of the error that a lease ends with, and whether it came before the deadline.
    static std::pair<std::string, bool> refused(ConnectionPool& pool, std::chrono::milliseconds patience) {
        const auto deadline = Clock::now() + patience;
        try {
            pool.lease(deadline);
        } catch (const Failure& failure) {
            return {failure.error.name, Clock::now() < deadline};
        }
        return {"none", true};
    }

    std::atomic<int> made_ = 0;
    std::atomic<int> alive_ = 0;
};

TEST_F(Pool, MakesWhatIsNeededAndNeverMoreThanItsSize) {
    {
        ConnectionPool pool(good(), 3);
        EXPECT_EQ(made_, 0);
        { const auto first = pool.lease(Clock::now() + 10s); }
        { const auto again = pool.lease(Clock::now() + 10s); }
        EXPECT_EQ(made_, 1) << "one after the other need one";
        std::vector<std::jthread> callers;
        std::atomic<int> most = 0;
        for (int i = 0; i < 16; ++i)
            callers.emplace_back([&] {
                for (int n = 0; n < 50; ++n) {
                    const auto lease = pool.lease(Clock::now() + 10s);
                    most = std::max<int>(most, alive_);
                }
            });
        callers.clear();
        EXPECT_LE(made_, 3);
        EXPECT_LE(most, 3);
    }
    EXPECT_EQ(alive_, 0);
}

TEST_F(Pool, WhoFindsAllInUseWaitsForHisDeadlineOrForOneThatIsGivenBack) {
    ConnectionPool pool(good(), 1);
    auto held = std::make_optional(pool.lease(Clock::now() + 10s));
    EXPECT_EQ(refused(pool, 30ms), std::pair(std::string("database_busy"), false));
    auto waiting = std::async(std::launch::async, [&] { return refused(pool, 10s).first; });
    held.reset();
    EXPECT_EQ(waiting.get(), "none");
    EXPECT_EQ(made_, 1);
}

TEST_F(Pool, NobodyWaitsForAServerThatDoesNotAnswer) {
    std::promise<void> answers;
    const auto answered = answers.get_future().share();
    ConnectionPool pool(
        [&] {
            answered.wait();
            return std::make_unique<Nothing>(alive_);
        },
        2);
    const auto begin = Clock::now();
    EXPECT_EQ(refused(pool, 50ms), std::pair(std::string("database_unavailable"), false));
    EXPECT_LT(Clock::now() - begin, 5s);
    answers.set_value();
    EXPECT_EQ(refused(pool, 10s).first, "none") << "and it is there for the next";
}

TEST_F(Pool, AllWhoWaitAreToldAtOnceThatNoConnectionCanBeMade) {
    std::atomic<bool> works = false;
    std::atomic<int> tries = 0;
    std::promise<void> all_wait;
    const auto asked = all_wait.get_future().share();
    ConnectionPool pool(
        [&]() -> std::unique_ptr<Connection> {
            asked.wait();
            ++tries;
            if (!works) throw Failure{{base::ErrorCode::unavailable, "refused", "its_words"}};
            return std::make_unique<Nothing>(alive_);
        },
        4);
    std::vector<std::future<std::pair<std::string, bool>>> callers;
    for (int i = 0; i < 8; ++i)
        callers.push_back(std::async(std::launch::async, [&] { return refused(pool, 10s); }));
    std::this_thread::sleep_for(50ms);  // most of them wait now; those who come later have it tried again
    all_wait.set_value();
    for (auto& caller : callers) EXPECT_EQ(caller.get(), std::pair(std::string("its_words"), true));
    EXPECT_LE(tries, 8) << "nothing is tried for those who were told";
    works = true;
    EXPECT_EQ(refused(pool, 10s).first, "none") << "it is tried again for who asks later";
}

TEST_F(Pool, ABrokenOneIsMadeAnew) {
    ConnectionPool pool(good(), 1);
    {
        auto lease = pool.lease(Clock::now() + 10s);
        lease.drop();
    }
    EXPECT_EQ(alive_, 0);
    EXPECT_EQ(refused(pool, 10s).first, "none");
    pool.drop_idle();
    EXPECT_EQ(alive_, 0);
    EXPECT_EQ(refused(pool, 10s).first, "none");
    EXPECT_EQ(made_, 3);
}

}  // namespace
}  // namespace store
