#include "output/flush_scheduler.h"

#include <algorithm>
#include <cmath>

#include "base/prefetch.h"

namespace output {
namespace {

// So many flushes of one round, then others have their turn: reading from encoders above all.
constexpr std::size_t flushes_at_once = 64;

// Members of one window that send together. More would have the kernel hold more at once than the caches do,
// and the link take it in one burst; they make another group, at another time of the window.
constexpr std::size_t group_size = 32;

// Where in a window the groups of one stream begin theirs: 0 for the first, and each of the others far from
// those before it.
double phase(std::size_t number) {
    constexpr double golden_ratio = 0.618'033'988'749'895;
    const double turns = static_cast<double>(number) * golden_ratio;
    return turns - std::floor(turns);
}

}  // namespace

// Members of one stream with one window on one core that send together. Woken by the ingest's thread, at most
// one post of that is on its way at a time.
class FlushScheduler::Group final : public hub::Waker,
                                    public net::Work,
                                    public std::enable_shared_from_this<Group> {
  public:
    // `window` 0: none. `number`: how many groups the stream has beside it.
    Group(net::Loop& loop, Tick window, std::size_t number)
        : loop_(loop),
          window_(window),
          first_window_(window - static_cast<Tick>(phase(number) * static_cast<double>(window))) {
        begin_window(first_window_);
    }

    void wake(const hub::News& news) override {
        published_.store(news.bytes_end, std::memory_order_relaxed);
        const std::uint64_t waiting = news.bytes_end - flushed_.load(std::memory_order_relaxed);
        if (window_ > 0 && !news.urgent && waiting < urgent_bytes) return;
        if (news.urgent) together_.store(true, std::memory_order_relaxed);
        if (woken_.exchange(true, std::memory_order_acq_rel)) return;
        loop_.post(shared_from_this());
    }

    Tick due() const { return due_; }
    bool in_round() const { return in_round_; }
    bool empty() const { return members_.empty(); }
    bool has_window() const { return window_ > 0; }
    bool has_room() const { return !has_window() || members_.size() < group_size; }
    bool on_wheel = false;

    void add(Flushable& member) { members_.push_back(&member); }
    void remove(Flushable& member) {
        const auto place = std::find(members_.begin(), members_.end(), &member);
        if (place == members_.end()) return;
        // A flush may end memberships, its own among them: the place is kept until the round is over.
        if (in_round_)
            *place = nullptr;
        else
            members_.erase(place);
    }

    // Begins a round or goes on with it. A wake-up in the middle of a round has posted once more, and so
    // another one follows.
    void run() override {
        if (!in_round_) {
            // Acquires too: what is read from now on is at least what was published before the wake-up.
            woken_.exchange(false, std::memory_order_acq_rel);
            flushed_.store(published_.load(std::memory_order_relaxed), std::memory_order_relaxed);
            begin_window(together_.exchange(false, std::memory_order_relaxed) ? first_window_ : window_);
            in_round_ = true;
            next_ = 0;
        }
        const std::size_t end = std::min(members_.size(), next_ + flushes_at_once);
        for (; next_ < end; ++next_) {
            bring_near(next_);
            if (members_[next_]) members_[next_]->flush();
        }
        if (next_ < members_.size()) return loop_.post(shared_from_this());
        in_round_ = false;
        std::erase(members_, nullptr);
    }

  private:
    // With hundreds of members, each one's memory has long left the cache when its turn comes: while one is
    // flushed, the next one's comes, and the object after that, by which the next one's is found.
    void bring_near(std::size_t current) const {
        if (current + 1 < members_.size() && members_[current + 1]) members_[current + 1]->prefetch();
        if (current + 2 < members_.size() && members_[current + 2]) base::prefetch<4>(members_[current + 2]);
    }
    void begin_window(Tick length) { due_ = tick_of(loop_.now()) + length; }

    net::Loop& loop_;
    const Tick window_;
    // After what made all groups send at once: brings them apart again.
    const Tick first_window_;
    std::atomic<bool> woken_{false};
    std::atomic<bool> together_{false};
    // Of the stream's bytes, all that there were, and those that there were at the last flush.
    std::atomic<std::uint64_t> published_{0};
    std::atomic<std::uint64_t> flushed_{0};
    std::vector<Flushable*> members_;
    Tick due_ = 0;
    std::size_t next_ = 0;
    bool in_round_ = false;
};

FlushScheduler::FlushScheduler(net::Loop& loop)
    : loop_(loop), timer_(loop.make_timer([this] { run_due(); })), done_(tick_of(loop.now())) {}
FlushScheduler::~FlushScheduler() = default;

FlushScheduler::GroupPtr FlushScheduler::group(const std::shared_ptr<hub::Stream>& stream, Tick window) {
    std::erase_if(groups_, [](const auto& entry) { return entry.second.expired(); });
    const auto [begin, end] = groups_.equal_range({window, stream});
    for (auto known = begin; known != end; ++known)
        if (auto found = known->second.lock(); found && found->has_room()) return found;
    const auto number = static_cast<std::size_t>(std::distance(begin, end));
    auto made = std::make_shared<Group>(loop_, window, number);
    groups_.emplace(GroupKey{window, stream}, made);
    stream->add_waker(made);
    return made;
}

std::unique_ptr<FlushScheduler::Membership> FlushScheduler::join(const std::shared_ptr<hub::Stream>& stream,
                                                                 Flushable& member,
                                                                 std::chrono::milliseconds window) {
    const Tick ticks = window.count() > 0 ? std::max<Tick>(1, window / granularity) : 0;
    GroupPtr joined = group(stream, ticks);
    joined->add(member);
    if (joined->has_window() && !std::exchange(joined->on_wheel, true)) {
        slot(joined->due()).push_back(joined);
        arm();
    }
    return std::unique_ptr<Membership>(new Membership(std::move(joined), member));
}

FlushScheduler::Membership::~Membership() {
    group_->remove(member_);
}

// The timer waits for the next slot that anybody stands in.
void FlushScheduler::arm() {
    const Tick first = std::max(done_, tick_of(loop_.now()) - slots) + 1;
    for (Tick tick = first; tick < first + slots; ++tick) {
        if (slot(tick).empty()) continue;
        if (armed_for_ == tick) return;
        armed_for_ = tick;
        timer_->start(base::MonotonicTime(granularity * tick));
        return;
    }
}

void FlushScheduler::run_due() {
    armed_for_.reset();
    const Tick now = tick_of(loop_.now());
    // After a long stop one turn of the wheel is enough for all.
    for (Tick tick = std::max(done_, now - slots) + 1; tick <= now; ++tick) run_slot(tick, now);
    done_ = std::max(done_, now);
    arm();
}

void FlushScheduler::run_slot(Tick tick, Tick now) {
    running_.swap(slot(tick));
    for (GroupPtr& group : running_) {
        if (group->due() <= now && !group->in_round()) group->run();
        if (group->empty())
            group->on_wheel = false;
        else
            slot(std::max(group->due(), now + 1)).push_back(std::move(group));
    }
    running_.clear();
}

}  // namespace output
