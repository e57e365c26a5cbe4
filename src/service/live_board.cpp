#include "service/live_board.h"

#include <algorithm>

namespace service {
namespace {

template <class Matches>
std::optional<LiveEntry> first(const std::map<std::string, LiveEntry>& sessions, Matches matches) {
    const auto found = std::find_if(sessions.begin(), sessions.end(),
                                    [&](const auto& entry) { return matches(entry.second); });
    if (found == sessions.end()) return std::nullopt;
    return found->second;
}

}  // namespace

void LiveBoard::put(LiveEntry entry) {
    const std::lock_guard lock(mutex_);
    std::string id = entry.session_id;
    sessions_.insert_or_assign(std::move(id), std::move(entry));
}

void LiveBoard::remove(const std::string& session_id) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(session_id);
}

std::optional<LiveEntry> LiveBoard::session(const std::string& session_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return std::nullopt;
    return found->second;
}

std::optional<LiveEntry> LiveBoard::of_stream(const std::string& stream_id) const {
    const std::lock_guard lock(mutex_);
    return first(sessions_, [&](const LiveEntry& entry) { return entry.stream_id == stream_id; });
}

std::optional<LiveEntry> LiveBoard::of_livestream(const std::string& livestream_id) const {
    const std::lock_guard lock(mutex_);
    return first(sessions_, [&](const LiveEntry& entry) { return entry.livestream_id == livestream_id; });
}

std::optional<LiveEntry> LiveBoard::of_station(const std::string& station_id) const {
    const std::lock_guard lock(mutex_);
    const auto here = [&](const LiveEntry& entry) { return entry.station_id == station_id; };
    if (auto with_encoder = first(sessions_, [&](const LiveEntry& entry) {
            const auto ingest = ingests_.find(entry.stream_id);
            return here(entry) && ingest != ingests_.end() && ingest->second.connected;
        }))
        return with_encoder;
    return first(sessions_, here);
}

std::vector<LiveEntry> LiveBoard::sessions() const {
    const std::lock_guard lock(mutex_);
    std::vector<LiveEntry> all;
    all.reserve(sessions_.size());
    for (const auto& [id, entry] : sessions_) all.push_back(entry);
    return all;
}

void LiveBoard::encoder_came(const std::string& stream_id, const std::string& ingest_id,
                             const media::IngestFacts& facts) {
    const std::lock_guard lock(mutex_);
    ingests_[stream_id] = LiveIngest{true, ingest_id, facts};
}

void LiveBoard::encoder_facts(const std::string& stream_id, const media::IngestFacts& facts) {
    const std::lock_guard lock(mutex_);
    if (const auto found = ingests_.find(stream_id); found != ingests_.end()) found->second.facts = facts;
}

bool LiveBoard::encoder_left(const std::string& stream_id, const std::string& ingest_id) {
    const std::lock_guard lock(mutex_);
    const auto found = ingests_.find(stream_id);
    if (found == ingests_.end() || found->second.ingest_id != ingest_id) return false;
    found->second.connected = false;
    return true;
}

void LiveBoard::forget_encoder(const std::string& stream_id) {
    const std::lock_guard lock(mutex_);
    ingests_.erase(stream_id);
}

std::optional<LiveIngest> LiveBoard::ingest(const std::string& stream_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = ingests_.find(stream_id);
    if (found == ingests_.end()) return std::nullopt;
    return found->second;
}

bool LiveBoard::connected(const std::string& stream_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = ingests_.find(stream_id);
    return found != ingests_.end() && found->second.connected;
}

void LiveBoard::know(const std::string& livestream_id, LivestreamBrief brief) {
    const std::lock_guard lock(mutex_);
    make_room();
    briefs_.insert_or_assign(livestream_id, std::move(brief));
}

void LiveBoard::learn(const std::string& livestream_id, LivestreamBrief brief) {
    const std::lock_guard lock(mutex_);
    make_room();
    briefs_.try_emplace(livestream_id, std::move(brief));
}

std::optional<LivestreamBrief> LiveBoard::brief(const std::string& livestream_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = briefs_.find(livestream_id);
    if (found == briefs_.end()) return std::nullopt;
    return found->second;
}

void LiveBoard::make_room() {
    if (briefs_.size() >= max_briefs) briefs_.erase(briefs_.begin());
}

}  // namespace service
