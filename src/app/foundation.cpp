#include "app/foundation.h"

#include "app/data_folder.h"
#include "crypto/encryption_key.h"

namespace app {

store::StoreSettings store_settings(const config::Config& config) {
    store::StoreSettings settings;
    settings.url = config.database;
    settings.file = DataFolder::database_file(config.data_dir);
    return settings;
}

base::Result<std::unique_ptr<Foundation>> Foundation::open(const config::Config& config, base::Logger log) {
    auto key = crypto::find_encryption_key(config.encryption_key, config.data_dir);
    if (!key) return base::fail(std::move(key.error()));
    auto clock = std::make_shared<base::SystemClock>();
    auto store = store::Store::open(store_settings(config), key->text, clock, log);
    if (!store) return base::fail(std::move(store.error()));
    return std::unique_ptr<Foundation>(new Foundation(std::move(clock), std::move(log), std::move(*store),
                                                      key->created ? key->file : std::filesystem::path()));
}

Foundation::Foundation(std::shared_ptr<const base::Clock> clock, base::Logger log,
                       std::unique_ptr<store::Store> store, std::filesystem::path new_key_file)
    : clock_(std::move(clock)),
      log_(std::move(log)),
      store_(std::move(store)),
      new_key_file_(std::move(new_key_file)),
      access_tokens_(store_->keys().key(crypto::Purpose::access_token), crypto::JwtSettings{}) {}

service::Context Foundation::context(output::Outputs& outputs, ingest::Ingests& ingests) {
    return {*store_, passwords_, access_tokens_, outputs, ingests, board_, events_, *clock_, log_};
}

}  // namespace app
