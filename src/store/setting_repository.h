// Settings that outlive a restart and are no configuration: named texts. Owned by Store; any thread.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "store/page.h"

namespace store {

class Database;

class SettingRepository {
  public:
    explicit SettingRepository(Database& database) : database_(database) {}

    base::Result<std::optional<std::string>> find(const std::string& name);
    base::Result<> set(const std::string& name, const std::string& value);
    base::Result<> remove(const std::string& name);
    // Encrypted at rest.
    base::Result<std::optional<base::Secret>> find_secret(const std::string& name);
    base::Result<> set_secret(const std::string& name, const base::Secret& value);

    // The one-time code that makes the first admin (UserRepository::add_with_setup_code). Only a keyed hash
    // is stored; a new code replaces the old one.
    base::Result<> set_setup_code(const base::Secret& code);
    base::Result<bool> has_setup_code();
    base::Result<> remove_setup_code();

  private:
    Database& database_;
};

}  // namespace store
