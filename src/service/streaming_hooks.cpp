#include "service/streaming_hooks.h"

#include "service/broadcasts.h"
#include "service/ingest_gate.h"

namespace service {

StreamingHooks::StreamingHooks(IngestGate& gate, BroadcastService& broadcasts, GateSettings settings)
    : gate_(gate), broadcasts_(broadcasts), settings_(std::move(settings)) {}

base::Result<> StreamingHooks::admit(const base::Secret& shown) const {
    if (settings_.hook_secret.empty())
        return base::fail({base::ErrorCode::not_found, "There is nothing here.", "not_found"});
    if (!(shown == settings_.hook_secret))
        return base::fail(
            {base::ErrorCode::unauthenticated, "The hook secret is missing or wrong.", "hook_secret_wrong"});
    return {};
}

base::Result<StreamingHooks::Valid> StreamingHooks::validate(const base::Secret& shown,
                                                             const base::Secret& stream_key,
                                                             const std::string& caller_address) {
    if (const auto in = admit(shown); !in) return base::fail(in.error());
    const auto grant = gate_.check(stream_key, caller_address);
    if (grant) return Valid{grant->stream_id, grant->stream_id.starts_with("st_")};
    if (grant.error().code != base::ErrorCode::refused) return base::fail(grant.error());
    return base::fail({base::ErrorCode::forbidden, grant.error().message, "stream_key_refused"});
}

base::Result<StreamingHooks::Valid> StreamingHooks::stream_started(const base::Secret& shown,
                                                                   const base::Secret& stream_key,
                                                                   const std::string& caller_address) {
    const auto valid = validate(shown, stream_key, caller_address);
    if (!valid || valid->is_station) return valid;
    if (const auto started = broadcasts_.external_started(valid->stream_id); !started)
        return base::fail(started.error());
    return valid;
}

base::Result<StreamingHooks::Valid> StreamingHooks::stream_ended(const base::Secret& shown,
                                                                 const base::Secret& stream_key,
                                                                 const std::string& caller_address) {
    const auto valid = validate(shown, stream_key, caller_address);
    if (!valid || valid->is_station) return valid;
    if (const auto ended = broadcasts_.external_ended(valid->stream_id); !ended)
        return base::fail(ended.error());
    return valid;
}

}  // namespace service
