// What an ingest asks of those above before it lets anybody in. Owned by ingest, implemented by service/,
// injected by app/. Calls may come from any media thread and return at once; the answer is given later, on
// any thread, exactly once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "media/play_permit.h"

namespace ingest {

struct PublishRequest {
    base::Secret stream_key;
    std::string client_address;   // "203.0.113.7:50122"
    std::string client_software;  // unchecked text from the peer
    std::string protocol;         // "rtmp" or "rtmps"
};

struct PublishGrant {
    std::string stream_id;
    // A newcomer with the same key replaces the running encoder (setting `takeover`).
    bool takeover = true;
    // How long outputs stay up without an encoder.
    std::chrono::milliseconds grace{60'000};
};

struct PlayRequest {
    std::string playback_id;
    std::string token;  // playback token, or empty
    std::string client_address;
};

struct PlayGrant {
    std::string stream_id;
    // Held as long as the player is there, which goes when it is revoked; null: until the stream ends.
    std::shared_ptr<const media::PlayPermit> permit = {};
};

class PublishGate {
  public:
    virtual ~PublishGate() = default;
    // An error's message is shown to the encoder's user (NetStream.Publish.BadName); it never tells an
    // unknown key from a wrong one.
    virtual void authorise(PublishRequest request,
                           std::function<void(base::Result<PublishGrant>)> answer) = 0;
    virtual void authorise(PlayRequest request, std::function<void(base::Result<PlayGrant>)> answer) = 0;
};

}  // namespace ingest
