// PostgreSQL by URL. Opened by Store; a lost connection is replaced by Database.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "store/connection.h"

namespace store {

// Whether the URL can be read; nothing is connected. The error holds no part of the URL.
base::Result<> check_postgres_url(const base::Secret& url);

ConnectionFactory postgres_factory(const base::Secret& url);

}  // namespace store
