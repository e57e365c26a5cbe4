// Settings of the use-cases, filled in by app/ and passed in by value.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/secret.h"
#include "service/actor.h"

namespace service {

enum class Registration : std::uint8_t { closed, open };

struct AccountSettings {
    Registration registration = Registration::closed;
    Role default_role = Role::broadcaster;
    std::chrono::seconds access_lifetime{15 * 60};
    std::chrono::seconds refresh_lifetime{30 * 24 * 3600};
    // How long a rotated refresh token is answered as "somebody else just refreshed" instead of as theft: two
    // tabs of one browser that wake together are no thief.
    std::chrono::seconds refresh_reuse_leeway{10};
    // Failed logins within `failure_window` before an account or an address has to wait.
    std::size_t failures_per_account = 10;
    std::size_t failures_per_address = 50;
    std::chrono::seconds failure_window{15 * 60};
    std::size_t registrations_per_address = 10;
    std::size_t max_api_tokens_per_user = 50;
};

struct InstanceLimits {
    std::size_t stations_per_user = 50;
    std::size_t destinations_per_user = 200;
    std::size_t profiles_per_user = 100;
    // Livestreams that are scheduled or live.
    std::size_t open_livestreams_per_user = 200;
    std::size_t destinations_per_broadcast = 200;
};

struct BroadcastSettings {
    // What a creator types into the encoder, without the key: "rtmp://host:1935/live".
    std::string rtmp_url = "rtmp://localhost:1935/live";
    // Where the pages and the API are reached: "http://localhost:8000".
    std::string public_url = "http://localhost:8000";
    // How long outputs stay up without an encoder.
    std::chrono::seconds grace{60};
    // How long a broadcast that was running when the server stopped waits for its encoder to come back.
    std::chrono::seconds restart_grace{120};
    // Destinations may be private and loopback addresses.
    bool allow_private_addresses = false;
    // What the link carries, for the bandwidth advice; 0: not known.
    std::int64_t uplink_kbps = 0;
    // How long a destination's bytes may wait to be sent together.
    std::chrono::milliseconds flush_window{100};
    // How often health is computed even when nothing was reported.
    std::chrono::seconds health_interval{10};
};

struct GateSettings {
    // Wrong keys an address may show within a minute before it is made to wait.
    std::size_t failures_per_minute = 10;
    std::chrono::milliseconds failure_delay{3'000};
    bool takeover = true;
    std::chrono::milliseconds grace{60'000};
    // What other RTMP servers show on /api/v1/streaming/*; empty: those routes do not exist.
    base::Secret hook_secret = {};
};

}  // namespace service
