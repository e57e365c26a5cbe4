// MediaHandler: playlists, segments, recordings and FLV for players, of any site. It answers on the io thread
// what the service has at hand, and everything else when it comes. Owned by api::Server; the service and the
// clock outlive it.
//
// GET, HEAD, OPTIONS  /live/{playbackId}/{file}   HLS
// GET, HEAD, OPTIONS  /live/{playbackId}.flv      FLV in chunks, or with Upgrade: websocket in messages
// GET, HEAD, OPTIONS  /vod/{assetId}/{file}       recordings
#pragma once

#include <functional>

#include "api/http/path_handler.h"
#include "api/http/request_record.h"
#include "api/media/media_path.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "service/playback.h"

namespace api::media {

class MediaHandler final : public http::PathHandler {
  public:
    // `observe` may be empty.
    MediaHandler(service::PlaybackService& playback, const base::Clock& clock, base::Logger log,
                 http::Observe observe);

    // Any path that is_media_path() knows.
    void handle(http::Request request, http::Reply reply) override;

  private:
    struct Call;
    using CallPtr = std::shared_ptr<Call>;

    void play_flv(std::string id, service::Viewer viewer, const http::Request& request, CallPtr call);
    void fail(const Call& call, const base::Error& error) const;
    void finish(const Call& call, http::Response response) const;

    service::PlaybackService& playback_;
    const base::Clock& clock_;
    const base::Logger log_;
    const http::Observe observe_;
};

}  // namespace api::media
