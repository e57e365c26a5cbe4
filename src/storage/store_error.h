// What a store's refusal means, and what its owner can do about it. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>

#include "base/result.h"

namespace storage {

struct HttpAnswer {
    long status = 0;
    std::string body = {};
    std::string etag = {};    // as it was sent
    std::string region = {};  // x-amz-bucket-region
    // Encrypted with a key that makes the ETag something else than a digest, whatever it looks like.
    bool opaque_etag = false;
    std::optional<std::uint64_t> content_length = {};
    std::optional<std::chrono::seconds> retry_after = {};
};

struct Failure {
    base::Error error;
    bool worth_another_try = false;
    std::optional<std::chrono::seconds> retry_after = {};
};

// Names, for callers that act on them.
inline constexpr const char* upload_gone = "upload_gone";
inline constexpr const char* digest_differs = "digest_differs";

// Of an answer that is no success, or whose body is an <Error> all the same.
Failure failure_of(const HttpAnswer& answer, const std::string& bucket);

}  // namespace storage
