// Personal API tokens: stored as keyed hashes, shown once. Owned by Store; any thread.
#pragma once

#include "base/result.h"
#include "store/page.h"
#include "store/records.h"

namespace store {

class Database;

class ApiTokenRepository {
  public:
    explicit ApiTokenRepository(Database& database) : database_(database) {}

    base::Result<> add(const ApiToken& record, const base::Secret& token);
    // Nothing when no such token exists; expiry is the caller's to look at.
    base::Result<std::optional<ApiToken>> find(const base::Secret& token);
    base::Result<Page<ApiToken>> list(const Scope& scope, const PageRequest& page);
    // Written at most once a minute per token, so that a busy script costs no write per request.
    base::Result<> record_use(const std::string& id, base::WallTime at);
    base::Result<> remove(const Scope& scope, const std::string& id);

  private:
    Database& database_;
};

}  // namespace store
