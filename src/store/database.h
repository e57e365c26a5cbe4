// Transactions for the repositories: lends a connection, begins, commits, tries again where that is safe, and
// turns what SOCI throws into base::Error. Owned by Store; any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "store/connection_pool.h"
#include "store/vault.h"

namespace store {

// How long a call waits for a connection and for locks, all together.
inline constexpr std::chrono::milliseconds patience{1800};

class Database {
  public:
    Database(std::unique_ptr<ConnectionPool> pool, std::shared_ptr<const base::Clock> clock,
             base::Logger log);

    // Runs `work(Connection&)` in one transaction. An error that it answers rolls back. It may run again
    // after a lost connection or a collision (never after the commit was sent), so it changes nothing but the
    // database.
    template <class Work>
    std::invoke_result_t<Work&, Connection&> read(Work work) {
        return run(Access::read, work);
    }
    template <class Work>
    std::invoke_result_t<Work&, Connection&> write(Work work) {
        return run(Access::write, work);
    }

    const Vault& vault() const { return *vault_; }
    void set_vault(Vault vault) { vault_.emplace(std::move(vault)); }
    base::WallTime now() const { return clock_->wall(); }

  private:
    template <class Work>
    std::invoke_result_t<Work&, Connection&> run(Access access, Work& work) {
        using Answer = std::invoke_result_t<Work&, Connection&>;
        std::optional<Answer> answer;
        const std::optional<base::Error> error = perform(access, [&](Connection& connection) {
            answer.emplace(work(connection));
            return answer->has_value();
        });
        if (error) return base::fail(*error);
        return std::move(*answer);
    }
    // `work` answers whether to commit.
    std::optional<base::Error> perform(Access access, const std::function<bool(Connection&)>& work);

    std::unique_ptr<ConnectionPool> pool_;
    std::shared_ptr<const base::Clock> clock_;
    base::Logger log_;
    std::optional<Vault> vault_;
};

}  // namespace store
