#include "service/livestream_records.h"

#include "base/ids.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "store/store.h"

namespace service {

store::Livestream new_livestream(const std::string& owner_id, const std::string& title,
                                 const std::string& description, base::WallTime now) {
    store::Livestream record;
    record.id = base::random_id("ls_");
    record.owner_id = owner_id;
    record.title = title;
    record.description = description;
    record.stream_key = base::Secret(base::random_hex(32));
    record.playback_id = base::random_id("");
    record.created_at = record.updated_at = now;
    return record;
}

LivestreamBrief brief_of(const store::Livestream& record) {
    return {record.owner_id,   to_service(record.status),    record.token_gate_amount, record.playback_id,
            record.title,      record.description,           record.station_id,        record.scheduled_at,
            record.started_at, to_service(record.visibility)};
}

base::Result<LivestreamBrief> known_brief(Context& context, const std::string& livestream_id) {
    if (auto known = context.board.brief(livestream_id)) return std::move(*known);
    const auto record = context.store.livestreams().get(store::Scope::all(), livestream_id);
    if (!record) return base::fail(record.error());
    context.board.learn(livestream_id, brief_of(*record));
    return brief_of(*record);
}

StationBrief brief_of(const store::Station& record) {
    return {record.owner_id, record.playback_id, record.name, record.description, record.artwork_url};
}

void announce(Context& context, const store::Livestream& record) {
    const auto before = context.board.brief(record.id);
    context.board.know(record.id, brief_of(record));
    const bool listed = record.visibility == store::Visibility::open;
    boost::json::object data{{"livestreamId", record.id},
                             {"title", record.title},
                             {"status", std::string(store::to_string(record.status))},
                             {"visibility", std::string(store::to_string(record.visibility))},
                             {"live", record.status == store::LivestreamStatus::live}};
    if (record.station_id) data["stationId"] = *record.station_id;
    context.events.publish("livestream.changed", record.owner_id, listed, std::move(data));
    if (!before || before->listed() == listed) return;
    // Whoever shows it in a list reads the list anew, and finds it or does not.
    if (!listed) context.events.publish("livestream.changed", "", true, {{"livestreamId", record.id}});
    if (const auto session = context.board.of_livestream(record.id); session && session->station_id) {
        const auto shown = context.board.of_station(*session->station_id, true);
        context.events.publish("station.changed", record.owner_id, true,
                               {{"stationId", *session->station_id},
                                {"isLive", shown && context.board.connected(shown->stream_id)}});
    }
}

}  // namespace service
