// The demo's encoder: ffmpeg with a moving test card and a tone, publishing as OBS would. Main thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/process/child.h"
#include "base/result.h"
#include "base/secret.h"

namespace app::demo {

class Encoder {
  public:
    // `server` is "rtmp://127.0.0.1:1935/live".
    Encoder(std::string server, base::Secret stream_key, std::filesystem::path log);

    // ffmpeg takes the key as part of its URL, so other users of this machine can see it while the demo runs.
    // It is the demo's own key and dies with it; the server itself never shows one.
    base::Result<> start();
    bool running() { return child_ && child_->running(); }
    void stop() { child_.reset(); }

  private:
    std::string server_;
    base::Secret stream_key_;
    std::filesystem::path log_;
    std::optional<process::Child> child_;
};

}  // namespace app::demo
