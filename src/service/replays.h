// Replays, for playback: recordings as players ask for them, by file name. Who may watch was asked before.
// Implemented by the use-cases of recordings; safe from any thread.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "media/content.h"

namespace service {

struct ReplayAccess {
    std::string owner_id;
    // Anybody may watch it; otherwise its owner and admins alone.
    bool open = false;
};

struct ReplayQuestion {
    std::string asset_id;
    // index.m3u8, video.mp4, thumbnail.jpg, {number}.m3u8, {number}.mp4
    std::string file;
    // Put behind every URI of a playlist, "?…", percent-encoded already: what the next question must show.
    std::string uri_query = {};
};

class Replays {
  public:
    using Answer = std::function<void(base::Result<media::Content>)>;

    virtual ~Replays() = default;
    // Returns at once and answers once, on any thread. Errors: not_found; unavailable.
    virtual void ask(ReplayQuestion question, Answer answer) = 0;
    // May block on SQL. Errors: not_found. What it says is remembered for seconds: whoever changes it, or
    // removes the recording, calls LiveBoard::rights_changed().
    virtual base::Result<ReplayAccess> access(const std::string& asset_id) = 0;
};

}  // namespace service
