// Transactions for the repositories: lends a connection, begins, commits, tries again where that is safe, and
// turns what SOCI throws into base::Error. Owned by Store; any thread.
#pragma once

#include <array>
#include <atomic>
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

// How long a call waits for a connection, for locks and for a server that hangs, all together.
inline constexpr std::chrono::milliseconds patience{1600};
// The same for those who come after one that waited in vain, until a call gets through again: while a
// database is away, threads must not queue up behind it.
inline constexpr std::chrono::milliseconds impatience{200};

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
    std::optional<base::Error> try_until(base::MonotonicTime deadline, Access access,
                                         const std::function<bool(Connection&)>& work);

    std::unique_ptr<ConnectionPool> pool_;
    std::shared_ptr<const base::Clock> clock_;
    base::Logger log_;
    std::optional<Vault> vault_;
    // Reading, and writing: SQLite's readers do not wait for a writer.
    std::array<std::atomic<bool>, 2> waited_in_vain_{};
};

}  // namespace store
