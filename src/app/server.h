// Server: the composition root. Makes every part from the settings, connects them, and shuts them down in
// reverse. Owned by serve; used by the main thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "app/config/config.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"

namespace app {

class Server {
  public:
    // Everything listens when this returns. An error says what is in the way and how to mend it.
    static base::Result<std::unique_ptr<Server>> start(const config::Config& config, base::Logger log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Newcomers are refused, encoders are told, platforms get a proper end of stream, requests their answer.
    // Broadcasts are not ended: they go on when the server is started again and the encoder returns.
    void stop();

    // The one-time code for the first admin, while there is none.
    const std::optional<base::Secret>& setup_code() const;
    // Where an encryption key was written that was made just now; empty otherwise.
    const std::filesystem::path& new_key_file() const;

  private:
    struct Parts;
    explicit Server(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace app
