// The actual state of one output (a destination of one broadcast), as the engine sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace media {

// The five states the API promises.
enum class OutputState : std::uint8_t { connected, connecting, disconnected, error, unknown };

std::string_view to_string(OutputState state);

// Why an output is not well, fine enough to tell a creator what to do. Stable names, used in the API.
enum class OutputProblem : std::uint8_t {
    none,
    waiting_for_encoder,  // nothing to send yet
    dns_failed,
    address_not_allowed,  // resolves to a private or reserved address
    connection_refused,
    connection_timed_out,
    connection_lost,  // closed or reset while it ran
    tls_failed,       // certificate or host name
    handshake_timed_out,
    protocol_error,
    key_refused,    // the platform said the key is wrong, or closed right after publish again and again
    stalled,        // connected, and takes no bytes
    too_slow,       // takes bytes more slowly than they come: groups of pictures are dropped
    misconfigured,  // cannot even be tried (no URL, bridge missing)
};

std::string_view to_string(OutputProblem problem);

struct OutputMetrics {
    double fps = 0;
    std::int64_t bitrate_kbps = 0;
    std::uint64_t frames_sent = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t frames_dropped = 0;
    std::int64_t queue_ms = 0;
    std::uint64_t queue_bytes = 0;
    double rtt_ms = 0;
    std::int64_t uptime_s = 0;
    // Connections made again after the first one.
    std::uint64_t reconnects = 0;
};

struct OutputStatus {
    std::string broadcast_id;
    std::string stream_id;
    std::string destination_id;
    OutputState state = OutputState::unknown;
    OutputProblem problem = OutputProblem::none;
    // One short clause for people: "retrying in 4 s (attempt 3)", "stalled for 6 s", "refused: bad key".
    std::string detail;
    // The last failure in plain words with what to do; kept after recovery.
    std::string last_error;
    std::optional<base::WallTime> last_error_at;
    std::optional<base::WallTime> connected_at;
    // When it is tried again; nothing while it runs or when it waits for a person.
    std::optional<base::WallTime> next_retry_at;
    // Failed tries in a row.
    std::uint32_t retry_count = 0;
    OutputMetrics metrics;
};

}  // namespace media
