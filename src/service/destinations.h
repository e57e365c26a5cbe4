// Destinations: the places at platforms that a broadcast is pushed to. Owned by app/, safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "media/output_status.h"
#include "service/actor.h"
#include "service/page.h"
#include "service/rate_limiter.h"
#include "service/settings.h"

namespace store {
struct Destination;
}

namespace service {

struct Context;
class BroadcastService;

// A test opens a connection to wherever the user says: not a tool for scanning. Of one user.
inline constexpr std::size_t tests_per_minute = 20;

enum class EncodeMode : std::uint8_t { copy, transcode };

// How a destination wants its media. In copy mode the numbers are empty.
struct DestinationSettings {
    EncodeMode mode = EncodeMode::copy;
    std::optional<int> video_bitrate_kbps = {};      // 100 to 51,000
    std::optional<int> audio_bitrate_kbps = {};      // 32 to 512
    std::optional<int> width = {};                   // 128 to 8,192, even
    std::optional<int> height = {};                  // 128 to 8,192, even
    std::optional<double> fps = {};                  // 1 to 120
    std::optional<std::string> preset = {};          // x264's: ultrafast … veryslow
    std::optional<double> keyframe_interval_s = {};  // 1 to 10
    bool operator==(const DestinationSettings&) const = default;
};

// A platform's wish that the creator should know, before the show or during it.
struct Advice {
    std::string code;
    // "info", "warning" or "error" (the platform will not take it).
    std::string severity;
    std::string message;
};

struct Destination {
    std::string id;
    std::string owner_id;
    std::string platform;
    std::string name;
    std::string rtmp_url;
    // "••••••••1a2b"; empty when there is no key. The key itself is never read back.
    std::string stream_key_masked;
    std::string bridge_proxy_url;
    std::optional<std::string> station_id;
    bool is_active = true;
    DestinationSettings settings;
    // Tries in a row before it waits for a person; 0: for ever.
    int max_retries = 0;
    media::OutputState last_status = media::OutputState::unknown;
    std::string last_error;
    std::optional<base::WallTime> last_connected_at;
    std::int64_t retry_count = 0;
    std::string playback_url;
    std::string platform_stream_id;
    base::WallTime created_at{};
    base::WallTime updated_at{};
    // Why it would be skipped at go-live; empty when it can be tried.
    std::string not_ready_reason;
    std::vector<Advice> advice;
};

struct NewDestination {
    std::string platform;
    // The platform's own name when empty.
    std::string name = {};
    // The catalogue's first ingest URL when absent.
    std::optional<std::string> rtmp_url = {};
    std::optional<base::Secret> stream_key = {};
    std::optional<std::string> bridge_proxy_url = {};
    std::optional<std::string> station_id = {};
    bool is_active = true;
    DestinationSettings settings = {};
    std::optional<int> max_retries = {};
    std::optional<std::string> playback_url = {};
    std::optional<std::string> platform_stream_id = {};
};

// What is absent stays; an empty text clears an optional one.
struct DestinationChange {
    std::optional<std::string> platform = {};
    std::optional<std::string> name = {};
    std::optional<std::string> rtmp_url = {};
    std::optional<base::Secret> stream_key = {};
    std::optional<std::string> bridge_proxy_url = {};
    std::optional<std::string> station_id = {};
    std::optional<bool> is_active = {};
    // Replaces the settings as a whole.
    std::optional<DestinationSettings> settings = {};
    std::optional<int> max_retries = {};
    std::optional<std::string> playback_url = {};
    std::optional<std::string> platform_stream_id = {};
};

struct DestinationFilter {
    std::string station_id = {};
    std::string platform = {};
};

struct DestinationState {
    std::string destination_id;
    media::OutputState state = media::OutputState::unknown;
    media::OutputProblem problem = media::OutputProblem::none;
    std::string detail;
    std::string last_error;
    std::optional<base::WallTime> last_connected_at;
    std::int64_t retry_count = 0;
    // The broadcast it takes part in now.
    std::optional<std::string> session_id;
    std::optional<media::OutputMetrics> metrics;
};

struct ConnectionTest {
    struct Step {
        // settings (it cannot even be tried), dns, tcp, tls, handshake, connect, publish
        std::string name;
        bool ok = false;
        std::int64_t took_ms = 0;
        std::string message;
    };
    bool ok = false;
    std::vector<Step> steps;
    // The name of the step that failed; empty when all is well.
    std::string failed_step;
    std::string message;
};

class DestinationService {
  public:
    DestinationService(Context& context, BroadcastService& broadcasts, InstanceLimits limits);

    base::Result<Page<Destination>> list(const Actor& actor, const DestinationFilter& filter,
                                         const PageRequest& page);
    base::Result<Destination> find(const Actor& actor, const std::string& id);
    // Errors: invalid_argument with the field; conflict at the limit.
    base::Result<Destination> create(const Actor& actor, const NewDestination& destination);
    // A running broadcast takes the change up at once: it reconnects this destination, and no other.
    base::Result<Destination> update(const Actor& actor, const std::string& id,
                                     const DestinationChange& change);
    // Leaves running broadcasts first.
    base::Result<> remove(const Actor& actor, const std::string& id);
    base::Result<DestinationState> state(const Actor& actor, const std::string& id);
    // Connects up to the point of publishing, publishes nothing. Blocks for at most 15 s. Errors: conflict
    // `destination_in_use` while a broadcast pushes to it, rate_limited when tried too often.
    base::Result<ConnectionTest> test_connection(const Actor& actor, const std::string& id);

  private:
    Destination view(const store::Destination& record) const;

    Context& context_;
    BroadcastService& broadcasts_;
    const InstanceLimits limits_;
    RateLimiter tests_;
};

}  // namespace service
