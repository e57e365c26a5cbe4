// Where a stream can be watched. Pure; for the folder's own .cpp files.
#pragma once

#include "service/settings.h"
#include "service/stations.h"

namespace service {

// RTMP takes publishers and players at one address; the playback id names the stream without opening it.
inline Playback playback_of(const BroadcastSettings& settings, const std::string& playback_id) {
    return {playback_id, std::nullopt, settings.rtmp_url + "/" + playback_id};
}

}  // namespace service
