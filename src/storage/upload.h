// Brings one local file into a bucket: in one piece, or in parts that need not be sent again after a stop or
// a crash. Blocks; one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "storage/client.h"

namespace storage {

// S3's limits allow 5 MiB and more; 10,000 of them.
inline constexpr std::uint64_t smallest_part = 8ULL << 20;
inline constexpr std::uint64_t largest_part = 64ULL << 20;
inline constexpr std::uint64_t max_object_size = largest_part * max_parts;

struct UploadJob {
    std::filesystem::path file;  // nobody changes it meanwhile
    std::string key;
    ObjectHeaders headers = {};
    // Of an upload that was begun before, with the same file; empty: none.
    std::string upload_id = {};
};

struct UploadProgress {
    std::string key;
    std::uint64_t sent = 0;  // bytes that the store has, those of before included
    std::uint64_t size = 0;
};

struct UploadSettings {
    // Smaller files go in one piece; larger parts are taken where there would be too many.
    std::uint64_t part_size = 16ULL << 20;
};

struct UploadHooks {
    // An upload in parts has begun: keep its id before a part is sent. False: it cannot be kept, give up.
    std::function<bool(const std::string& upload_id)> begun = {};
    std::function<void(const UploadProgress&)> progress = {};
};

struct Uploaded {
    ObjectInfo object;
    // The store's digest of the whole was compared. Else (it keeps another kind of ETag) its size, and that
    // it took every part by its digest.
    bool digest_compared = false;
    std::uint64_t reused_parts = 0;
};

// 0 for what is too large to be kept.
std::uint64_t part_size_for(std::uint64_t file_size, std::uint64_t wanted);

// Says so only when the store has the whole file: size and digest were looked at after the end. Errors: the
// client's, and not_found or internal for the file. A lost upload (upload_gone) begins anew by itself, once.
base::Result<Uploaded> upload_file(Client& client, const UploadJob& job, const UploadSettings& settings,
                                   const UploadHooks& hooks);

}  // namespace storage
