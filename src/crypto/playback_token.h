// What players show in their URLs: playback tokens, which carry a right for minutes, and viewer ids, which
// carry none and only tell one player from another. Both are signed and bound to a playback id; neither is a
// JWT. Immutable, any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/secret.h"

namespace crypto {

// Whoever goes on playing is known by this.
using PlaybackSession = std::array<std::uint8_t, 12>;
PlaybackSession random_playback_session();

inline constexpr std::chrono::seconds max_playback_token_life{5 * 60};
inline constexpr std::size_t max_playback_token_size = 200;

struct PlaybackClaims {
    std::string user_id;
    PlaybackSession session{};
    base::WallTime expires_at{};
};

class PlaybackTokens {
  public:
    // `key` is KeyRing::key(Purpose::playback_token).
    explicit PlaybackTokens(base::Secret key) : key_(std::move(key)) {}

    // For `subject`: a playback id, or the id of a recording. Letters, digits, '-', '_' and '.' alone, so
    // that a URL carries it as it is.
    std::string issue(std::string_view subject, const std::string& user_id, const PlaybackSession& session,
                      base::WallTime now, std::chrono::seconds life = max_playback_token_life) const;
    // Nothing on anything wrong: shape, signature, another subject, a life that is too long. Whether it has
    // expired is for the caller to see: one who goes on playing may show an old one.
    std::optional<PlaybackClaims> read(std::string_view subject, std::string_view token,
                                       base::WallTime now) const;

  private:
    base::Secret key_;
};

// As it stands in a viewer id: when it was made, who it is, and the signature.
struct ViewerId {
    PlaybackSession session{};
    std::uint32_t issued_s = 0;  // since 1970
    std::array<std::uint8_t, 16> signature{};
};

class ViewerIds {
  public:
    // `key` is KeyRing::key(Purpose::viewer_id).
    explicit ViewerIds(base::Secret key) : key_(std::move(key)) {}

    std::string issue(std::string_view playback_id, base::WallTime now) const;
    // Its parts, not yet believed; nothing when it has another shape. Allocates nothing.
    static std::optional<ViewerId> parse(std::string_view text);
    bool is_ours(std::string_view playback_id, const ViewerId& id) const;

  private:
    base::Secret key_;
};

// Takes the same time wherever the two differ.
bool same_bytes(base::ByteView a, base::ByteView b);

}  // namespace crypto
