#include "service/audience.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "service/context.h"
#include "service/live_board.h"
#include "store/store.h"

namespace service {

Audience::Seat::Seat(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {
    stream_->seats.fetch_add(1, std::memory_order_relaxed);
}

void Audience::Seat::stayed() {
    if (!std::exchange(stayed_, true)) stream_->arrivals.fetch_add(1, std::memory_order_relaxed);
}

Audience::Seat::~Seat() {
    stream_->seats.fetch_sub(1, std::memory_order_relaxed);
}

// The session is random already.
std::size_t Audience::SessionHash::operator()(const crypto::PlaybackSession& session) const {
    std::size_t hash = 0;
    std::memcpy(&hash, session.data() + 1, sizeof hash);
    return hash;
}

Audience::Audience(Context& context, base::LimitHits& hits, AudienceSettings settings)
    : context_(context),
      hits_(hits),
      settings_(settings),
      ids_(context.store.keys().key(crypto::Purpose::viewer_id)) {}

std::string Audience::viewer_id(std::string_view playback_id) const {
    return ids_.issue(playback_id, context_.clock.wall());
}

std::shared_ptr<Audience::Stream> Audience::stream(const std::string& stream_id) {
    const std::lock_guard lock(streams_mutex_);
    auto& found = streams_[stream_id];
    if (!found) found = std::make_shared<Stream>();
    return found;
}

void Audience::seen(std::string_view playback_id, std::string_view viewer, const std::string& stream_id) {
    const auto id = crypto::ViewerIds::parse(viewer);
    if (!id) return;
    const auto now = context_.clock.now();
    Shard& shard = shards_[id->session[0] % shard_count];
    {
        const std::lock_guard lock(shard.mutex);
        const auto known = shard.players.find(id->session);
        if (known != shard.players.end()) {
            // One that was believed once is believed again, without signing it anew.
            if (crypto::same_bytes(known->second.signature, id->signature)) known->second.last_seen = now;
            return;
        }
    }
    if (!ids_.is_ours(playback_id, *id)) return;
    auto watched = stream(stream_id);
    const auto age = std::chrono::seconds(base::unix_millis(context_.clock.wall()) / 1000 -
                                          static_cast<std::int64_t>(id->issued_s));
    const std::lock_guard lock(shard.mutex);
    if (players_.load(std::memory_order_relaxed) >= settings_.max_players)
        return hits_.add("audience_players");
    const auto [player, fresh] = shard.players.try_emplace(id->session);
    if (!fresh) return;
    players_.fetch_add(1, std::memory_order_relaxed);
    if (age <= newcomer) watched->arrivals.fetch_add(1, std::memory_order_relaxed);
    player->second = {id->signature, std::move(watched), now};
}

std::unique_ptr<Audience::Seat> Audience::sit(const std::string& stream_id) {
    return std::unique_ptr<Seat>(new Seat(stream(stream_id)));
}

void Audience::tick() {
    const auto now = context_.clock.now();
    const std::lock_guard lock(shows_mutex_);
    count(now);
    follow(now);
}

void Audience::write_all() {
    const std::lock_guard lock(shows_mutex_);
    for (auto& [id, show] : shows_)
        if (show.begun && show.changed) show.changed = !write(id, show);
}

void Audience::count(base::MonotonicTime now) {
    {
        const std::lock_guard lock(streams_mutex_);
        for (auto& [id, watched] : streams_) watched->watching = 0;
    }
    Figures figures;
    for (Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        for (auto at = shard.players.begin(); at != shard.players.end();) {
            const auto silent = now - at->second.last_seen;
            if (silent > newcomer) {
                at = shard.players.erase(at);
                players_.fetch_sub(1, std::memory_order_relaxed);
                continue;
            }
            if (silent < settings_.present) ++at->second.stream->watching;
            ++at;
        }
        figures.players += shard.players.size();
    }
    std::unordered_map<std::string, std::int64_t> by_stream;
    {
        const std::lock_guard lock(streams_mutex_);
        for (auto at = streams_.begin(); at != streams_.end();) {
            Stream& watched = *at->second;
            const auto seats = watched.seats.load(std::memory_order_relaxed);
            const auto all = watched.watching + seats;
            figures.seats += seats;
            figures.watching += all;
            if (all > 0) by_stream.emplace(at->first, all);
            // Its arrivals are asked for as long as a show runs.
            const bool unused = at->second.use_count() == 1 && !context_.board.of_stream(at->first);
            at = unused ? streams_.erase(at) : std::next(at);
        }
        figures_ = figures;
    }
    context_.board.set_viewers(std::move(by_stream));
}

void Audience::follow(base::MonotonicTime now) {
    std::map<std::string, Show> running;
    for (const LiveEntry& entry : context_.board.sessions()) {
        auto known = shows_.extract(entry.session_id);
        Show show = known ? std::move(known.mapped()) : Show{};
        show.livestream_id = entry.livestream_id.value_or("");
        show.stream_id = entry.stream_id;
        const auto watched = stream(entry.stream_id);
        if (!show.begun) {
            show.arrivals_before = watched->arrivals.load(std::memory_order_relaxed) - entry.viewer_count;
            show.begun = begin(entry.session_id, show);
            show.write_due = now + settings_.write_interval;
        }
        const auto arrivals = watched->arrivals.load(std::memory_order_relaxed) - show.arrivals_before;
        show.changed = show.changed || arrivals != show.arrivals || entry.viewer_count > show.peak;
        show.arrivals = arrivals;
        show.peak = std::max(show.peak, entry.viewer_count);
        if (show.begun && show.changed && show.write_due <= now && write(entry.session_id, show)) {
            show.changed = false;
            show.write_due = now + settings_.write_interval;
        }
        running.emplace(entry.session_id, std::move(show));
    }
    // Those that are left have ended: their last word, again at the next tick when it could not be written.
    for (auto& [id, show] : shows_)
        if (show.begun && show.changed && !write(id, show)) running.emplace(id, std::move(show));
    shows_ = std::move(running);
}

bool Audience::begin(const std::string& session_id, Show& show) {
    const auto everybodys = store::Scope::all();
    const auto session = context_.store.broadcasts().get(everybodys, session_id);
    if (!session && session.error().code == base::ErrorCode::unavailable) return false;
    if (session) {
        show.session_total = session->total_viewers;
        show.peak = std::max(show.peak, session->peak_viewers);
    }
    if (show.livestream_id.empty()) return true;
    const auto livestream = context_.store.livestreams().get(everybodys, show.livestream_id);
    if (!livestream && livestream.error().code == base::ErrorCode::unavailable) return false;
    if (livestream) show.livestream_total = livestream->total_viewers;
    return true;
}

bool Audience::write(const std::string& session_id, const Show& show) {
    const auto gone = [](const base::Result<>& written) {
        return written || written.error().code != base::ErrorCode::unavailable;
    };
    if (!gone(context_.store.broadcasts().record_viewers(session_id, show.peak,
                                                         show.session_total + show.arrivals)))
        return false;
    return show.livestream_id.empty() ||
           gone(context_.store.livestreams().record_viewers(show.livestream_id, show.peak,
                                                            show.livestream_total + show.arrivals));
}

Audience::Figures Audience::figures() const {
    const std::lock_guard lock(streams_mutex_);
    return figures_;
}

}  // namespace service
