// What the operating routes need from app/: how to tell whether the server is well, its metrics, and its
// address.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace api::rest {

// Something that has to be well before this server should be sent traffic: "database", "rtmp".
struct ReadyCheck {
    std::string name;
    // Called on a worker thread; may block for a second or two.
    std::function<base::Result<>()> check;
    // False: what is told, and no reason to send the traffic elsewhere.
    bool needed = true;
};

// What /healthz, /readyz and /metrics speak of.
struct SystemSettings {
    std::string version = "0.1.0";
    std::vector<ReadyCheck> ready_checks;
    // The Prometheus text; called on a worker thread.
    std::function<std::string()> metrics;
    // With it anybody who shows it may read /metrics; callers on this machine always may.
    base::Secret metrics_token;
    // Where the pages are reached, as links to them are written.
    std::string public_url = "http://localhost:8000";
};

}  // namespace api::rest
