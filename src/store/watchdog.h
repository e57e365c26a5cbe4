// Ends the calls to a database server that has stopped answering without closing its connections: past its
// deadline a socket is shut down, and libpq, which knows no such bound, returns with an error. Shared by the
// connections of one server; any thread.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "base/clock.h"

namespace store {

class Watchdog {
  public:
    Watchdog();
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    // `socket` stays open until it is disarmed. Armed anew it has the new deadline.
    void arm(int socket, base::MonotonicTime deadline);
    void disarm(int socket);

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<int, base::MonotonicTime> armed_;
    base::MonotonicTime looks_at_ = base::MonotonicTime::max();
    bool stopping_ = false;
    std::thread thread_;
};

// The socket of one connection under a watchdog; on that connection's thread.
class WatchedSocket {
  public:
    // Throws a std::system_error when there are no descriptors left.
    WatchedSocket(std::shared_ptr<Watchdog> watchdog, int socket);
    ~WatchedSocket();
    WatchedSocket(const WatchedSocket&) = delete;
    WatchedSocket& operator=(const WatchedSocket&) = delete;

    void shut_down_at(base::MonotonicTime deadline) { watchdog_->arm(own_, deadline); }
    void leave_alone() { watchdog_->disarm(own_); }

  private:
    std::shared_ptr<Watchdog> watchdog_;
    // A duplicate: libpq closes its descriptor at any error, and the number may be another's by the deadline.
    const int own_;
};

}  // namespace store
