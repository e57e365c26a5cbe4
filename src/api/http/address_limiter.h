// A token bucket for each client address: `burst` requests at once, `per_second` on average. IPv6 clients
// count by their /64, because whoever has one address there has all of them. Safe from any thread.
#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace api::http {

struct RateSettings {
    double per_second = 50;  // 0: no limit
    double burst = 200;
};

class AddressLimiter {
  public:
    // Addresses remembered at most; the one unseen for longest is forgotten first.
    static constexpr std::size_t max_addresses = 20'000;

    explicit AddressLimiter(RateSettings settings) : settings_(settings) {}

    // Takes one request. Zero: it may pass; otherwise the whole seconds after which the next one may.
    int take(std::string_view address, base::MonotonicTime now);
    std::size_t size() const;

  private:
    struct Bucket {
        std::string key;
        double tokens;
        base::MonotonicTime filled_at;
    };

    const RateSettings settings_;
    mutable std::mutex mutex_;
    std::list<Bucket> buckets_;  // the most recently seen first
    std::unordered_map<std::string_view, std::list<Bucket>::iterator> by_key_;
};

// What the address counts as: itself, or the first four groups of an IPv6 one.
std::string rate_key(std::string_view address);

}  // namespace api::http
