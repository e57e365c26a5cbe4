// PlaybackSessions: who plays what is not open to everybody. A token opens a session while it is fresh; the
// session stays as long as somebody polls it, and then an old token is as good as a new one, since a player
// keeps the URL that it began with for hours. A recording is paused, too: its session stays for half a day,
// for the network that opened it. Whether the right still stands is asked elsewhere. Owned by PlaybackDesk,
// safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/limit_hits.h"
#include "base/result.h"
#include "crypto/playback_token.h"

namespace service {

struct PlaybackSessionSettings {
    // A session that nobody asked with for this long is over.
    std::chrono::milliseconds silence{30'000};
    // The same for what can be paused, where the token is shown from the network that opened the session.
    std::chrono::milliseconds pause = std::chrono::hours(12);
    // Playlists carry a token that is at most this old.
    std::chrono::milliseconds renewal{60'000};
    std::size_t max_sessions = 50'000;
    // The one that was silent longest makes way for one more.
    std::size_t max_per_user = 32;
};

class PlaybackSessions {
  public:
    // `hits` and `clock` outlive it.
    PlaybackSessions(const base::Secret& key, const base::Clock& clock, base::LimitHits& hits,
                     PlaybackSessionSettings settings);

    // Whom a token is for. Errors: forbidden `playback_refused` for what is no token of ours for this subject
    // (a playback id, or the id of a recording), `playback_token_expired` for one whose session is not open.
    // `network`: the viewer's, where it is of something that can be paused; empty otherwise.
    base::Result<crypto::PlaybackClaims> read(std::string_view subject, std::string_view token,
                                              const std::string& network = {}) const;
    // Once the right was found to stand: the session is open for another while. Answers the token to show
    // next. Errors: unavailable when there are too many.
    base::Result<std::string> keep(std::string_view subject, const crypto::PlaybackClaims& claims,
                                   const std::string& network = {});

    // Forgets those that are over. About every second.
    void sweep();
    std::size_t count() const;

  private:
    struct Hash {
        std::size_t operator()(const crypto::PlaybackSession& session) const;
    };
    struct Session {
        std::string subject;
        std::string user_id;
        std::string network;
        base::MonotonicTime last_seen{};
        std::string token;
        base::MonotonicTime token_made{};
    };
    using Sessions = std::unordered_map<crypto::PlaybackSession, Session, Hash>;

    bool is_silent(const Session& session, base::MonotonicTime now) const;
    bool over(const Session& session, base::MonotonicTime now) const;
    Sessions::iterator erase(Sessions::iterator session);
    void make_room_for(const std::string& user_id);
    void sweep_locked(base::MonotonicTime now, bool with_paused);

    const crypto::PlaybackTokens tokens_;
    const base::Clock& clock_;
    base::LimitHits& hits_;
    const PlaybackSessionSettings settings_;
    mutable std::mutex mutex_;
    Sessions sessions_;
    std::unordered_map<std::string, std::vector<crypto::PlaybackSession>> by_user_;
    base::MonotonicTime swept_{};
};

// Why a token is not taken; the page that plays asks for another then.
base::Error playback_refused();
base::Error playback_token_expired();

}  // namespace service
