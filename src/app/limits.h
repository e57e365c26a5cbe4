// Every bound of the server by its name and value in force, as everycast_limit{of} shows it: the one table
// that docs/security.md is held against. Filled once at the start from what the parts were given.
#pragma once

#include <string_view>
#include <vector>

#include "api/settings.h"
#include "hub/stream.h"
#include "ingest/rtmp/server.h"
#include "net/dialer.h"
#include "output/hls/settings.h"
#include "output/player/flv_players.h"
#include "output/player/rtmp_players.h"
#include "output/rtmp/supervisor.h"
#include "service/playback_desk.h"
#include "service/settings.h"

namespace app {

// Questions that wait for the gate.
inline constexpr std::size_t gate_queue = 1'024;
// SIGTERM to exit, whatever hangs.
inline constexpr std::chrono::milliseconds shutdown_deadline{4'900};

struct Limit {
    enum class Unit { count, bytes, seconds };
    // Whether it is counted when somebody reaches it. The others shape what is done, or are kept to by
    // ourselves.
    enum class Counted { no, yes };

    std::string_view of;
    double value;
    Unit unit;
    Counted counted;
};

// What the parts were given, where it is not a constant.
struct LimitSettings {
    ingest::rtmp::ServerSettings rtmp;
    output::rtmp::SupervisorSettings outputs;
    output::player::PlayerSettings players;
    net::DialerSettings dialer;
    api::Settings api;
    service::AccountSettings accounts;
    service::InstanceLimits instance;
    service::GateSettings gate;
    output::hls::Settings hls = {};
    output::player::FlvPlayerSettings flv = {};
    service::PlaybackSettings playback = {};
    std::uint64_t memory = 0;
};

std::vector<Limit> limits(const LimitSettings& settings);

}  // namespace app
