// The embedded database: one file in WAL mode, readable by its owner alone. Opened by Store.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "store/connection.h"

namespace store {

// Bounds of the write-ahead log. Past the first the next commit empties it into the database; past the
// second, which a reader that never ends can force, writes are refused, so that the log cannot eat the disk.
inline constexpr std::int64_t wal_checkpoint_bytes = std::int64_t{4} << 20;
inline constexpr std::int64_t wal_restart_bytes = std::int64_t{32} << 20;
inline constexpr std::int64_t max_wal_bytes = std::int64_t{60} << 20;

// Makes the file (0600) if there is none and checks that it is a sound database. The error names the backup
// to restore.
base::Result<> prepare_sqlite_file(const std::filesystem::path& file);

ConnectionFactory sqlite_factory(std::filesystem::path file);

// "<file>-wal"
std::filesystem::path wal_of(const std::filesystem::path& file);
// The backups made before migrations, newest first.
std::vector<std::filesystem::path> backups_of(const std::filesystem::path& file);

}  // namespace store
