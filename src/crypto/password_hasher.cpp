#include "crypto/password_hasher.h"

#include <sodium.h>

#include <array>
#include <chrono>
#include <cstdlib>

#include "base/ids.h"
#include "base/limit_hits.h"

namespace crypto {

namespace {

// A request does not wait longer than this for its turn.
constexpr std::chrono::seconds max_wait{10};

tl::unexpected<base::Error> busy() {
    return base::fail(
        base::about_limit("password_hashes_waiting",
                          {base::ErrorCode::rate_limited,
                           "Too many people are signing in at this moment. Try again in a few seconds.",
                           "too_many_logins",
                           {{"retryAfter", "5"}}}));
}

base::Result<base::Secret> make_hash(const base::Secret& password, const PasswordCost& cost) {
    std::array<char, crypto_pwhash_STRBYTES> out{};
    if (crypto_pwhash_str(out.data(), password.reveal().data(), password.size(), cost.passes,
                          cost.memory_bytes) != 0)
        return base::fail(base::ErrorCode::unavailable, "There is not enough memory to check passwords now.");
    return base::Secret(out.data());
}

// The hash of no password at all, put together instead of computed: it costs nothing at the start, and as
// much as any other to check a password against.
base::Secret make_decoy(const PasswordCost& cost) {
    constexpr std::size_t salt_bytes = crypto_pwhash_SALTBYTES;
    constexpr std::size_t hash_bytes = 32;
    const auto draw = [](std::size_t size) {
        constexpr int variant = sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
        const base::Bytes bytes = base::random_bytes(size);
        std::string text(sodium_base64_encoded_len(size, variant), '\0');
        sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
        text.pop_back();  // the zero at its end
        return text;
    };
    return base::Secret("$argon2id$v=19$m=" + std::to_string(cost.memory_bytes / 1024) + ",t=" +
                        std::to_string(cost.passes) + ",p=1$" + draw(salt_bytes) + "$" + draw(hash_bytes));
}

}  // namespace

// One of the places in the pool, taken for as long as it lives.
class PasswordHasher::Turn {
  public:
    explicit Turn(PasswordHasher& pool) : pool_(pool) {
        std::unique_lock lock(pool_.mutex_);
        const auto free = [this] { return pool_.running_ < pool_.settings_.max_running; };
        if (!free()) {
            if (pool_.waiting_ >= pool_.settings_.max_waiting) return;
            ++pool_.waiting_;
            const bool got_one = pool_.freed_.wait_for(lock, max_wait, free);
            --pool_.waiting_;
            if (!got_one) return;
        }
        ++pool_.running_;
        taken_ = true;
    }
    ~Turn() {
        if (!taken_) return;
        {
            const std::lock_guard lock(pool_.mutex_);
            --pool_.running_;
        }
        pool_.freed_.notify_one();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    bool taken() const { return taken_; }

  private:
    PasswordHasher& pool_;
    bool taken_ = false;
};

PasswordHasher::PasswordHasher(PasswordHasherSettings settings) : settings_(settings) {
    if (sodium_init() < 0) std::abort();
    decoy_ = make_decoy(settings_.cost);
}

base::Result<base::Secret> PasswordHasher::hash(const base::Secret& password) {
    if (password.size() > max_password_size)
        return base::fail({base::ErrorCode::invalid_argument,
                           "A password may have at most 1024 bytes.",
                           {},
                           {{"field", "password"}}});
    const Turn turn(*this);
    if (!turn.taken()) return busy();
    return make_hash(password, settings_.cost);
}

base::Result<bool> PasswordHasher::verify(const base::Secret& password, const base::Secret& hash) {
    if (password.size() > max_password_size) return false;
    const Turn turn(*this);
    if (!turn.taken()) return busy();
    const base::Secret& against = hash.empty() ? decoy_ : hash;
    const bool same =
        crypto_pwhash_str_verify(against.reveal().c_str(), password.reveal().data(), password.size()) == 0;
    return same && !hash.empty();
}

bool PasswordHasher::needs_rehash(const base::Secret& hash) const {
    return crypto_pwhash_str_needs_rehash(hash.reveal().c_str(), settings_.cost.passes,
                                          settings_.cost.memory_bytes) != 0;
}

}  // namespace crypto
