#include "store/connection_pool.h"

#include "store/sql_error.h"

namespace store {

void ConnectionPool::fill() {
    std::vector<std::unique_ptr<Connection>> fresh;
    const std::lock_guard lock(mutex_);
    while (made_ + static_cast<int>(fresh.size()) < size_) fresh.push_back(make_());
    made_ += static_cast<int>(fresh.size());
    for (auto& connection : fresh) idle_.push_back(std::move(connection));
}

ConnectionPool::Lease ConnectionPool::lease(base::MonotonicTime deadline) {
    {
        std::unique_lock lock(mutex_);
        const bool got_one =
            freed_.wait_until(lock, deadline, [this] { return !idle_.empty() || made_ < size_; });
        if (!got_one)
            throw Failure{to_error({.trouble = SqlTrouble::locked, .table = {}, .column = {}, .words = {}})};
        if (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            return Lease(*this, std::move(connection));
        }
        ++made_;
    }
    // Connecting takes time: others go on meanwhile.
    try {
        return Lease(*this, make_());
    } catch (...) {
        count_one_less();
        throw;
    }
}

void ConnectionPool::drop_idle() {
    std::vector<std::unique_ptr<Connection>> dropped;
    {
        const std::lock_guard lock(mutex_);
        made_ -= static_cast<int>(idle_.size());
        dropped.swap(idle_);
    }
    freed_.notify_all();
}

void ConnectionPool::give_back(std::unique_ptr<Connection> connection) {
    {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(connection));
    }
    freed_.notify_one();
}

void ConnectionPool::count_one_less() {
    {
        const std::lock_guard lock(mutex_);
        --made_;
    }
    freed_.notify_one();
}

}  // namespace store
