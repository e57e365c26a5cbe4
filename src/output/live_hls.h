// Live HLS, for services: what a player asks of a running stream, by file name. Implemented by output/hls,
// safe from any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "media/content.h"

namespace output {

// The files of a stream, as they stand behind /live/{playbackId}/:
//   index.m3u8               the multivariant playlist; says `media.m3u8`, or with `plain` `plain.m3u8`
//   media.m3u8, plain.m3u8   the media playlist, with parts and without
//   {name}.mp4               a media initialization section
//   {msn}.m4s                a segment, {msn}.{part}.m4s a part of one
struct HlsQuestion {
    std::string stream_id;
    std::string file;
    // Of the query, percent-decoded: delivery directives.
    std::optional<std::string> msn = {};
    std::optional<std::string> part = {};
    std::optional<std::string> skip = {};
    // Instead of low latency, for players that stumble over it.
    bool plain = false;
    // Put behind every URI of a playlist, "?…", percent-encoded already: what the next question must show.
    std::string uri_query = {};
    // Behind the URIs of media playlists alone, besides: who asks.
    std::string playlist_query = {};
};

class LiveHls {
  public:
    using Answer = std::function<void(base::Result<media::Content>)>;

    virtual ~LiveHls() = default;
    // Answers once, on any thread, at once or when what is asked for is there (blocking playlist reload, a
    // preloaded part). Errors: not_found (no such stream, or file; gone), bad_request (directives),
    // unavailable (not in time, or no memory is left for another stream).
    virtual void ask(HlsQuestion question, Answer answer) = 0;
};

}  // namespace output
