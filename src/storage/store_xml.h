// The few documents of S3 that we read and the one that we write. Each is read strictly, within limits, from
// a store that may be anybody's. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace storage {

inline constexpr std::size_t max_document = 1024 * 1024;
inline constexpr std::size_t max_upload_id = 2048;
inline constexpr std::size_t max_etag = 256;
inline constexpr int max_parts = 10'000;  // S3's
inline constexpr std::size_t max_error_text = 300;

// <Error>. Empty members where it does not say; all empty when it is none.
struct StoreProblem {
    std::string code;
    std::string message;  // printable, bounded
    std::string region;
};
StoreProblem read_problem(std::string_view document);

struct UploadedPart {
    int number = 0;
    std::string etag;  // without quotes
    std::uint64_t size = 0;
    friend bool operator==(const UploadedPart&, const UploadedPart&) = default;
};

// One page of <ListPartsResult>.
struct PartsPage {
    std::vector<UploadedPart> parts;  // by rising number
    int next_after = 0;               // 0: this was the last
};

// Errors: malformed, limit_exceeded.
base::Result<std::string> read_upload_id(std::string_view document);
base::Result<PartsPage> read_parts(std::string_view document);
// The ETag of what is whole now.
base::Result<std::string> read_completed(std::string_view document);

std::string write_complete(const std::vector<UploadedPart>& parts);

// Without the quotes around it; empty when it is none that could be sent back.
std::string plain_etag(std::string_view etag);

}  // namespace storage
