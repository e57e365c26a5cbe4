#include "output/cmaf/feeds.h"

#include <algorithm>

#include "output/cmaf/feed.h"

namespace output::cmaf {
namespace {

std::vector<std::reference_wrapper<net::Loop>> loops_of(net::IoPool& pool) {
    std::vector<std::reference_wrapper<net::Loop>> loops;
    for (std::size_t i = 0; i < pool.size(); ++i) loops.emplace_back(pool.core(i));
    return loops;
}

}  // namespace

// Shared with the posts that are under way. Feeds are found under the lock and called by a post to their
// loop.
class Feeds::Shared : public std::enable_shared_from_this<Feeds::Shared> {
  public:
    Shared(const FeedSettings& settings, const std::vector<std::reference_wrapper<net::Loop>>& loops,
           hub::Registry& registry, const base::Clock& clock, const base::Logger& log)
        : context_(std::make_shared<FeedContext>(settings, clock, log)), registry_(registry) {
        for (net::Loop& loop : loops) loops_.push_back(std::make_shared<FeedLoop>(loop));
    }

    void start() {
        registry_.observe([weak = weak_from_this()](const std::shared_ptr<hub::Stream>& stream) {
            if (const auto self = weak.lock()) self->stream_changed(stream);
        });
    }

    void attend(Attendant attendant) { attendant_ = std::move(attendant); }
    void number_above(std::uint64_t msn) { context_->last_msn = msn; }
    std::uint64_t last_msn() const { return context_->last_msn; }
    const FeedSettings& settings() const { return context_->settings; }

    std::unique_ptr<Membership> join(const std::string& stream_id, std::shared_ptr<Sink> sink) {
        std::shared_ptr<Feed> feed;
        bool begins = false;
        {
            const std::lock_guard lock(mutex_);
            if (stopped_) return nullptr;
            Entry& entry = feeds_[stream_id];
            if (!entry.feed) {
                begins = true;
                entry.feed = std::make_shared<Feed>(stream_id, choose_loop(), context_);
            }
            ++entry.holders;
            feed = entry.feed;
        }
        std::shared_ptr<Sink> follower = begins && attendant_ ? attendant_(stream_id) : nullptr;
        // The stream is looked up on the loop, after the feed is known here: none that opens is missed. Those
        // who begin it hear all of it.
        feed->loop().loop.post([self = shared_from_this(), feed, sink, follower, begins] {
            if (follower) feed->add(follower);
            if (sink) feed->add(sink);
            if (!begins) return;
            if (const auto stream = self->registry_.find(feed->stream_id())) feed->stream_available(stream);
        });
        return std::make_unique<Held>(shared_from_this(), std::move(feed), std::move(sink));
    }

    Facts facts() const {
        const std::lock_guard lock(mutex_);
        return {feeds_.size(), context_->frames_dropped};
    }

    void stop() {
        std::map<std::string, Entry> feeds;
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(stopped_, true)) return;
            feeds.swap(feeds_);
        }
        for (const auto& loop : loops_) {
            loop->loop.run([&] {
                for (const auto& [id, entry] : feeds)
                    if (&entry.feed->loop() == loop.get()) entry.feed->stop();
            });
        }
    }

  private:
    struct Entry {
        std::shared_ptr<Feed> feed;
        std::size_t holders = 0;
    };

    class Held final : public Membership {
      public:
        Held(std::shared_ptr<Shared> shared, std::shared_ptr<Feed> feed, std::shared_ptr<Sink> sink)
            : shared_(std::move(shared)), feed_(std::move(feed)), sink_(std::move(sink)) {}
        ~Held() override { shared_->leave(feed_, sink_); }

      private:
        std::shared_ptr<Shared> shared_;
        std::shared_ptr<Feed> feed_;
        std::shared_ptr<Sink> sink_;
    };

    // Under the lock.
    std::shared_ptr<FeedLoop> choose_loop() {
        const auto least =
            std::min_element(loops_.begin(), loops_.end(),
                             [](const auto& one, const auto& other) { return one->feeds < other->feeds; });
        ++(*least)->feeds;
        return *least;
    }

    void leave(const std::shared_ptr<Feed>& feed, const std::shared_ptr<Sink>& sink) {
        bool last = false;
        {
            const std::lock_guard lock(mutex_);
            if (stopped_) return;
            const auto found = feeds_.find(feed->stream_id());
            last = --found->second.holders == 0;
            if (last) {
                --feed->loop().feeds;
                feeds_.erase(found);
            }
        }
        feed->loop().loop.post([feed, sink, last] {
            if (sink) feed->remove(sink);
            if (last) feed->stop();
        });
    }

    void stream_changed(const std::shared_ptr<hub::Stream>& stream) {
        const std::lock_guard lock(mutex_);
        const auto found = feeds_.find(stream->id());
        if (found == feeds_.end()) return;
        const std::shared_ptr<Feed>& feed = found->second.feed;
        feed->loop().loop.post([feed, stream] {
            if (stream->ended())
                feed->stream_gone(stream);
            else
                feed->stream_available(stream);
        });
    }

    std::shared_ptr<FeedContext> context_;
    hub::Registry& registry_;
    std::vector<std::shared_ptr<FeedLoop>> loops_;
    Attendant attendant_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> feeds_;
    bool stopped_ = false;
};

Feeds::Feeds(const FeedSettings& settings, std::vector<std::reference_wrapper<net::Loop>> loops,
             hub::Registry& registry, const base::Clock& clock, base::Logger log)
    : shared_(std::make_shared<Shared>(settings, loops, registry, clock, log)) {
    shared_->start();
}

Feeds::Feeds(const FeedSettings& settings, net::IoPool& pool, hub::Registry& registry,
             const base::Clock& clock, base::Logger log)
    : Feeds(settings, loops_of(pool), registry, clock, std::move(log)) {}

Feeds::~Feeds() {
    stop();
}

void Feeds::attend(Attendant attendant) {
    shared_->attend(std::move(attendant));
}
void Feeds::number_above(std::uint64_t msn) {
    shared_->number_above(msn);
}
std::uint64_t Feeds::last_msn() const {
    return shared_->last_msn();
}
std::unique_ptr<Feeds::Membership> Feeds::join(const std::string& stream_id, std::shared_ptr<Sink> sink) {
    return shared_->join(stream_id, std::move(sink));
}
const FeedSettings& Feeds::settings() const {
    return shared_->settings();
}
Feeds::Facts Feeds::facts() const {
    return shared_->facts();
}
void Feeds::stop() {
    shared_->stop();
}

}  // namespace output::cmaf
