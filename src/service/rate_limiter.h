// RateLimiter: how often something happened per key within a sliding window, for a bounded number of keys.
// Safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace service {

class RateLimiter {
  public:
    static constexpr std::size_t max_keys = 100'000;

    RateLimiter(const base::Clock& clock, std::size_t allowed, std::chrono::seconds window)
        : clock_(clock), allowed_(allowed), window_(window) {}

    // How long this key has to wait; nothing when it may go on. Does not count.
    std::optional<std::chrono::seconds> wait(const std::string& key);
    void count(const std::string& key);
    // Counts, unless the key has to wait.
    std::optional<std::chrono::seconds> try_count(const std::string& key);
    void forget(const std::string& key);

  private:
    std::optional<std::chrono::seconds> wait_locked(const std::string& key, base::MonotonicTime now);
    void count_locked(const std::string& key, base::MonotonicTime now);

    const base::Clock& clock_;
    const std::size_t allowed_;
    const std::chrono::seconds window_;
    std::mutex mutex_;
    // The newest `allowed_` happenings of a key are enough to answer.
    std::unordered_map<std::string, std::deque<base::MonotonicTime>> seen_;
};

// "203.0.113.7" of "203.0.113.7:50122", "2001:db8::/64" of an IPv6 address: what is counted as one client.
std::string client_network(const std::string& address);

}  // namespace service
