// Playback: who may watch what, and what they get. Every question of a player passes here, so it answers from
// memory where it can, and asks the store on a worker where it must. Owned by app/, safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/byte_source.h"
#include "base/result.h"
#include "media/content.h"
#include "service/actor.h"

namespace service {

// What a player shows with each question.
struct Viewer {
    // The `token` of the query; empty where there is none. Only gated and private media ask for it.
    std::string token = {};
    // The `viewer` of the query: the playback session that an answer gave it. Unknown ones are not believed.
    std::string session = {};
    std::string client_address = {};
};

// What a player asks of /live/{playbackId}/{file}, percent-decoded.
struct LiveQuestion {
    std::string playback_id;
    std::string file;
    std::optional<std::string> msn = {};   // _HLS_msn, as it stands there; so the two below
    std::optional<std::string> part = {};  // _HLS_part
    std::optional<std::string> skip = {};  // _HLS_skip
    bool plain = false;                    // without low latency
};

// What a page that plays shows around the player; anybody may ask.
struct PlaybackCard {
    std::string playback_id;
    std::string title;
    std::string description;
    std::string station_name;
    // The encoder is connected now.
    bool live = false;
    // Nothing can come any more: it was cancelled, or is over.
    bool over = false;
    // Only those with a right may watch: the URLs below are there for them alone.
    bool restricted = false;
    std::optional<base::WallTime> scheduled_at = {};
    std::optional<base::WallTime> started_at = {};
    std::int64_t viewer_count = 0;
    std::optional<std::string> hls_url = {};
    std::optional<std::string> flv_url = {};
    std::optional<std::string> thumbnail_url = {};
};

class PlaybackService {
  public:
    using ContentAnswer = std::function<void(base::Result<media::Content>)>;
    using StreamAnswer = std::function<void(base::Result<std::shared_ptr<base::ByteSource>>)>;

    virtual ~PlaybackService() = default;

    // Called on an io thread: returns at once and answers once, on any thread. Errors: not_found for what is
    // not there, not live, or unknown; forbidden `playback_refused` without the right; those of
    // output::LiveHls.
    virtual void live(LiveQuestion question, Viewer viewer, ContentAnswer answer) = 0;
    // The stream as FLV, from the newest keyframe on, until it ends or the right is gone (within 5 s).
    virtual void live_flv(std::string playback_id, Viewer viewer, StreamAnswer answer) = 0;
    // /vod/{assetId}/{file}: index.m3u8, video.mp4, {number}.mp4, thumbnail.jpg, {number}.m3u8.
    virtual void vod(std::string asset_id, std::string file, Viewer viewer, ContentAnswer answer) = 0;

    // May block on SQL. Errors: not_found, also for a private show without the right.
    virtual base::Result<PlaybackCard> card(const Actor& actor, const std::string& playback_id,
                                            const Viewer& viewer) = 0;
};

}  // namespace service
