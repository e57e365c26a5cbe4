#include "app/part_settings.h"

#include <algorithm>

#include "app/addresses.h"
#include "app/config/setting.h"
#include "app/data_folder.h"
#include "app/process/memory.h"
#include "app/version.h"

namespace app {
namespace {

// Requests that are being answered at the end: a little longer than any call to the database.
constexpr std::chrono::milliseconds request_patience{1'700};
// A page that loads asks for many things at once.
constexpr double burst_seconds = 4;
constexpr std::uint64_t mebibyte = 1024 * 1024;

net::AcceptorSettings acceptor_settings(const config::Config& config, const std::string& listen) {
    const config::HostPort address = config::parse_host_port(listen).value_or(config::HostPort{});
    net::AcceptorSettings settings;
    settings.host = address.host;
    settings.port = address.port;
    settings.max_connections = static_cast<std::size_t>(config.max_connections);
    settings.max_per_address = static_cast<std::size_t>(config.max_connections_per_address);
    return settings;
}

}  // namespace

service::AccountSettings account_settings(const config::Config& config) {
    service::AccountSettings settings;
    settings.registration =
        config.registration == "open" ? service::Registration::open : service::Registration::closed;
    settings.default_role =
        config.default_role == "viewer" ? service::Role::viewer : service::Role::broadcaster;
    return settings;
}

service::BroadcastSettings broadcast_settings(const config::Config& config) {
    const Addresses here = addresses(config);
    service::BroadcastSettings settings;
    settings.rtmp_url = here.rtmp;
    settings.public_url = here.web;
    settings.grace = std::chrono::seconds(config.grace_s);
    settings.restart_grace = std::chrono::seconds(config.restart_grace_s);
    settings.allow_private_addresses = config.allow_private_addresses;
    settings.uplink_kbps = config.uplink_kbps;
    settings.flush_window = std::chrono::milliseconds(config.flush_window_ms);
    return settings;
}

service::InstanceLimits instance_limits(const config::Config& config) {
    service::InstanceLimits limits;
    limits.destinations_per_user = static_cast<std::size_t>(config.max_destinations);
    limits.destinations_per_broadcast = limits.destinations_per_user;
    return limits;
}

service::GateSettings gate_settings(const config::Config& config) {
    service::GateSettings settings;
    settings.takeover = config.takeover;
    settings.grace = std::chrono::seconds(config.grace_s);
    settings.hook_secret = config.hook_secret;
    return settings;
}

service::PlaybackSettings playback_settings(const config::Config&) {
    return {};
}

service::RecordingSettings recording_settings(const config::Config& config) {
    service::RecordingSettings settings;
    settings.folder = DataFolder::recordings(config.data_dir);
    settings.public_url = addresses(config).web;
    settings.keep_days = static_cast<int>(config.recording_keep_days);
    settings.min_free_percent = static_cast<int>(config.recording_min_free);
    settings.delete_oldest = config.recording_delete_oldest;
    settings.delete_unarchived = config.recording_delete_unarchived;
    settings.archive.prefix = config.s3_prefix;
    return settings;
}

storage::StoreSettings object_store_settings(const config::Config& config) {
    storage::StoreSettings settings;
    settings.endpoint = config.s3_endpoint;
    settings.region = config.s3_region;
    settings.bucket = config.s3_bucket;
    settings.access_key_id = config.s3_access_key;
    settings.secret_key = config.s3_secret_key;
    settings.path_style = config.s3_path_style;
    return settings;
}

ingest::rtmp::ServerSettings rtmp_settings(const config::Config& config) {
    ingest::rtmp::ServerSettings settings;
    settings.rtmp = acceptor_settings(config, config.rtmp);
    if (!config.tls_certificate.empty() && config.rtmps != config::off)
        settings.rtmps = acceptor_settings(config, config.rtmps);
    settings.certificate_file = config.tls_certificate;
    settings.key_file = config.tls_key;
    return settings;
}

std::uint64_t memory_bound(const config::Config& config) {
    if (config.memory_mb > 0) return static_cast<std::uint64_t>(config.memory_mb) * mebibyte;
    // The rest is for what the kernel keeps of connections and files.
    return process::memory_there_is() / 4 * 3;
}

output::hls::Settings hls_settings(const config::Config& config) {
    output::hls::Settings settings;
    settings.window_segments = static_cast<std::size_t>(config.hls_window);
    settings.dvr = std::chrono::seconds(config.hls_dvr_s);
    settings.dvr_folder = DataFolder::dvr(config.data_dir);
    settings.memory_budget = static_cast<std::uint64_t>(config.hls_memory_mb) * mebibyte;
    // What is small leaves room for the rest.
    if (const std::uint64_t bound = memory_bound(config); bound > 0)
        settings.memory_budget = std::min(settings.memory_budget, bound / 2);
    return settings;
}

api::Settings api_settings(const config::Config& config) {
    api::Settings settings;
    settings.http.listen = config.http;
    settings.http.stop_deadline = request_patience;
    settings.http.max_connections = static_cast<std::size_t>(config.http_connections);
    settings.http.max_connections_per_address = static_cast<std::size_t>(config.http_connections_per_address);
    if (config.https) {
        settings.http.certificate_file = config.tls_certificate;
        settings.http.key_file = config.tls_key;
    }
    settings.worker_threads = static_cast<std::size_t>(config.api_threads);
    settings.allowed_origins = config.cors_origins;
    settings.trusted_proxies = config.trusted_proxies;
    settings.rate.per_second = static_cast<double>(config.requests_per_second);
    settings.rate.burst = settings.rate.per_second * burst_seconds;
    settings.system.metrics_token = config.metrics_token;
    settings.system.version = version;
    settings.system.public_url = addresses(config).web;
    return settings;
}

}  // namespace app
