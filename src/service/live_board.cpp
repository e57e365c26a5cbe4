#include "service/live_board.h"

#include <utility>

namespace service {
namespace {

const LiveEntry* named(const std::map<std::string, LiveEntry>& sessions,
                       const std::unordered_map<std::string, std::string>& index, const std::string& key) {
    const auto id = index.find(key);
    if (id == index.end()) return nullptr;
    const auto found = sessions.find(id->second);
    return found == sessions.end() ? nullptr : &found->second;
}

void drop(std::unordered_map<std::string, std::string>& index, const std::string& key,
          const std::string& session_id) {
    if (const auto found = index.find(key); found != index.end() && found->second == session_id)
        index.erase(found);
}

template <class Brief>
void leave_room(std::unordered_map<std::string, Brief>& briefs, std::size_t most) {
    if (briefs.size() >= most) briefs.erase(briefs.begin());
}

}  // namespace

LiveEntry LiveBoard::shown(const LiveEntry& entry) const {
    LiveEntry copy = entry;
    const auto watching = viewers_.find(entry.stream_id);
    copy.viewer_count = watching == viewers_.end() ? 0 : watching->second;
    return copy;
}

const LiveEntry* LiveBoard::on_stream(const std::string& stream_id) const {
    return named(sessions_, by_stream_, stream_id);
}

const LiveEntry* LiveBoard::on_livestream(const std::string& livestream_id) const {
    return named(sessions_, by_livestream_, livestream_id);
}

void LiveBoard::put(LiveEntry entry) {
    const std::lock_guard lock(mutex_);
    by_stream_[entry.stream_id] = entry.session_id;
    if (entry.livestream_id) by_livestream_[*entry.livestream_id] = entry.session_id;
    std::string id = entry.session_id;
    sessions_.insert_or_assign(std::move(id), std::move(entry));
}

void LiveBoard::remove(const std::string& session_id) {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return;
    drop(by_stream_, found->second.stream_id, session_id);
    if (found->second.livestream_id) drop(by_livestream_, *found->second.livestream_id, session_id);
    sessions_.erase(found);
}

std::optional<LiveEntry> LiveBoard::session(const std::string& session_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(session_id);
    if (found == sessions_.end()) return std::nullopt;
    return shown(found->second);
}

std::optional<LiveEntry> LiveBoard::of_stream(const std::string& stream_id) const {
    const std::lock_guard lock(mutex_);
    if (const auto* entry = on_stream(stream_id)) return shown(*entry);
    return std::nullopt;
}

std::optional<LiveEntry> LiveBoard::of_livestream(const std::string& livestream_id) const {
    const std::lock_guard lock(mutex_);
    if (const auto* entry = on_livestream(livestream_id)) return shown(*entry);
    return std::nullopt;
}

std::optional<LiveEntry> LiveBoard::of_station(const std::string& station_id, bool listed) const {
    const std::lock_guard lock(mutex_);
    const LiveEntry* any = nullptr;
    for (const auto& [id, entry] : sessions_) {
        if (entry.station_id != station_id || (listed && !entry.listed)) continue;
        const auto ingest = ingests_.find(entry.stream_id);
        if (ingest != ingests_.end() && ingest->second.connected) return shown(entry);
        if (!any) any = &entry;
    }
    if (!any) return std::nullopt;
    return shown(*any);
}

std::vector<LiveEntry> LiveBoard::sessions() const {
    const std::lock_guard lock(mutex_);
    std::vector<LiveEntry> all;
    all.reserve(sessions_.size());
    for (const auto& [id, entry] : sessions_) all.push_back(shown(entry));
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

void LiveBoard::list(const std::string& livestream_id, bool listed) {
    const auto session = by_livestream_.find(livestream_id);
    if (session == by_livestream_.end()) return;
    if (const auto entry = sessions_.find(session->second); entry != sessions_.end())
        entry->second.listed = listed;
}

void LiveBoard::know(const std::string& livestream_id, LivestreamBrief brief) {
    const std::lock_guard lock(mutex_);
    const auto before = briefs_.find(livestream_id);
    if (before == briefs_.end() || before->second.token_gate_amount != brief.token_gate_amount ||
        before->second.visibility != brief.visibility)
        rights_changed();
    if (before == briefs_.end()) leave_room(briefs_, max_briefs);
    list(livestream_id, brief.listed());
    briefs_.insert_or_assign(livestream_id, std::move(brief));
}

void LiveBoard::learn(const std::string& livestream_id, LivestreamBrief brief) {
    const std::lock_guard lock(mutex_);
    leave_room(briefs_, max_briefs);
    const auto known = briefs_.try_emplace(livestream_id, std::move(brief)).first;
    list(livestream_id, known->second.listed());
}

std::optional<LivestreamBrief> LiveBoard::brief(const std::string& livestream_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = briefs_.find(livestream_id);
    if (found == briefs_.end()) return std::nullopt;
    return found->second;
}

void LiveBoard::know_station(const std::string& station_id, StationBrief brief) {
    const std::lock_guard lock(mutex_);
    leave_room(stations_, max_briefs);
    stations_.insert_or_assign(station_id, std::move(brief));
}

void LiveBoard::learn_station(const std::string& station_id, StationBrief brief) {
    const std::lock_guard lock(mutex_);
    leave_room(stations_, max_briefs);
    stations_.try_emplace(station_id, std::move(brief));
}

std::optional<StationBrief> LiveBoard::station(const std::string& station_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = stations_.find(station_id);
    if (found == stations_.end()) return std::nullopt;
    return found->second;
}

void LiveBoard::forget_station(const std::string& station_id) {
    const std::lock_guard lock(mutex_);
    stations_.erase(station_id);
    rights_changed();
}

std::optional<LivePlace> LiveBoard::place(const std::string& id) const {
    const std::lock_guard lock(mutex_);
    LivePlace place;
    if (const auto brief = briefs_.find(id); brief != briefs_.end()) {
        const auto* session = on_livestream(id);
        place.stream_id = session ? session->stream_id : id;
        place.owner_id = brief->second.owner_id;
        place.livestream_id = id;
        place.gate = brief->second.token_gate_amount;
        place.closed = brief->second.visibility == Visibility::closed;
        return place;
    }
    const auto station = stations_.find(id);
    if (station == stations_.end()) return std::nullopt;
    place.stream_id = id;
    place.owner_id = station->second.owner_id;
    const auto* session = on_stream(id);
    if (!session || !session->livestream_id) return place;
    const auto show = briefs_.find(*session->livestream_id);
    if (show == briefs_.end()) return std::nullopt;
    place.livestream_id = show->first;
    place.gate = show->second.token_gate_amount;
    place.closed = show->second.visibility == Visibility::closed;
    return place;
}

void LiveBoard::set_viewers(std::unordered_map<std::string, std::int64_t> by_stream) {
    const std::lock_guard lock(mutex_);
    viewers_ = std::move(by_stream);
}

std::int64_t LiveBoard::viewers(const std::string& stream_id) const {
    const std::lock_guard lock(mutex_);
    const auto found = viewers_.find(stream_id);
    return found == viewers_.end() ? 0 : found->second;
}

}  // namespace service
