#include "service/playback_sessions.h"

#include <algorithm>
#include <cstring>

namespace service {

base::Error playback_refused() {
    return {base::ErrorCode::forbidden,
            "This is not open to everybody: sign in, and open its page again if you may watch it.",
            "playback_refused"};
}

base::Error playback_token_expired() {
    return {base::ErrorCode::forbidden,
            "The playback token has expired: ask for a new one, as reloading the page does.",
            "playback_token_expired"};
}

std::size_t PlaybackSessions::Hash::operator()(const crypto::PlaybackSession& session) const {
    std::size_t hash = 0;
    std::memcpy(&hash, session.data(), sizeof hash);
    return hash;
}

PlaybackSessions::PlaybackSessions(const base::Secret& key, const base::Clock& clock, base::LimitHits& hits,
                                   PlaybackSessionSettings settings)
    : tokens_(key), clock_(clock), hits_(hits), settings_(settings) {}

bool PlaybackSessions::is_silent(const Session& session, base::MonotonicTime now) const {
    return now - session.last_seen > settings_.silence;
}

bool PlaybackSessions::over(const Session& session, base::MonotonicTime now) const {
    return is_silent(session, now) && (session.network.empty() || now - session.last_seen > settings_.pause);
}

base::Result<crypto::PlaybackClaims> PlaybackSessions::read(std::string_view subject, std::string_view token,
                                                            const std::string& network) const {
    const auto wall = clock_.wall();
    auto claims = tokens_.read(subject, token, wall);
    if (!claims) return base::fail(playback_refused());
    if (claims->expires_at > wall) return std::move(*claims);
    const auto now = clock_.now();
    const std::lock_guard lock(mutex_);
    const auto open = sessions_.find(claims->session);
    if (open == sessions_.end() || over(open->second, now) || open->second.user_id != claims->user_id ||
        open->second.subject != subject || (is_silent(open->second, now) && open->second.network != network))
        return base::fail(playback_token_expired());
    return std::move(*claims);
}

base::Result<std::string> PlaybackSessions::keep(std::string_view subject,
                                                 const crypto::PlaybackClaims& claims,
                                                 const std::string& network) {
    const auto now = clock_.now();
    const std::lock_guard lock(mutex_);
    auto session = sessions_.find(claims.session);
    if (session == sessions_.end()) {
        if (sessions_.size() >= settings_.max_sessions) sweep_locked(now, true);
        if (sessions_.size() >= settings_.max_sessions) {
            hits_.add("playback_sessions");
            return base::fail(base::ErrorCode::unavailable,
                              "Too many are watching what is not open to everybody: try again in a moment.");
        }
        make_room_for(claims.user_id);
        session = sessions_.try_emplace(claims.session).first;
        session->second.subject = subject;
        session->second.user_id = claims.user_id;
        session->second.network = network;
        by_user_[claims.user_id].push_back(claims.session);
    } else if (session->second.subject != subject || session->second.user_id != claims.user_id) {
        return base::fail(playback_refused());
    }
    Session& open = session->second;
    open.last_seen = now;
    if (open.token.empty() || now - open.token_made >= settings_.renewal) {
        open.token = tokens_.issue(subject, claims.user_id, claims.session, clock_.wall());
        open.token_made = now;
    }
    return open.token;
}

PlaybackSessions::Sessions::iterator PlaybackSessions::erase(Sessions::iterator session) {
    const auto user = by_user_.find(session->second.user_id);
    std::erase(user->second, session->first);
    if (user->second.empty()) by_user_.erase(user);
    return sessions_.erase(session);
}

void PlaybackSessions::make_room_for(const std::string& user_id) {
    const auto user = by_user_.find(user_id);
    if (user == by_user_.end() || user->second.size() < settings_.max_per_user) return;
    const auto oldest = std::ranges::min_element(user->second, {}, [&](const crypto::PlaybackSession& id) {
        return sessions_.find(id)->second.last_seen;
    });
    hits_.add("playback_sessions_per_user");
    erase(sessions_.find(*oldest));
}

void PlaybackSessions::sweep_locked(base::MonotonicTime now, bool with_paused) {
    // A flood of newcomers must not make each of them walk over all.
    if (now - swept_ < std::chrono::milliseconds(500)) return;
    swept_ = now;
    for (auto at = sessions_.begin(); at != sessions_.end();)
        at = (with_paused ? is_silent(at->second, now) : over(at->second, now)) ? erase(at) : std::next(at);
}

void PlaybackSessions::sweep() {
    const std::lock_guard lock(mutex_);
    sweep_locked(clock_.now(), false);
}

std::size_t PlaybackSessions::count() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
}

}  // namespace service
