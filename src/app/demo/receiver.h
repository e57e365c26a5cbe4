// One of the demo's platforms: an nginx of its own with the RTMP module, on a port of its own, and pictures
// taken of what it receives. Main thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "app/process/child.h"
#include "base/result.h"
#include "base/secret.h"

namespace app::demo {

class Receiver {
  public:
    // Makes its folder and configuration under `folder`; start() runs it.
    static base::Result<Receiver> make(int number, std::uint16_t port, const std::filesystem::path& folder);

    base::Result<> start();
    // As a platform's server dies: without a word to its clients.
    void fail();
    void stop();
    bool running() { return server_ && server_->running(); }

    // Begins to take one picture of what arrives, by playing the stream as a viewer would.
    void take_picture();
    // True once after each picture that was taken.
    bool picture_arrived();
    std::uint64_t pictures() const { return pictures_; }

    const std::string& name() const { return name_; }
    std::string url() const;
    const base::Secret& stream_key() const { return stream_key_; }
    const std::filesystem::path& picture() const { return picture_; }
    // Why the last start failed, from its own log.
    std::filesystem::path log() const { return folder_ / "error.log"; }

  private:
    Receiver(int number, std::uint16_t port, const std::filesystem::path& folder);

    std::string name_;
    std::uint16_t port_;
    std::filesystem::path folder_;
    std::filesystem::path picture_;
    base::Secret stream_key_;
    std::optional<process::Child> server_;
    std::optional<process::Child> camera_;
    std::uint64_t pictures_ = 0;
};

}  // namespace app::demo
