#include "store/connection_pool.h"

#include <pthread.h>

#include "store/sql_error.h"

namespace store {

ConnectionPool::ConnectionPool(ConnectionFactory make, int size)
    : make_(std::move(make)), size_(size), maker_([this] { make_those_that_are_waited_for(); }) {
    ::pthread_setname_np(maker_.native_handle(), "db-connect");
}

ConnectionPool::~ConnectionPool() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wanted_.notify_one();
    maker_.join();
}

void ConnectionPool::fill() {
    std::vector<std::unique_ptr<Connection>> fresh;
    const std::lock_guard lock(mutex_);
    while (made_ + static_cast<int>(fresh.size()) < size_) fresh.push_back(make_());
    made_ += static_cast<int>(fresh.size());
    for (auto& connection : fresh) idle_.push_back(std::move(connection));
}

ConnectionPool::Lease ConnectionPool::lease(base::MonotonicTime deadline) {
    std::unique_lock lock(mutex_);
    const std::uint64_t failures = failures_;
    ++waiting_;
    if (idle_.empty()) wanted_.notify_one();
    freed_.wait_until(lock, deadline, [&] { return !idle_.empty() || failures_ != failures; });
    const bool told_of_failure = failures_ != failures;
    if (!told_of_failure) --waiting_;
    if (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        // It may have been meant for another, who waits on.
        if (waiting_ > idle_.size()) wanted_.notify_one();
        return Lease(*this, std::move(connection));
    }
    if (told_of_failure) throw Failure{failure_};
    // All are in use, or the server does not even take a new one.
    const SqlTrouble trouble = making_ ? SqlTrouble::lost : SqlTrouble::locked;
    throw Failure{to_error({.trouble = trouble, .table = {}, .column = {}, .words = {}})};
}

void ConnectionPool::make_those_that_are_waited_for() {
    std::unique_lock lock(mutex_);
    while (true) {
        wanted_.wait(lock, [this] { return stopping_ || (waiting_ > idle_.size() && made_ < size_); });
        if (stopping_) return;
        ++made_;
        making_ = true;
        lock.unlock();
        std::unique_ptr<Connection> fresh;
        base::Error failure;
        try {
            fresh = make_();
        } catch (const Failure& told) {
            failure = told.error;
        } catch (const std::exception& caught) {
            failure = to_error(classify(caught));
        }
        lock.lock();
        making_ = false;
        if (fresh) {
            idle_.push_back(std::move(fresh));
            freed_.notify_one();
        } else {
            // All who wait now are told, and wait no more, also before they wake; who asks later has it tried
            // again.
            --made_;
            waiting_ = 0;
            ++failures_;
            failure_ = std::move(failure);
            freed_.notify_all();
        }
    }
}

void ConnectionPool::drop_idle() {
    std::vector<std::unique_ptr<Connection>> dropped;
    {
        const std::lock_guard lock(mutex_);
        made_ -= static_cast<int>(idle_.size());
        dropped.swap(idle_);
    }
    wanted_.notify_one();
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
    wanted_.notify_one();
}

}  // namespace store
