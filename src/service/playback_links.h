// Where a stream can be watched, as API answers tell it. Not for logs: a gated show's URLs carry a token. Any
// thread; for the use-cases.
#pragma once

#include <string>

#include "base/clock.h"
#include "crypto/playback_token.h"
#include "service/actor.h"
#include "service/settings.h"
#include "service/stations.h"

namespace service {

struct Context;

class PlaybackLinks {
  public:
    PlaybackLinks(const Context& context, const BroadcastSettings& settings);

    // RTMP takes publishers and players at one address; the playback id names the stream without opening it.
    // `query` is empty, or what query() says.
    Playback of(const std::string& playback_id, const std::string& query = {}) const;
    // What is restricted, for this actor alone, who may watch: with a fresh token.
    Playback of(const std::string& playback_id, bool restricted, const Actor& actor) const;
    std::string flv(const std::string& playback_id, const std::string& query) const;
    std::string poster(const std::string& playback_id, const std::string& query) const;
    // "?token=…" for a playback id, or a recording's id.
    std::string query(const std::string& subject, const std::string& user_id) const;

  private:
    const base::Clock& clock_;
    const std::string web_;
    const std::string rtmp_;
    const crypto::PlaybackTokens tokens_;
};

}  // namespace service
