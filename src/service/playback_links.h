// Where a stream can be watched. Pure; for the folder's own .cpp files.
#pragma once

#include <string>

#include "service/settings.h"
#include "service/stations.h"

namespace service {

// RTMP takes publishers and players at one address; the playback id names the stream without opening it.
// `query` is empty, or what the player has to show: "?token=…".
inline Playback playback_of(const BroadcastSettings& settings, const std::string& playback_id,
                            const std::string& query = {}) {
    return {playback_id, settings.public_url + "/live/" + playback_id + "/index.m3u8" + query,
            settings.rtmp_url + "/" + playback_id + query};
}

}  // namespace service
