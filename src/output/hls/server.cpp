#include "output/hls/server.h"

#include <algorithm>
#include <map>

#include "output/hls/live_stream.h"

namespace output::hls {
namespace {

constexpr auto tick_every = std::chrono::milliseconds(250);

tl::unexpected<base::Error> no_stream() {
    return base::fail(base::ErrorCode::not_found, "There is no such stream now.");
}

}  // namespace

class Server::Shared : public std::enable_shared_from_this<Server::Shared> {
  public:
    Shared(const Settings& settings, cmaf::Feeds& feeds, hub::Registry& registry, net::Loop& loop,
           base::LimitHits& limits, const base::Clock& clock, const base::Logger& log)
        : feeds_(feeds),
          registry_(registry),
          context_(std::make_shared<StreamContext>(settings, feeds.settings().part_target, clock, loop,
                                                   limits, log,
                                                   std::make_shared<Budget>(settings.memory_budget))) {}

    void start() {
        const std::weak_ptr<Shared> weak = weak_from_this();
        context_->relieve = [weak] {
            if (const auto self = weak.lock()) self->relieve();
        };
        context_->left = [weak](const std::shared_ptr<LiveStream>& stream) {
            if (const auto self = weak.lock()) self->forget(stream);
        };
        feeds_.attend([weak](const std::string& id) -> std::shared_ptr<cmaf::Sink> {
            const auto self = weak.lock();
            return self ? self->attend(id) : nullptr;
        });
        if (context_->settings.dvr.count() > 0) {
            context_->spill = std::make_shared<SpillThread>();
            registry_.observe([weak](const std::shared_ptr<hub::Stream>& stream) {
                if (const auto self = weak.lock(); self && !stream->ended()) (void)self->open(stream->id());
            });
        }
        timer_ = context_->loop.make_timer([weak] {
            if (const auto self = weak.lock()) self->tick();
        });
        context_->loop.post([self = shared_from_this()] { self->tick(); });
    }

    void ask(const HlsQuestion& asked, Answer answer) {
        auto question = read_question(asked);
        if (!question) return answer(base::fail(question.error()));
        std::shared_ptr<LiveStream> stream = find(asked.stream_id);
        if (!stream) {
            auto opened = open(asked.stream_id);
            if (!opened) return answer(base::fail(opened.error()));
            stream = std::move(*opened);
        }
        stream->ask(std::move(*question), std::move(answer));
    }

    Facts facts() const {
        const std::lock_guard lock(mutex_);
        return {.streams = streams_.size(),
                .bytes_held = context_->budget->held,
                .waiting = context_->waiting,
                .segments_made = context_->segments_made,
                .parts_lost = context_->parts_lost,
                .texts_made = *context_->texts_made};
    }

    // The oldest segments of whoever has most go first.
    void shed(std::uint64_t excess) {
        std::vector<std::pair<std::uint64_t, std::shared_ptr<LiveStream>>> streams;
        for (auto& stream : all()) streams.emplace_back(stream->bytes(), std::move(stream));
        while (excess > 0 && !streams.empty()) {
            const auto most =
                std::max_element(streams.begin(), streams.end(),
                                 [](const auto& a, const auto& b) { return a.first < b.first; });
            // One segment, then another may have most.
            const std::uint64_t freed = most->second->shrink(1);
            excess -= std::min(excess, freed);
            if (freed == 0)
                streams.erase(most);
            else
                most->first -= std::min(most->first, freed);
        }
    }

    void stop() {
        std::map<std::string, Entry> streams;
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(stopped_, true)) return;
            streams.swap(streams_);
        }
        for (const auto& [id, entry] : streams) entry.stream->close(LiveStream::Why::stopping);
        streams.clear();
        context_->loop.run([this] { timer_.reset(); });
        if (context_->spill) context_->spill->stop();
    }

  private:
    using MembershipPtr = std::unique_ptr<cmaf::Feeds::Membership>;

    struct Entry {
        std::shared_ptr<LiveStream> stream;
        // Keeps the feed going. Without it the stream is there because somebody else does.
        MembershipPtr hold = {};
        // Its own place in the feed, where it came after that began.
        MembershipPtr place = {};
    };

    // The stream, held, if it is there.
    std::shared_ptr<LiveStream> find(const std::string& id) {
        const std::lock_guard lock(mutex_);
        const auto found = streams_.find(id);
        return found != streams_.end() && found->second.hold ? found->second.stream : nullptr;
    }

    base::Result<std::shared_ptr<LiveStream>> open(const std::string& id) {
        if (stopped())
            return base::fail(base::ErrorCode::unavailable, "The server is stopping. Try again in a moment.");
        if (!registry_.find(id)) {
            // It may have ended a moment ago, while somebody else keeps its feed.
            const std::lock_guard lock(mutex_);
            const auto found = streams_.find(id);
            if (found == streams_.end() || !found->second.stream->ended_at()) return no_stream();
            return found->second.stream;
        }
        if (context_->budget->over()) relieve();
        if (context_->budget->over() && !is_there(id)) {
            auto refused = base::about_limit(
                "hls_memory_bytes",
                {base::ErrorCode::unavailable, "There is no memory left for another stream."});
            context_->limits.add(refused);
            return base::fail(std::move(refused));
        }
        MembershipPtr hold = feeds_.join(id, nullptr);
        std::shared_ptr<LiveStream> stream;
        bool joins = false;
        {
            const std::lock_guard lock(mutex_);
            if (stopped_ || !hold) return no_stream();
            Entry& entry = streams_[id];
            if (!entry.stream) {
                // The feed began before, when there was no room for it.
                entry.stream = std::make_shared<LiveStream>(id, context_);
                joins = true;
            }
            if (!entry.hold) entry.hold.swap(hold);
            stream = entry.stream;
        }
        // What is left in `hold` goes here, outside the lock.
        if (!joins) return stream;
        MembershipPtr place = feeds_.join(id, stream);
        const std::lock_guard lock(mutex_);
        if (const auto found = streams_.find(id); found != streams_.end() && found->second.stream == stream)
            found->second.place.swap(place);
        return stream;
    }

    bool stopped() const {
        const std::lock_guard lock(mutex_);
        return stopped_;
    }

    bool is_there(const std::string& id) const {
        const std::lock_guard lock(mutex_);
        return streams_.contains(id);
    }

    // A feed begins.
    std::shared_ptr<cmaf::Sink> attend(const std::string& id) {
        const std::lock_guard lock(mutex_);
        if (stopped_ || context_->budget->over()) return nullptr;
        Entry& entry = streams_[id];
        // Another one of this id would be of a feed that is about to stop.
        if (entry.stream && entry.hold) return nullptr;
        entry.stream = std::make_shared<LiveStream>(id, context_);
        return entry.stream;
    }

    void forget(const std::shared_ptr<LiveStream>& stream) {
        Entry gone;
        const std::lock_guard lock(mutex_);
        const auto found = streams_.find(stream->id());
        if (found == streams_.end() || found->second.stream != stream) return;
        gone = std::move(found->second);
        streams_.erase(found);
    }

    std::vector<std::shared_ptr<LiveStream>> all() const {
        const std::lock_guard lock(mutex_);
        std::vector<std::shared_ptr<LiveStream>> streams;
        for (const auto& [id, entry] : streams_) streams.push_back(entry.stream);
        return streams;
    }

    void relieve() {
        const std::uint64_t held = context_->budget->held;
        if (held > context_->budget->limit) shed(held - context_->budget->limit);
    }

    void tick() {
        const base::MonotonicTime now = context_->clock.now();
        const Settings& settings = context_->settings;
        std::vector<Entry> released;
        for (const auto& stream : all()) {
            stream->tick(now);
            const auto ended = stream->ended_at();
            const bool idle = settings.dvr.count() == 0 && now - stream->last_asked() > settings.idle;
            const bool over = ended && now - *ended > settings.after_end;
            if (over) stream->reset();
            if (idle || over) release(stream, released);
        }
        // Memberships go outside the lock.
        released.clear();
        if (timer_) timer_->start(net::next_beat(context_->loop.now(), tick_every));
    }

    // Where nobody else keeps the feed, it stops and the stream is forgotten.
    void release(const std::shared_ptr<LiveStream>& stream, std::vector<Entry>& released) {
        const std::lock_guard lock(mutex_);
        const auto found = streams_.find(stream->id());
        if (found == streams_.end() || found->second.stream != stream) return;
        Entry& entry = found->second;
        if (!entry.place) return released.push_back({nullptr, std::move(entry.hold)});
        released.push_back(std::move(entry));
        streams_.erase(found);
    }

    cmaf::Feeds& feeds_;
    hub::Registry& registry_;
    const std::shared_ptr<StreamContext> context_;
    std::unique_ptr<net::Timer> timer_;
    mutable std::mutex mutex_;
    std::map<std::string, Entry> streams_;
    bool stopped_ = false;
};

Server::Server(const Settings& settings, cmaf::Feeds& feeds, hub::Registry& registry, net::Loop& loop,
               base::LimitHits& limits, const base::Clock& clock, base::Logger log)
    : shared_(std::make_shared<Shared>(settings, feeds, registry, loop, limits, clock, log)) {
    shared_->start();
}

Server::~Server() {
    stop();
}

void Server::ask(HlsQuestion question, Answer answer) {
    shared_->ask(question, std::move(answer));
}
Server::Facts Server::facts() const {
    return shared_->facts();
}
void Server::shed(std::uint64_t bytes) {
    shared_->shed(bytes);
}
void Server::stop() {
    shared_->stop();
}

}  // namespace output::hls
