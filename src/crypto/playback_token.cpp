#include "crypto/playback_token.h"

#include <openssl/crypto.h>
#include <sodium.h>

#include <algorithm>

#include "base/ids.h"
#include "crypto/keyed_hash.h"

namespace crypto {

namespace {

constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
// The first byte of what is signed and sent: neither is ever taken for the other.
constexpr std::uint8_t token_kind = 1;
constexpr std::uint8_t viewer_kind = 2;
// In front of a token's text: it is no JWT, and looks like none.
constexpr std::string_view token_mark = "pt1.";
constexpr std::size_t signature_size = 16;  // 128 bits of HMAC-SHA256 (RFC 2104 §5)
constexpr std::size_t time_size = 4;
constexpr std::size_t session_size = std::tuple_size_v<PlaybackSession>;
constexpr std::size_t head_size = 1 + time_size + session_size;
constexpr std::size_t viewer_size = head_size + signature_size;
constexpr std::size_t max_user_id = 64;
constexpr std::size_t max_token_bytes = head_size + max_user_id + signature_size;
// A clock that was set back a little since it was made.
constexpr std::chrono::seconds leeway{60};

std::uint32_t seconds_of(base::WallTime time) {
    return static_cast<std::uint32_t>(
        std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
}

void put_time(base::Bytes& to, std::uint32_t seconds) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(seconds >> shift));
}

std::uint32_t time_at(base::ByteView bytes) {
    std::uint32_t seconds = 0;
    for (const std::uint8_t byte : bytes.first(time_size)) seconds = seconds << 8 | byte;
    return seconds;
}

std::string text_of(base::ByteView bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
    text.pop_back();  // its zero
    return text;
}

// Into `to`, which is large enough for whatever is not too long; a text has one spelling only.
std::size_t bytes_of(std::string_view text, std::span<std::uint8_t> to) {
    std::size_t size = 0;
    if (sodium_base642bin(to.data(), to.size(), text.data(), text.size(), nullptr, &size, nullptr, variant) !=
        0)
        return 0;
    return size;
}

// The subject's length stands before it, so that no subject and body run into another pair.
base::Bytes sign(const base::Secret& key, std::string_view subject, base::ByteView body) {
    std::string text;
    text.reserve(2 + subject.size() + body.size());
    text += static_cast<char>(subject.size() >> 8);
    text += static_cast<char>(subject.size());
    text += subject;
    text += base::as_text(body);
    base::Bytes signature = hmac_sha256(key, text);
    signature.resize(signature_size);
    return signature;
}

base::Bytes head(std::uint8_t kind, std::uint32_t seconds, const PlaybackSession& session) {
    base::Bytes bytes;
    bytes.reserve(max_token_bytes);
    bytes.push_back(kind);
    put_time(bytes, seconds);
    base::append(bytes, session);
    return bytes;
}

}  // namespace

bool same_bytes(base::ByteView a, base::ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

PlaybackSession random_playback_session() {
    PlaybackSession session;
    randombytes_buf(session.data(), session.size());
    return session;
}

std::string PlaybackTokens::issue(std::string_view subject, const std::string& user_id,
                                  const PlaybackSession& session, base::WallTime now,
                                  std::chrono::seconds life) const {
    life = std::clamp(life, std::chrono::seconds(1), max_playback_token_life);
    base::Bytes bytes = head(token_kind, seconds_of(now + life), session);
    base::append(bytes, base::as_bytes(user_id));
    base::append(bytes, sign(key_, subject, bytes));
    return std::string(token_mark) + text_of(bytes);
}

std::optional<PlaybackClaims> PlaybackTokens::read(std::string_view subject, std::string_view token,
                                                   base::WallTime now) const {
    if (token.size() > max_playback_token_size || !token.starts_with(token_mark)) return std::nullopt;
    token.remove_prefix(token_mark.size());
    std::array<std::uint8_t, max_token_bytes> buffer;
    const std::size_t size = bytes_of(token, buffer);
    if (size <= head_size + signature_size || buffer[0] != token_kind) return std::nullopt;
    const base::ByteView bytes = base::ByteView(buffer).first(size);
    const base::ByteView body = bytes.first(size - signature_size);
    if (!same_bytes(sign(key_, subject, body), bytes.last(signature_size))) return std::nullopt;
    PlaybackClaims claims;
    claims.expires_at = base::WallTime(std::chrono::seconds(time_at(body.subspan(1))));
    if (claims.expires_at > now + max_playback_token_life + leeway) return std::nullopt;
    std::copy_n(body.begin() + 1 + time_size, session_size, claims.session.begin());
    claims.user_id = base::as_text(body.subspan(head_size));
    return claims;
}

std::string ViewerIds::issue(std::string_view playback_id, base::WallTime now) const {
    base::Bytes bytes = head(viewer_kind, seconds_of(now), random_playback_session());
    base::append(bytes, sign(key_, playback_id, bytes));
    return text_of(bytes);
}

std::optional<ViewerId> ViewerIds::parse(std::string_view text) {
    std::array<std::uint8_t, viewer_size> bytes;
    if (bytes_of(text, bytes) != viewer_size || bytes[0] != viewer_kind) return std::nullopt;
    ViewerId id;
    id.issued_s = time_at(base::ByteView(bytes).subspan(1));
    std::copy_n(bytes.begin() + 1 + time_size, session_size, id.session.begin());
    std::copy_n(bytes.begin() + head_size, signature_size, id.signature.begin());
    return id;
}

bool ViewerIds::is_ours(std::string_view playback_id, const ViewerId& id) const {
    const base::Bytes body = head(viewer_kind, id.issued_s, id.session);
    return same_bytes(sign(key_, playback_id, body), id.signature);
}

}  // namespace crypto
