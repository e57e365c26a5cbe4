#include "output/counter_rate.h"

#include <algorithm>
#include <chrono>

namespace output {

void CounterRate::look(base::MonotonicTime now, std::uint64_t total) {
    looks_[count_++ % looks_.size()] = {now, total};
}

double CounterRate::per_second() const {
    if (count_ < 2) return 0;
    const Look& last = looks_[(count_ - 1) % looks_.size()];
    const Look& first = looks_[(count_ - std::min(count_, looks_.size())) % looks_.size()];
    const std::chrono::duration<double> seconds = last.at - first.at;
    return seconds.count() > 0 ? static_cast<double>(last.total - first.total) / seconds.count() : 0;
}

}  // namespace output
