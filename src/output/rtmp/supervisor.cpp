#include "output/rtmp/supervisor.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>

#include "output/rtmp/probe.h"

namespace output::rtmp {
namespace {

constexpr auto tick_every = std::chrono::milliseconds(100);
// So many outputs of one show stand on one core before the next one is begun: they share what was read from
// the log and are woken once, and two cores that send at the same moment hinder each other and the receivers.
// Those without a flush window are spread instead: they are to have each frame as soon as can be.
constexpr std::size_t together = 512;

std::vector<SupervisorCore> cores_of(net::IoPool& pool, net::Dialer& dialer) {
    std::vector<SupervisorCore> cores;
    for (std::size_t i = 0; i < pool.size(); ++i)
        cores.push_back({pool.core(i), std::make_unique<net::CoreConnector>(pool.core(i), dialer),
                         std::random_device{}()});
    return cores;
}

}  // namespace

// Shared with the posts that are under way on the cores. Destinations are found under the lock and called by
// a post to their own core.
class Supervisor::Shared : public std::enable_shared_from_this<Supervisor::Shared> {
  public:
    Shared(const SupervisorSettings& settings, std::vector<SupervisorCore> cores, hub::Registry& registry,
           media::EventSink& events, const base::Clock& clock, const base::Logger& log)
        : settings_(settings), registry_(registry), events_(events) {
        for (SupervisorCore& core : cores)
            cores_.push_back(
                PerCore{.context = std::make_shared<CoreContext>(core.loop, std::move(core.connector),
                                                                 core.random_seed, events_, clock, log)});
    }

    void start() {
        for (std::size_t i = 0; i < cores_.size(); ++i) {
            cores_[i].timer = loop(i).make_timer([weak = weak_from_this(), i] {
                if (const auto self = weak.lock()) self->tick(i);
            });
            loop(i).post([self = shared_from_this(), i] { self->tick(i); });
        }
        registry_.observe([weak = weak_from_this()](const std::shared_ptr<hub::Stream>& stream) {
            if (const auto self = weak.lock()) self->stream_changed(stream);
        });
    }

    void apply(DesiredBroadcast desired) {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        Broadcast& broadcast = broadcasts_[desired.broadcast_id];
        broadcast.stream_id = desired.stream_id;
        std::map<std::string, Placed> before = std::move(broadcast.outputs);
        broadcast.outputs.clear();
        for (DesiredOutput& output : desired.outputs) {
            const std::string id = output.destination_id;
            const auto old = before.find(id);
            if (old != before.end() && old->second.destination->desired() == output) {
                broadcast.outputs.insert(before.extract(old));
                continue;
            }
            broadcast.outputs.insert_or_assign(id, place(desired.broadcast_id, broadcast, std::move(output)));
        }
        for (auto& [id, gone] : before) retire(std::move(gone));
    }

    void end(const std::string& broadcast_id) {
        const std::lock_guard lock(mutex_);
        const auto found = broadcasts_.find(broadcast_id);
        if (found == broadcasts_.end()) return;
        for (auto& [id, output] : found->second.outputs) retire(std::move(output));
        broadcasts_.erase(found);
    }

    void retry(const std::string& broadcast_id, const std::string& destination_id) {
        const std::lock_guard lock(mutex_);
        const Placed* placed = find_placed(broadcast_id, destination_id);
        if (placed) loop(placed->core).post([destination = placed->destination] { destination->retry(); });
    }

    std::vector<media::OutputStatus> snapshot(const std::string* broadcast_id) const {
        const std::lock_guard lock(mutex_);
        std::vector<media::OutputStatus> all;
        for (const auto& [id, broadcast] : broadcasts_) {
            if (broadcast_id && id != *broadcast_id) continue;
            for (const auto& [name, output] : broadcast.outputs) all.push_back(output.destination->status());
        }
        return all;
    }

    std::optional<media::OutputStatus> find(const std::string& broadcast_id,
                                            const std::string& destination_id) const {
        const std::lock_guard lock(mutex_);
        const Placed* placed = find_placed(broadcast_id, destination_id);
        if (!placed) return std::nullopt;
        return placed->destination->status();
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(stopping_, true)) return;
            for (auto& [id, broadcast] : broadcasts_)
                for (auto& [name, output] : broadcast.outputs) retire(std::move(output));
            broadcasts_.clear();
        }
        {
            std::unique_lock lock(mutex_);
            all_retired_.wait_for(lock, settings_.farewell, [this] { return retiring_ == 0; });
        }
        for (PerCore& core : cores_) {
            core.context->loop.run([&core] {
                core.timer.reset();
                for (const Running& one : core.running) one.destination->abandon();
                core.running.clear();
            });
        }
    }

  private:
    struct Placed {
        std::shared_ptr<Destination> destination;
        std::size_t core = 0;
    };
    struct Broadcast {
        std::string stream_id;
        std::map<std::string, Placed> outputs;
        // Where its outputs are put, and how many more may be.
        std::size_t core = 0;
        std::size_t room = 0;
    };
    struct Running {
        std::shared_ptr<Destination> destination;
        base::MonotonicTime tick_at{};
    };
    struct PerCore {
        std::shared_ptr<CoreContext> context;
        std::unique_ptr<net::Timer> timer = {};
        std::size_t placed = 0;  // not retired; under the lock
        // Those that run here, the retiring ones too. This core's thread only.
        std::vector<Running> running = {};
    };

    net::Loop& loop(std::size_t core) { return cores_[core].context->loop; }

    const Placed* find_placed(const std::string& broadcast_id, const std::string& destination_id) const {
        const auto broadcast = broadcasts_.find(broadcast_id);
        if (broadcast == broadcasts_.end()) return nullptr;
        const auto output = broadcast->second.outputs.find(destination_id);
        return output == broadcast->second.outputs.end() ? nullptr : &output->second;
    }

    // Under the lock.
    std::size_t choose_core(Broadcast& broadcast, bool at_once) {
        if (broadcast.room == 0 || at_once) {
            const auto least = std::min_element(
                cores_.begin(), cores_.end(),
                [](const PerCore& one, const PerCore& other) { return one.placed < other.placed; });
            broadcast.core = static_cast<std::size_t>(least - cores_.begin());
            broadcast.room = together;
        }
        --broadcast.room;
        ++cores_[broadcast.core].placed;
        return broadcast.core;
    }

    // Under the lock.
    Placed place(const std::string& broadcast_id, Broadcast& broadcast, DesiredOutput output) {
        const std::size_t core = choose_core(broadcast, output.flush_window.count() == 0);
        RetryPolicy policy = settings_.retry;
        policy.max_retries = output.max_retries;
        auto destination = std::make_shared<Destination>(cores_[core].context, broadcast_id,
                                                         broadcast.stream_id, std::move(output), policy);
        // The stream is looked up on the core, after the destination is known there: none that opens is
        // missed.
        loop(core).post([self = shared_from_this(), core, destination] {
            self->cores_[core].running.push_back({destination});
            if (auto stream = self->registry_.find(destination->stream_id()))
                destination->stream_available(std::move(stream));
        });
        return {std::move(destination), core};
    }

    // Lets an output end in good order, then forgets it. Under the lock.
    void retire(Placed placed) {
        ++retiring_;
        --cores_[placed.core].placed;
        loop(placed.core).post([self = shared_from_this(), placed] {
            placed.destination->stop([self, placed] { self->retired(placed); });
        });
    }

    void retired(const Placed& placed) {
        std::erase_if(cores_[placed.core].running,
                      [&](const Running& one) { return one.destination == placed.destination; });
        events_.publish(media::OutputEnded{placed.destination->status()});
        const std::lock_guard lock(mutex_);
        if (--retiring_ == 0) all_retired_.notify_all();
    }

    void stream_changed(const std::shared_ptr<hub::Stream>& stream) {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, broadcast] : broadcasts_) {
            if (broadcast.stream_id != stream->id()) continue;
            for (const auto& [name, output] : broadcast.outputs) {
                loop(output.core).post([destination = output.destination, stream] {
                    if (stream->ended())
                        destination->stream_gone(stream);
                    else
                        destination->stream_available(stream);
                });
            }
        }
    }

    void tick(std::size_t index) {
        PerCore& core = cores_[index];
        // A tick leaves the list as it is: what ends is taken out by a post of its own.
        const base::MonotonicTime now = core.context->clock.now();
        for (Running& one : core.running)
            if (one.tick_at <= now) one.tick_at = one.destination->tick();
        // Those who stood together have read it by now; whoever needs it longer holds it.
        core.context->recent.reset();
        core.context->recent_wire = {};
        if (core.timer) core.timer->start(net::next_beat(loop(index).now(), tick_every));
    }

    SupervisorSettings settings_;
    hub::Registry& registry_;
    media::EventSink& events_;
    std::vector<PerCore> cores_;
    mutable std::mutex mutex_;
    std::condition_variable all_retired_;
    std::map<std::string, Broadcast> broadcasts_;
    std::size_t retiring_ = 0;
    bool stopping_ = false;
};

Supervisor::Supervisor(const SupervisorSettings& settings, std::vector<SupervisorCore> cores, Probe probe,
                       hub::Registry& registry, media::EventSink& events, const base::Clock& clock,
                       base::Logger log)
    : shared_(std::make_shared<Shared>(settings, std::move(cores), registry, events, clock, log)),
      probe_(std::move(probe)) {
    shared_->start();
}

Supervisor::Supervisor(const SupervisorSettings& settings, net::IoPool& pool, net::Dialer& dialer,
                       hub::Registry& registry, media::EventSink& events, const base::Clock& clock,
                       base::Logger log)
    : Supervisor(
          settings, cores_of(pool, dialer),
          [&dialer](const DesiredOutput& target) { return test_connection(dialer, target); }, registry,
          events, clock, std::move(log)) {}

Supervisor::~Supervisor() {
    stop();
}

void Supervisor::apply(DesiredBroadcast desired) {
    shared_->apply(std::move(desired));
}
void Supervisor::end(const std::string& broadcast_id) {
    shared_->end(broadcast_id);
}
void Supervisor::retry(const std::string& broadcast_id, const std::string& destination_id) {
    shared_->retry(broadcast_id, destination_id);
}
std::vector<media::OutputStatus> Supervisor::snapshot() const {
    return shared_->snapshot(nullptr);
}
std::vector<media::OutputStatus> Supervisor::snapshot(const std::string& broadcast_id) const {
    return shared_->snapshot(&broadcast_id);
}
std::optional<media::OutputStatus> Supervisor::find(const std::string& broadcast_id,
                                                    const std::string& destination_id) const {
    return shared_->find(broadcast_id, destination_id);
}
TestReport Supervisor::test(const DesiredOutput& target) {
    return probe_(target);
}
void Supervisor::stop() {
    shared_->stop();
}

}  // namespace output::rtmp
