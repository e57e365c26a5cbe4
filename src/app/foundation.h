// What every command that works on the data stands on: the encryption key, the database, password hashing,
// tokens. Owned by Server, or by a command of the command line; any thread.
#pragma once

#include <filesystem>
#include <memory>

#include "app/config/config.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "crypto/jwt.h"
#include "crypto/password_hasher.h"
#include "service/context.h"
#include "service/event_hub.h"
#include "service/live_board.h"
#include "store/store.h"

namespace app {

class Foundation {
  public:
    // Opens the database, which migrates it when it is older than this program. The data directory is there.
    static base::Result<std::unique_ptr<Foundation>> open(const config::Config& config, base::Logger log);

    service::Context context(output::Outputs& outputs, ingest::Ingests& ingests);
    store::Store& store() { return *store_; }
    service::LiveBoard& board() { return board_; }
    service::EventHub& events() { return events_; }
    const base::Clock& clock() const { return *clock_; }
    // Where a key lies that was made just now; empty otherwise.
    const std::filesystem::path& new_key_file() const { return new_key_file_; }

  private:
    Foundation(std::shared_ptr<const base::Clock> clock, base::Logger log,
               std::unique_ptr<store::Store> store, std::filesystem::path new_key_file);

    std::shared_ptr<const base::Clock> clock_;
    base::Logger log_;
    std::unique_ptr<store::Store> store_;
    std::filesystem::path new_key_file_;
    crypto::PasswordHasher passwords_;
    crypto::AccessTokens access_tokens_;
    service::LiveBoard board_;
    service::EventHub events_;
};

// "sqlite" in the data directory, or what the setting says.
store::StoreSettings store_settings(const config::Config& config);

}  // namespace app
