#include "service/rate_limiter.h"

namespace service {

std::optional<std::chrono::seconds> RateLimiter::wait(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return wait_locked(key, clock_.now());
}

void RateLimiter::count(const std::string& key) {
    const std::lock_guard lock(mutex_);
    count_locked(key, clock_.now());
}

std::optional<std::chrono::seconds> RateLimiter::try_count(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.now();
    if (const auto wait = wait_locked(key, now)) return wait;
    count_locked(key, now);
    return std::nullopt;
}

void RateLimiter::forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    seen_.erase(key);
}

std::optional<std::chrono::seconds> RateLimiter::wait_locked(const std::string& key,
                                                             base::MonotonicTime now) {
    const auto found = seen_.find(key);
    if (found == seen_.end()) return std::nullopt;
    auto& times = found->second;
    while (!times.empty() && now - times.front() >= window_) times.pop_front();
    if (times.empty()) {
        seen_.erase(found);
        return std::nullopt;
    }
    if (times.size() < allowed_) return std::nullopt;
    return std::chrono::ceil<std::chrono::seconds>(times.front() + window_ - now);
}

void RateLimiter::count_locked(const std::string& key, base::MonotonicTime now) {
    if (seen_.size() >= max_keys && !seen_.contains(key)) {
        std::erase_if(seen_, [&](const auto& entry) { return now - entry.second.back() >= window_; });
        // Still full: an attack from very many addresses. Forgetting some of them beats growing without end.
        if (seen_.size() >= max_keys) seen_.erase(seen_.begin());
    }
    auto& times = seen_[key];
    times.push_back(now);
    if (times.size() > allowed_) times.pop_front();
}

std::string client_network(const std::string& address) {
    std::string host = address;
    if (!host.empty() && host.front() == '[') {
        host = host.substr(1, host.find(']') - 1);
    } else if (const auto colon = host.find(':');
               colon != std::string::npos && host.find(':', colon + 1) == std::string::npos) {
        host.resize(colon);
    }
    if (host.starts_with("::ffff:") && host.find('.') != std::string::npos) return host.substr(7);
    if (host.find(':') == std::string::npos) return host;
    // One client commonly has a whole /64: the first four groups, as far as "::" does not cut them short.
    std::string prefix;
    int groups = 0;
    std::size_t at = 0;
    while (groups < 4 && at < host.size()) {
        const auto colon = host.find(':', at);
        if (colon == at || colon == std::string::npos) break;
        prefix += host.substr(at, colon - at) + ":";
        at = colon + 1;
        ++groups;
    }
    return prefix + ":/64";
}

}  // namespace service
