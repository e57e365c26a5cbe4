// A bounded set of connections, lent one at a time. Owned by Database; any thread.
#pragma once

#include <condition_variable>
#include <mutex>
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

    ConnectionPool(ConnectionFactory make, int size) : make_(std::move(make)), size_(size) {}

    // Makes all connections now: for SQLite, whose file may be moved away later.
    void fill();
    // Waits for a free connection until `deadline`, then throws a Failure (unavailable).
    Lease lease(base::MonotonicTime deadline);
    // Closes those nobody uses: when one lost its server, so did they.
    void drop_idle();

  private:
    void give_back(std::unique_ptr<Connection> connection);
    void count_one_less();

    ConnectionFactory make_;
    const int size_;
    std::mutex mutex_;
    std::condition_variable freed_;
    std::vector<std::unique_ptr<Connection>> idle_;
    int made_ = 0;
};

}  // namespace store
