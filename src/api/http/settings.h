// Limits and addresses of the HTTP server. Every bound that protects a connection stands here.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/limit_hits.h"

namespace api::http {

struct ServerSettings {
    std::string listen = "0.0.0.0:8000";  // HOST:PORT; [::]:8000 for IPv6; port 0 takes a free one
    // PEM files. With both set the server speaks HTTPS only.
    std::string certificate_file;
    std::string key_file;

    std::size_t max_header_bytes = 16 * 1024;
    std::size_t max_body_bytes = 1024 * 1024;
    std::size_t max_connections = 12'000;
    // An audience behind one address: a company, a campus, a mobile carrier.
    std::size_t max_connections_per_address = 2'000;
    // Of these, connections that have not asked anything yet: opening them and saying nothing costs nothing.
    std::size_t max_strangers_per_address = 256;
    // File descriptors that are never given to newcomers: the database and destinations need some too.
    std::size_t reserved_descriptors = 64;
    // Addresses that speak for many clients (the operator's proxies) and are not capped. Called on the io
    // thread.
    std::function<bool(std::string_view)> uncapped;

    std::chrono::milliseconds tls_deadline{5'000};
    std::chrono::milliseconds header_deadline{
        10'000};  // from the first byte of a request, or from the accept
    std::chrono::milliseconds body_deadline{30'000};
    std::chrono::milliseconds idle_deadline{60'000};   // between two requests
    std::chrono::milliseconds write_deadline{30'000};  // without a byte that the client takes
    // Threads that read files which are not in memory, and how many of their readers may wait at a time.
    std::size_t reader_threads = 4;
    std::size_t reader_queue = 4'096;
    // How long stop() waits for requests that are being answered.
    std::chrono::milliseconds stop_deadline{5'000};
    // Counts who passes one of these, by its name in everycast_limit{of}. Never null.
    std::shared_ptr<base::LimitHits> hits = std::make_shared<base::LimitHits>();
};

}  // namespace api::http
