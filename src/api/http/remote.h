// Remote: what other threads hold to reach a connection's coroutine. It may outlive the connection, and the
// server.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <optional>
#include <thread>

namespace api::http {

class Remote {
  public:
    // Made on the io thread.
    explicit Remote(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    // On the io thread: at once if this is it.
    template <class Task>
    void run(Task task) {
        if (std::this_thread::get_id() == thread_) return task();
        const std::lock_guard lock(mutex_);
        if (executor_) boost::asio::post(*executor_, std::move(task));
    }
    void close() {
        const std::lock_guard lock(mutex_);
        executor_.reset();
    }

  private:
    const std::thread::id thread_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::optional<boost::asio::any_io_executor> executor_;
};

// What a coroutine waits for, owned by it. The io thread only; others know it by a weak pointer.
template <class T>
struct Awaited {
    std::optional<T> value;
};

}  // namespace api::http
