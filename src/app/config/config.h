// Config: every setting of the program with its default. Filled once at start (load.h), read by the
// composition root alone, which hands each part only what that part needs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.h"

namespace app::config {

struct Config {
    // Where it listens, and what it calls itself
    std::string http = "0.0.0.0:8000";
    std::string rtmp = "0.0.0.0:1935";
    std::string rtmps = "0.0.0.0:1936";
    std::string tls_certificate;
    std::string tls_key;
    bool https = false;
    std::string public_url;
    std::string public_rtmp_url;
    std::vector<std::string> trusted_proxies;
    std::vector<std::string> cors_origins;

    // What it keeps, and under which key
    std::string data_dir = "data";
    base::Secret database;
    base::Secret encryption_key;

    // Who may do what
    std::string registration = "closed";
    std::string default_role = "broadcaster";
    bool allow_private_addresses = false;
    std::string destination_ports = "80,443,1024-65535";
    std::vector<std::string> dns_servers;
    std::string destination_ca_file;
    base::Secret hook_secret;
    base::Secret metrics_token;

    // Streams
    bool takeover = true;
    std::int64_t grace_s = 60;
    std::int64_t restart_grace_s = 120;
    std::int64_t uplink_kbps = 0;
    std::int64_t flush_window_ms = 100;
    std::int64_t max_destinations = 200;
    std::int64_t max_connections = 12'000;
    std::int64_t max_connections_per_address = 4'000;

    // Watching and replay
    std::int64_t hls_window = 6;
    std::int64_t hls_dvr_s = 0;
    std::int64_t hls_memory_mb = 512;
    std::int64_t memory_mb = 0;
    std::int64_t http_connections = 12'000;
    std::int64_t http_connections_per_address = 2'000;
    std::int64_t recording_keep_days = 0;
    std::int64_t recording_min_free = 10;
    bool recording_delete_oldest = false;
    bool recording_delete_unarchived = false;
    std::string s3_endpoint;
    std::string s3_region = "us-east-1";
    std::string s3_bucket;
    std::string s3_access_key;
    base::Secret s3_secret_key;
    std::string s3_prefix;
    bool s3_path_style = true;

    // The process
    std::int64_t media_threads = 0;
    std::int64_t api_threads = 8;
    std::int64_t requests_per_second = 50;
    std::string log_level = "info";
    std::string log_format = "text";
    std::string log_file;
    bool core_dumps = false;
};

}  // namespace app::config
