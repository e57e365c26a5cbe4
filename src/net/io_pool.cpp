#include "net/io_pool.h"

#include <pthread.h>
#include <sched.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>

namespace net {
namespace {

std::size_t usable_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    const int count = CPU_COUNT(&set);
    return count > 0 ? static_cast<std::size_t>(count) : 1;
}

// A wait that was due when it was cancelled is called all the same: its turn tells that it is an old one.
class CoreTimer final : public Timer {
  public:
    CoreTimer(boost::asio::io_context& io, std::function<void()> due)
        : state_(std::make_shared<State>(io, std::move(due))) {}
    ~CoreTimer() override { cancel(); }

    void start(base::MonotonicTime at) override {
        state_->timer.expires_at(at);
        state_->timer.async_wait([state = state_, turn = ++state_->turn](const auto& cancelled) {
            if (!cancelled && turn == state->turn) state->due();
        });
    }
    void cancel() override {
        ++state_->turn;
        state_->timer.cancel();
    }

  private:
    struct State {
        State(boost::asio::io_context& io, std::function<void()> call) : timer(io), due(std::move(call)) {}
        boost::asio::steady_timer timer;
        std::function<void()> due;
        std::uint64_t turn = 0;
    };
    std::shared_ptr<State> state_;
};

}  // namespace

Core::Core(std::size_t index, const std::string& thread_name)
    : index_(index), work_(boost::asio::make_work_guard(io_)) {
    thread_ = std::thread([this] { io_.run(); });
    // The kernel keeps fifteen characters of a thread's name.
    pthread_setname_np(thread_.native_handle(),
                       (thread_name + "-" + std::to_string(index)).substr(0, 15).c_str());
}

Core::~Core() {
    stop();
}

void Core::post(std::shared_ptr<Work> work) {
    boost::asio::post(io_, [work = std::move(work)] { work->run(); });
}

void Core::run(std::function<void()> function) {
    std::promise<void> done;
    post([&] {
        function();
        done.set_value();
    });
    done.get_future().wait();
}

std::unique_ptr<Timer> Core::make_timer(std::function<void()> due) {
    return std::make_unique<CoreTimer>(io_, std::move(due));
}

void Core::stop() {
    if (!thread_.joinable()) return;
    work_.reset();
    io_.stop();
    thread_.join();
}

IoPool::IoPool(std::size_t count, const std::string& thread_name) {
    if (count == 0) count = usable_processors();
    cores_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) cores_.push_back(std::make_unique<Core>(i, thread_name));
}

void IoPool::stop() {
    for (auto& core : cores_) core->stop();
}

}  // namespace net
