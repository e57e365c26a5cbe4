#include "service/livestream_records.h"

#include "base/ids.h"
#include "service/convert.h"
#include "service/event_hub.h"

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
    return {record.owner_id,  to_service(record.status), record.token_gate_amount, record.playback_id,
            record.title,     record.description,        record.station_id,        record.scheduled_at,
            record.started_at};
}

StationBrief brief_of(const store::Station& record) {
    return {record.owner_id, record.playback_id, record.name, record.description, record.artwork_url};
}

void announce(Context& context, const store::Livestream& record) {
    context.board.know(record.id, brief_of(record));
    boost::json::object data{{"livestreamId", record.id},
                             {"title", record.title},
                             {"status", std::string(store::to_string(record.status))},
                             {"live", record.status == store::LivestreamStatus::live}};
    if (record.station_id) data["stationId"] = *record.station_id;
    context.events.publish("livestream.changed", record.owner_id, true, std::move(data));
}

}  // namespace service
