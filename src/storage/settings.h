// Where objects are kept: one bucket of an S3-compatible store, and how patient we are with it. Plain values.
#pragma once

#include <chrono>
#include <string>

#include "base/secret.h"

namespace storage {

struct StoreSettings {
    std::string endpoint;  // "https://s3.eu-central-1.amazonaws.com", "http://minio:9000"
    std::string region = "us-east-1";
    std::string bucket;
    std::string access_key_id;
    base::Secret secret_key;
    // https://endpoint/bucket/key, as most stores have it; else https://bucket.endpoint/key.
    bool path_style = true;

    std::chrono::milliseconds connect_timeout{10'000};
    // A transfer that moves less than 1 KiB/s for so long is given up.
    std::chrono::milliseconds stall_timeout{30'000};
    // A request from its beginning to its end. What it sends adds the time that it takes at the slowest
    // speed: a slow store is not a dead one.
    std::chrono::milliseconds request_timeout{900'000};
    // The same two for a look whether the store answers at all.
    std::chrono::milliseconds look_connect_timeout{5'000};
    std::chrono::milliseconds look_timeout{10'000};

    // Tries in all, and what is waited between them: doubling, up to the cap, with half of it by chance.
    int tries = 6;
    std::chrono::milliseconds first_delay{500};
    std::chrono::milliseconds longest_delay{30'000};
};

}  // namespace storage
