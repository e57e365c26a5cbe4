// What each part is set to, by the settings and the machine: one function a part. For the composition root.
#pragma once

#include "api/settings.h"
#include "app/config/config.h"
#include "ingest/rtmp/server.h"
#include "output/cmaf/feeds.h"
#include "output/hls/settings.h"
#include "service/playback_desk.h"
#include "service/recording_settings.h"
#include "service/settings.h"
#include "storage/settings.h"

namespace app {

service::AccountSettings account_settings(const config::Config& config);
service::BroadcastSettings broadcast_settings(const config::Config& config);
service::InstanceLimits instance_limits(const config::Config& config);
service::GateSettings gate_settings(const config::Config& config);
service::PlaybackSettings playback_settings(const config::Config& config);
service::RecordingSettings recording_settings(const config::Config& config);
storage::StoreSettings object_store_settings(const config::Config& config);
ingest::rtmp::ServerSettings rtmp_settings(const config::Config& config);
// What all parts together may use, in bytes.
std::uint64_t memory_bound(const config::Config& config);
output::hls::Settings hls_settings(const config::Config& config);
api::Settings api_settings(const config::Config& config);

}  // namespace app
