#include "net/io_pool.h"

#include <pthread.h>
#include <sched.h>

#include <boost/asio/post.hpp>

namespace net {
namespace {

std::size_t usable_processors() {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    const int count = CPU_COUNT(&set);
    return count > 0 ? static_cast<std::size_t>(count) : 1;
}

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
