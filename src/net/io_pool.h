// The media threads: one event loop per core, each run by one thread. Owned by app/.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/loop.h"

namespace net {

// One event loop and its thread. Everything that belongs to a core is touched by that thread only.
class Core final : public Loop {
  public:
    Core(std::size_t index, const std::string& thread_name);
    ~Core() override;
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    std::size_t index() const { return index_; }
    boost::asio::io_context& io() { return io_; }
    bool on_this_thread() const { return thread_.get_id() == std::this_thread::get_id(); }

    using Loop::post;
    void post(std::shared_ptr<Work> work) override;
    void run(std::function<void()> function) override;
    std::unique_ptr<Timer> make_timer(std::function<void()> due) override;
    base::MonotonicTime now() const override { return std::chrono::steady_clock::now(); }

    // Lets the loop end once its work is done, then waits for the thread. Work that is left is dropped.
    void stop();

  private:
    std::size_t index_;
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::thread thread_;
};

class IoPool {
  public:
    // `count` 0: one for each processor that this process may use.
    explicit IoPool(std::size_t count, const std::string& thread_name = "media");

    std::size_t size() const { return cores_.size(); }
    Core& core(std::size_t index) { return *cores_[index]; }
    // Round robin. Any thread.
    Core& next() { return *cores_[next_.fetch_add(1, std::memory_order_relaxed) % cores_.size()]; }
    void stop();

  private:
    std::vector<std::unique_ptr<Core>> cores_;
    std::atomic<std::size_t> next_{0};
};

}  // namespace net
