// The demo's cast: server, receivers, encoder, and the account through which all is set up by the real API.
// Members end in the reverse order of their start. Main thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/config/setting.h"
#include "app/demo/demo.h"
#include "app/demo/encoder.h"
#include "app/demo/receiver.h"
#include "app/process/child.h"
#include "app/top/api_client.h"
#include "base/result.h"

namespace app::demo {

inline constexpr int receiver_count = 3;

class Scene {
  public:
    explicit Scene(const Options& options);

    // Everything up to "we are live". An error says what is missing.
    base::Result<> build();
    // Stops the broadcast by the API, then the encoder, the server and the receivers.
    void end();

    top::ApiClient& api() { return *api_; }
    Encoder& encoder() { return *encoder_; }
    std::vector<Receiver>& receivers() { return receivers_; }
    bool server_running() { return server_ && server_->running(); }

    const std::string& server_url() const { return server_url_; }
    const std::string& email() const { return email_; }
    const base::Secret& password() const { return password_; }
    std::filesystem::path server_log() const { return folder_ / "server.log"; }

  private:
    base::Result<> make_folder();
    base::Result<> start_receivers();
    base::Result<> start_server();
    base::Result<> wait_for_server();
    base::Result<> go_live();
    process::Command everycast(std::vector<std::string> arguments) const;

    std::filesystem::path folder_;
    config::HostPort http_;
    config::HostPort rtmp_;
    std::string server_url_;
    std::string email_ = "demo@everycast.example";
    base::Secret password_;
    std::string session_id_;

    std::vector<Receiver> receivers_;
    std::optional<process::Child> server_;
    std::unique_ptr<top::ApiClient> api_;
    std::optional<Encoder> encoder_;
};

}  // namespace app::demo
