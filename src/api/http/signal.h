// How other threads resume a coroutine of the io thread: the coroutine owns the Signal, they hold its Remote.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <mutex>
#include <optional>

#include "api/http/message.h"
#include "base/clock.h"

namespace api::http {

// What other threads hold to reach a coroutine of the io thread. It may outlive the connection, and the
// server.
class Remote {
  public:
    explicit Remote(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

    template <class Task>
    void post(Task task) {
        const std::lock_guard lock(mutex_);
        if (executor_) boost::asio::post(*executor_, std::move(task));
    }
    void close() {
        const std::lock_guard lock(mutex_);
        executor_.reset();
    }

  private:
    std::mutex mutex_;
    std::optional<boost::asio::any_io_executor> executor_;
};

// What a coroutine waits for. Owned by it, and touched on the io thread only.
struct Signal {
    explicit Signal(const boost::asio::any_io_executor& executor)
        : timer(executor), remote(std::make_shared<Remote>(executor)) {
        timer.expires_at(base::MonotonicTime::max());
    }
    ~Signal() { remote->close(); }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;

    void raise() {
        ready = true;
        timer.cancel();
    }

    boost::asio::steady_timer timer;
    const std::shared_ptr<Remote> remote;
    bool ready = false;
    std::optional<Response> response;
};

}  // namespace api::http
