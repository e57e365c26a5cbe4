#include "store/migrations/migrations.h"

namespace store::migrations {

namespace {

constexpr Sql statements[] = {
    "ALTER TABLE livestreams ADD COLUMN visibility TEXT NOT NULL DEFAULT 'public' "
    "CHECK (visibility IN ('public', 'unlisted', 'private'))",
};

}  // namespace

const Migration visibility{7, "visibility", statements};

}  // namespace store::migrations
