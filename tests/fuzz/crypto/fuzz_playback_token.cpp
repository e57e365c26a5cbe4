// Playback tokens and viewer ids. The first byte says what the rest is: a text as it came, or the body of a
// token that is signed with the right key, so that what stands behind the signature is reached too.
#include <sodium.h>

#include <string>

#include "base/bytes.h"
#include "crypto/keyed_hash.h"
#include "crypto/playback_token.h"
#include "fuzz/require.h"
#include "fuzz/surroundings.h"

using namespace crypto;

namespace {

const base::WallTime now{std::chrono::seconds(1'800'000'000)};
constexpr std::string_view subject = "4wPZx0N2mQe7RkT1yUvB3c";
constexpr std::uint8_t is_body = 1;

const base::Secret& key() {
    static const base::Secret secret(std::string(32, 'k'));
    return secret;
}

std::string base64url(base::ByteView bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    text.pop_back();
    return text;
}

std::string signed_body(base::ByteView body) {
    std::string text{'\0', static_cast<char>(subject.size())};
    text += subject;
    text += base::as_text(body);
    base::Bytes bytes(body.begin(), body.end());
    base::Bytes signature = hmac_sha256(key(), text);
    signature.resize(16);
    base::append(bytes, signature);
    return base64url(bytes);
}

void check_token(std::string_view text) {
    static const PlaybackTokens tokens(key());
    const auto claims = tokens.read(subject, text, now);
    if (!claims) return;
    fuzz::require(text.size() <= max_playback_token_size && !claims->user_id.empty());
    fuzz::require(claims->expires_at <= now + max_playback_token_life + std::chrono::minutes(1));
    fuzz::require(!tokens.read("another", text, now));
    const auto again =
        tokens.read(subject, tokens.issue(subject, claims->user_id, claims->session, now), now);
    fuzz::require(again && again->user_id == claims->user_id && again->session == claims->session);
}

void check_viewer(std::string_view text) {
    static const ViewerIds ids(key());
    const auto id = ViewerIds::parse(text);
    if (!id) return;
    fuzz::require(text.size() == 44);
    fuzz::require(!ids.is_ours("another", *id) || !ids.is_ours(subject, *id));
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    fuzz::without_chance();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const base::ByteView rest{data + 1, size - 1};
    const std::string text = data[0] & is_body ? signed_body(rest) : std::string(base::as_text(rest));
    check_token(text);
    check_token("pt1." + text);
    check_viewer(text);
    return 0;
}
