// Audience: who watches which stream now. Players of HLS are told apart by the viewer ids that they were
// given and show again with each playlist; others count while they are connected. Owned by app/, safe from
// any thread; one who is known costs a lock of a sixteenth of them and no allocation.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/limit_hits.h"
#include "crypto/playback_token.h"

namespace service {

struct Context;

struct AudienceSettings {
    // Who was not heard of for this long is gone.
    std::chrono::milliseconds present{10'000};
    // Viewer ids that are remembered at the same time; more are not counted.
    std::size_t max_players = 200'000;
    // How often peaks and totals are written.
    std::chrono::milliseconds write_interval{10'000};
};

class Audience {
    struct Stream;

  public:
    // One connection that plays; it counts until this goes.
    class Seat {
      public:
        ~Seat();
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        // It stayed long enough to be one of all that came. Once counts; on one thread.
        void stayed();

      private:
        friend class Audience;
        explicit Seat(std::shared_ptr<Stream> stream);
        std::shared_ptr<Stream> stream_;
        bool stayed_ = false;
    };

    Audience(Context& context, base::LimitHits& hits, AudienceSettings settings);

    // For a player that begins: it counts once it comes back with it.
    std::string viewer_id(std::string_view playback_id) const;
    // A player showed `viewer` while it watched this stream. What we did not make for this playback id does
    // not count.
    void seen(std::string_view playback_id, std::string_view viewer, const std::string& stream_id);
    std::unique_ptr<Seat> sit(const std::string& stream_id);

    // About every second, on a thread that may wait for SQL: counts, puts the figures on the board, and
    // writes peaks and totals from time to time.
    void tick();
    // Writes what is not written yet, before the server stops.
    void write_all();

    struct Figures {
        std::size_t players = 0;  // by viewer id, remembered
        std::int64_t seats = 0;
        std::int64_t watching = 0;
    };
    Figures figures() const;

  private:
    static constexpr std::size_t shard_count = 16;
    // A viewer id that is older when it is first seen was counted before it was forgotten, or before a
    // restart.
    static constexpr std::chrono::seconds newcomer{120};

    struct Stream {
        std::atomic<std::int64_t> seats{0};
        // All that ever came.
        std::atomic<std::int64_t> arrivals{0};
        std::int64_t watching = 0;  // of the ticking thread
    };
    struct SessionHash {
        std::size_t operator()(const crypto::PlaybackSession& session) const;
    };
    struct Player {
        std::array<std::uint8_t, 16> signature{};
        std::shared_ptr<Stream> stream;
        base::MonotonicTime last_seen{};
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<crypto::PlaybackSession, Player, SessionHash> players;
    };
    // What is kept of a session that runs.
    struct Show {
        std::string livestream_id;
        std::string stream_id;
        // What was written of them before, by this server or an earlier one.
        std::int64_t session_total = 0;
        std::int64_t livestream_total = 0;
        std::int64_t arrivals_before = 0;
        std::int64_t arrivals = 0;  // since then
        std::int64_t peak = 0;
        bool begun = false;
        bool changed = false;
        base::MonotonicTime write_due{};
    };

    std::shared_ptr<Stream> stream(const std::string& stream_id);
    void count(base::MonotonicTime now);
    void follow(base::MonotonicTime now);
    // False: the store cannot be asked now.
    bool begin(const std::string& session_id, Show& show);
    bool write(const std::string& session_id, const Show& show);

    Context& context_;
    base::LimitHits& hits_;
    const AudienceSettings settings_;
    const crypto::ViewerIds ids_;
    std::array<Shard, shard_count> shards_;
    std::atomic<std::size_t> players_{0};
    mutable std::mutex streams_mutex_;
    std::unordered_map<std::string, std::shared_ptr<Stream>> streams_;
    Figures figures_;         // under streams_mutex_, as the line above
    std::mutex shows_mutex_;  // held over SQL
    std::map<std::string, Show> shows_;
};

}  // namespace service
