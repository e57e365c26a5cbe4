#include "app/memory_watch.h"

#include <malloc.h>

namespace app {
namespace {

// What swings about a bound is told so often at most.
constexpr std::chrono::seconds tell_every{10};
// The heap is locked meanwhile.
constexpr std::chrono::seconds trim_every{10};
constexpr std::uint64_t mebibyte = 1024 * 1024;

}  // namespace

void MemoryWatch::look() {
    gauge_.set_used(sources_.used());
    if (gauge_.limit() == 0) return;
    const base::MonotonicTime now = clock_.now();
    if (const std::uint64_t excess = gauge_.cache_excess(); excess > 0) sources_.shed_cache(excess);
    // What was freed counts until the heap gives it back.
    if (gauge_.refuses_viewers() && now - trimmed_at_ >= trim_every) {
        trimmed_at_ = now;
        ::malloc_trim(0);
        gauge_.set_used(sources_.used());
    }
    tell(now);
}

void MemoryWatch::tell(base::MonotonicTime now) {
    if (gauge_.refuses_viewers() == short_ ||
        (told_at_ != base::MonotonicTime{} && now - told_at_ < tell_every))
        return;
    short_ = !short_;
    told_at_ = now;
    const std::uint64_t used = gauge_.used() / mebibyte;
    const std::uint64_t limit = gauge_.limit() / mebibyte;
    if (short_)
        log_.warn("memory is short: new viewers are turned away", {{"usedMb", used}, {"limitMb", limit}});
    else
        log_.info("there is memory for new viewers again", {{"usedMb", used}, {"limitMb", limit}});
}

}  // namespace app
