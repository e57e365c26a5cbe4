#include "store/watchdog.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace store {

Watchdog::Watchdog() : thread_([this] { run(); }) {
    ::pthread_setname_np(thread_.native_handle(), "db-watchdog");
}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void Watchdog::arm(int socket, base::MonotonicTime deadline) {
    {
        const std::lock_guard lock(mutex_);
        armed_[socket] = deadline;
        // It mostly looks earlier anyway, at a deadline that was met meanwhile.
        if (deadline >= looks_at_) return;
    }
    changed_.notify_one();
}

void Watchdog::disarm(int socket) {
    const std::lock_guard lock(mutex_);
    armed_.erase(socket);
}

void Watchdog::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const base::MonotonicTime now = std::chrono::steady_clock::now();
        base::MonotonicTime next = base::MonotonicTime::max();
        std::erase_if(armed_, [&](const auto& entry) {
            const auto [socket, deadline] = entry;
            if (deadline <= now) return ::shutdown(socket, SHUT_RDWR), true;
            next = std::min(next, deadline);
            return false;
        });
        looks_at_ = next;
        if (next == base::MonotonicTime::max())
            changed_.wait(lock);
        else
            changed_.wait_until(lock, next);
    }
}

WatchedSocket::WatchedSocket(std::shared_ptr<Watchdog> watchdog, int socket)
    : watchdog_(std::move(watchdog)), own_(::fcntl(socket, F_DUPFD_CLOEXEC, 0)) {
    if (own_ < 0) throw std::system_error(errno, std::generic_category());
}

WatchedSocket::~WatchedSocket() {
    leave_alone();
    ::close(own_);
}

}  // namespace store
