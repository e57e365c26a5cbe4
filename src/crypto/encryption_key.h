// Finds ENCRYPTION_KEY, or makes one on the first start and keeps it in the data directory, readable by the
// owner alone. Called by app/ at start.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"
#include "base/secret.h"

namespace crypto {

inline constexpr std::size_t min_encryption_key_size = 16;

struct EncryptionKey {
    base::Secret text;
    bool from_settings = false;  // given by the operator
    bool created = false;        // made just now: the operator is told where it lies
    std::filesystem::path file;  // where it was read from or written to; empty when given
};

// A fresh key as text: 64 hexadecimal characters (256 random bits).
base::Secret generate_encryption_key();

// The key given, else the one in `<data_directory>/encryption.key`, else a new one written there (0600,
// atomically). Fails when the given key is shorter than min_encryption_key_size, or the file can be read by
// others or not at all.
base::Result<EncryptionKey> find_encryption_key(const base::Secret& given,
                                                const std::filesystem::path& data_directory);

}  // namespace crypto
