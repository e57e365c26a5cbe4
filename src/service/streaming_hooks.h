// StreamingHooks: the callbacks with which other RTMP servers use these accounts (nginx-rtmp's on_publish,
// for one). Owned by app/, called from the API's workers; safe from any thread.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "service/settings.h"

namespace service {

class BroadcastService;
class IngestGate;

class StreamingHooks {
  public:
    StreamingHooks(IngestGate& gate, BroadcastService& broadcasts, GateSettings settings);

    // All of them: not_found (`not_found`) when no hook secret is configured; unauthenticated
    // `hook_secret_wrong` when the caller shows another; forbidden `stream_key_refused` for a key that may
    // not publish; rate_limited.
    struct Valid {
        // The livestream or station that the key opens.
        std::string stream_id;
        bool is_station = false;
    };
    base::Result<Valid> validate(const base::Secret& shown, const base::Secret& stream_key,
                                 const std::string& caller_address);
    // The foreign server's encoder came and went: the livestream follows as if it had come here. No media
    // arrives.
    base::Result<Valid> stream_started(const base::Secret& shown, const base::Secret& stream_key,
                                       const std::string& caller_address);
    base::Result<Valid> stream_ended(const base::Secret& shown, const base::Secret& stream_key,
                                     const std::string& caller_address);

  private:
    base::Result<> admit(const base::Secret& shown) const;

    IngestGate& gate_;
    BroadcastService& broadcasts_;
    const GateSettings settings_;
};

}  // namespace service
