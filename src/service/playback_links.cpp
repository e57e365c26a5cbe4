#include "service/playback_links.h"

#include "service/context.h"
#include "store/store.h"

namespace service {

PlaybackLinks::PlaybackLinks(const Context& context, const BroadcastSettings& settings)
    : clock_(context.clock),
      web_(settings.public_url + "/live/"),
      rtmp_(settings.rtmp_url + "/"),
      tokens_(context.store.keys().key(crypto::Purpose::playback_token)) {}

Playback PlaybackLinks::of(const std::string& playback_id, const std::string& query) const {
    return {playback_id, web_ + playback_id + "/index.m3u8" + query, rtmp_ + playback_id + query};
}

Playback PlaybackLinks::of(const std::string& playback_id, bool restricted, const Actor& actor) const {
    return of(playback_id, restricted ? query(playback_id, actor.user_id) : std::string());
}

std::string PlaybackLinks::flv(const std::string& playback_id, const std::string& query) const {
    return web_ + playback_id + ".flv" + query;
}

std::string PlaybackLinks::poster(const std::string& playback_id, const std::string& query) const {
    return web_ + playback_id + "/thumbnail.jpg" + query;
}

std::string PlaybackLinks::query(const std::string& subject, const std::string& user_id) const {
    return "?token=" + tokens_.issue(subject, user_id, crypto::random_playback_session(), clock_.wall());
}

}  // namespace service
