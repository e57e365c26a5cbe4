#include "output/flush_scheduler.h"

#include <algorithm>

namespace output {

// The members of one stream on one core. Woken by the ingest's thread, at most one post is on its way at a
// time.
class FlushScheduler::Group final : public hub::Waker,
                                    public net::Work,
                                    public std::enable_shared_from_this<Group> {
  public:
    explicit Group(net::Loop& loop) : loop_(loop) {}

    void wake() override {
        if (pending_.exchange(true, std::memory_order_acq_rel)) return;
        loop_.post(shared_from_this());
    }

    void add(Flushable& member) { members_.push_back(&member); }
    void remove(Flushable& member) {
        const auto place = std::find(members_.begin(), members_.end(), &member);
        if (place == members_.end()) return;
        // A flush may end memberships, its own among them: the place is kept until the round is over.
        if (flushing_)
            *place = nullptr;
        else
            members_.erase(place);
    }

    void run() override {
        pending_.store(false, std::memory_order_release);
        flushing_ = true;
        for (std::size_t i = 0; i < members_.size(); ++i)
            if (members_[i]) members_[i]->flush();
        flushing_ = false;
        std::erase(members_, nullptr);
    }

  private:
    net::Loop& loop_;
    std::atomic<bool> pending_{false};
    std::vector<Flushable*> members_;
    bool flushing_ = false;
};

FlushScheduler::FlushScheduler(net::Loop& loop) : loop_(loop), timer_(loop.make_timer([this] { tick(); })) {}
FlushScheduler::~FlushScheduler() = default;

std::shared_ptr<FlushScheduler::Group> FlushScheduler::group(const std::shared_ptr<hub::Stream>& stream,
                                                             hub::WakeOn on) {
    std::erase_if(groups_, [](const auto& entry) { return entry.second.expired(); });
    auto& known = groups_[{stream.get(), on}];
    auto found = known.lock();
    if (!found) {
        found = std::make_shared<Group>(loop_);
        known = found;
        stream->add_waker(found, on);
    }
    return found;
}

std::unique_ptr<FlushScheduler::Membership> FlushScheduler::join(const std::shared_ptr<hub::Stream>& stream,
                                                                 Flushable& member,
                                                                 std::chrono::milliseconds window) {
    auto membership = std::make_unique<Membership>();
    membership->scheduler_ = this;
    membership->member_ = &member;
    membership->group_ = group(stream, window.count() > 0 ? hub::WakeOn::urgent : hub::WakeOn::every_batch);
    membership->group_->add(member);
    if (window.count() > 0) {
        const auto period = static_cast<std::uint64_t>(std::max<std::int64_t>(1, window / granularity));
        // Members start at different ticks of their window, so that they do not all send at the same moment.
        const std::uint64_t due = now_tick_ + 1 + spread_++ % period;
        membership->ticket_ = std::make_shared<Ticket>(Ticket{&member, due, period});
        wheel_[due % slots].push_back(membership->ticket_);
        ++windowed_;
        arm();
    }
    return membership;
}

FlushScheduler::Membership::~Membership() {
    if (!scheduler_) return;
    group_->remove(*member_);
    if (!ticket_) return;
    ticket_->member = nullptr;
    --scheduler_->windowed_;
}

void FlushScheduler::arm() {
    if (armed_ || windowed_ == 0) return;
    armed_ = true;
    // From when it last was due, so that ticks that come late do not add up.
    due_ = std::max(due_ + granularity, loop_.now());
    timer_->start(due_);
}

void FlushScheduler::tick() {
    armed_ = false;
    ++now_tick_;
    std::vector<std::shared_ptr<Ticket>> slot = std::move(wheel_[now_tick_ % slots]);
    wheel_[now_tick_ % slots].clear();
    for (auto& ticket : slot) {
        if (!ticket->member) continue;
        if (ticket->due_tick > now_tick_) {
            wheel_[ticket->due_tick % slots].push_back(std::move(ticket));
            continue;
        }
        ticket->due_tick = now_tick_ + ticket->period_ticks;
        ticket->member->flush();
        if (ticket->member) wheel_[ticket->due_tick % slots].push_back(std::move(ticket));
    }
    arm();
}

}  // namespace output
