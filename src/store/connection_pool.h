// A bounded set of connections, lent one at a time, and made on a thread of the pool's own, so that whoever
// asks waits for his deadline and never for a server that does not answer. Owned by Database; any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "store/connection.h"

namespace store {

class ConnectionPool {
  public:
    // A connection on loan; goes back when the lease ends, unless it was dropped.
    class Lease {
      public:
        Lease(ConnectionPool& pool, std::unique_ptr<Connection> connection)
            : pool_(&pool), connection_(std::move(connection)) {}
        Lease(Lease&& other) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (pool_ && connection_) pool_->give_back(std::move(connection_));
        }

        Connection& operator*() const { return *connection_; }
        Connection* operator->() const { return connection_.get(); }
        // It is broken: closed, and made anew for the next who asks.
        void drop() {
            connection_.reset();
            pool_->count_one_less();
        }

      private:
        ConnectionPool* pool_;
        std::unique_ptr<Connection> connection_;
    };

    ConnectionPool(ConnectionFactory make, int size);
    // Waits for a connection that is being made.
    ~ConnectionPool();
    ConnectionPool(const ConnectionPool&) = delete;
    ConnectionPool& operator=(const ConnectionPool&) = delete;

    // Makes all connections now: for SQLite, whose file may be moved away later.
    void fill();
    // Waits for a free connection until `deadline`, then throws a Failure (unavailable); the same, and at
    // once, when no connection can be made.
    Lease lease(base::MonotonicTime deadline);
    // Closes those nobody uses: when one lost its server, so did they.
    void drop_idle();

  private:
    void make_those_that_are_waited_for();
    void give_back(std::unique_ptr<Connection> connection);
    void count_one_less();

    ConnectionFactory make_;
    const int size_;
    std::mutex mutex_;
    std::condition_variable wanted_;  // somebody waits and there is room, or the end
    std::condition_variable freed_;   // one is idle, or none could be made
    std::vector<std::unique_ptr<Connection>> idle_;
    int made_ = 0;  // lent, idle, and the one under way
    std::size_t waiting_ = 0;
    bool making_ = false;
    bool stopping_ = false;
    std::uint64_t failures_ = 0;
    base::Error failure_;
    std::thread maker_;
};

}  // namespace store
