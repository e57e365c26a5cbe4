#include "ingest/stream_desk.h"

#include "base/ids.h"
#include "base/limit_hits.h"
#include "ingest/stream_slot.h"

namespace ingest {

StreamDesk::StreamDesk(hub::Registry& registry, media::EventSink& events, const base::Clock& clock,
                       base::Logger log)
    : registry_(registry), events_(events), clock_(clock), log_(std::move(log)) {}

base::Result<std::unique_ptr<Publisher>> StreamDesk::open(const PublishGrant& grant,
                                                          const PublisherInfo& info,
                                                          std::function<void(std::string)> cut) {
    const base::MonotonicTime now = clock_.now();
    const std::string ingest_id = base::random_id("ig_");
    std::function<void(std::string)> cut_old;
    std::string refusal;
    bool too_many = false;
    SlotPtr slot;
    {
        const std::lock_guard desk_lock(mutex_);
        SlotPtr& entry = slots_[grant.stream_id];
        if (!entry) entry = std::make_shared<Publisher::Slot>(grant.stream_id);
        slot = entry;

        const std::lock_guard lock(slot->mutex);
        while (!slot->takeovers.empty() && now - slot->takeovers.front() > std::chrono::minutes(1))
            slot->takeovers.pop_front();
        const bool occupied = !slot->owner.empty();
        const bool silent = now - slot->last_frame_at >= silent_gives_way;
        if (occupied && !grant.takeover && !silent) {
            refusal =
                "another encoder is publishing with this key: stop it first, or wait until it has been "
                "silent "
                "for 5 seconds";
        } else if (occupied && !silent && slot->takeovers.size() >= max_takeovers_per_minute) {
            too_many = true;
            refusal =
                "two encoders are taking this stream from each other: stop one of them and try again in a "
                "minute";
        } else {
            if (occupied) {
                cut_old = std::move(slot->cut_owner);
                slot->takeovers.push_back(now);
            }
            slot->took_over = occupied;
            slot->resumed = !occupied && slot->ends_at.has_value();
            slot->ends_at.reset();
            slot->owner = ingest_id;
            slot->cut_owner = std::move(cut);
            slot->grace = grant.grace;
            slot->last_frame_at = now;
            slot->awaiting_keyframe = true;
            slot->announced = false;
            slot->timeline.begin_publisher();
            media::IngestFacts known;
            known.client_address = info.client_address;
            known.client_software = info.client_software;
            known.protocol = info.protocol;
            known.since = clock_.wall();
            slot->meter.emplace(std::move(known));
            slot->stream = registry_.open(grant.stream_id);
            slot->stream->begin_publisher(now);
        }
    }
    if (!refusal.empty()) {
        events_.publish(media::PublishRefused{grant.stream_id, info.client_address, refusal});
        log_.warn("publisher refused",
                  {{"stream", grant.stream_id}, {"client", info.client_address}, {"reason", refusal}});
        base::Error error{base::ErrorCode::conflict, refusal};
        return base::fail(too_many ? base::about_limit("takeovers_per_minute", std::move(error))
                                   : std::move(error));
    }
    if (cut_old) cut_old("another encoder took over with the same stream key");
    log_.info("publisher accepted", {{"stream", grant.stream_id},
                                     {"ingest", ingest_id},
                                     {"client", info.client_address},
                                     {"software", info.client_software},
                                     {"took_over", slot->took_over}});
    return std::unique_ptr<Publisher>(new Publisher(shared_from_this(), std::move(slot), ingest_id));
}

void StreamDesk::publisher_lost(const SlotPtr& slot, const std::string& ingest_id,
                                const std::string& reason) {
    const base::MonotonicTime now = clock_.now();
    media::IngestFacts facts;
    {
        const std::lock_guard lock(slot->mutex);
        if (slot->owner != ingest_id) return;
        slot->owner.clear();
        slot->cut_owner = nullptr;
        slot->ends_at = now + slot->grace;
        facts = slot->meter->facts(now);
    }
    log_.info("publisher gone", {{"stream", slot->stream_id}, {"ingest", ingest_id}, {"reason", reason}});
    events_.publish(media::IngestLost{slot->stream_id, ingest_id, reason, std::move(facts)});
}

void StreamDesk::tick(base::MonotonicTime now) {
    for (const SlotPtr& slot : slots()) {
        {
            const std::lock_guard lock(slot->mutex);
            if (!slot->ends_at || now < *slot->ends_at || !slot->owner.empty()) continue;
        }
        close_slot(slot, false);
    }
}

void StreamDesk::end(const std::string& stream_id, const std::string& reason) {
    cut(stream_id, reason, false);
}

void StreamDesk::send_away(const std::string& stream_id, const std::string& reason) {
    cut(stream_id, reason, true);
}

void StreamDesk::cut(const std::string& stream_id, const std::string& reason, bool may_return) {
    SlotPtr slot;
    {
        const std::lock_guard lock(mutex_);
        const auto found = slots_.find(stream_id);
        if (found == slots_.end()) return;
        slot = found->second;
    }
    std::function<void(std::string)> disconnect;
    std::string ingest_id;
    media::IngestFacts facts;
    {
        const std::lock_guard lock(slot->mutex);
        disconnect = std::move(slot->cut_owner);
        ingest_id = std::move(slot->owner);
        slot->owner.clear();
        // Nobody who comes after this is resumed onto the stream that ends here.
        slot->ends_at = base::MonotonicTime{};
        if (slot->meter) facts = slot->meter->facts(clock_.now());
    }
    if (disconnect) disconnect(reason);
    if (!ingest_id.empty())
        events_.publish(media::IngestLost{stream_id, ingest_id, reason, std::move(facts)});
    close_slot(slot, may_return);
}

void StreamDesk::close_slot(const SlotPtr& slot, bool may_return) {
    std::shared_ptr<hub::Stream> stream;
    {
        const std::lock_guard desk_lock(mutex_);
        const std::lock_guard lock(slot->mutex);
        // An encoder came back in the last moment.
        if (!slot->owner.empty() || slot->closed) return;
        slot->closed = true;
        stream = slot->stream;
        const auto found = slots_.find(slot->stream_id);
        if (found != slots_.end() && found->second == slot) slots_.erase(found);
    }
    if (stream) registry_.close(stream);
    log_.info("stream ended", {{"stream", slot->stream_id}});
    events_.publish(media::StreamEnded{slot->stream_id, may_return});
}

std::vector<StreamDesk::SlotPtr> StreamDesk::slots() const {
    const std::lock_guard lock(mutex_);
    std::vector<SlotPtr> all;
    all.reserve(slots_.size());
    for (const auto& [id, slot] : slots_) all.push_back(slot);
    return all;
}

std::vector<IngestSnapshot> StreamDesk::snapshot() const {
    const base::MonotonicTime now = clock_.now();
    std::vector<IngestSnapshot> all;
    for (const SlotPtr& slot : slots()) all.push_back(slot->snapshot(now));
    return all;
}

std::optional<IngestSnapshot> StreamDesk::find(const std::string& stream_id) const {
    SlotPtr slot;
    {
        const std::lock_guard lock(mutex_);
        const auto found = slots_.find(stream_id);
        if (found == slots_.end()) return std::nullopt;
        slot = found->second;
    }
    return slot->snapshot(clock_.now());
}

}  // namespace ingest
