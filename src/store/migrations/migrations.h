// The steps that made the database what it is, oldest first. A step that was released is never edited: what
// must change becomes a new one. The SQL is what SQLite and PostgreSQL both understand: TEXT and BIGINT
// columns, times in unix milliseconds, booleans 0 or 1, lists as JSON text. Unique indexes are named
// <table>__<column>, so that a conflict can tell its column.
#pragma once

#include <span>
#include <string_view>

#include "store/sql.h"

namespace store::migrations {

struct Migration {
    int version;
    std::string_view name;
    std::span<const Sql> statements;
};

extern const Migration accounts;
extern const Migration channels;
extern const Migration livestreams;
extern const Migration broadcasts;
extern const Migration assets;
extern const Migration object_store;
extern const Migration visibility;

std::span<const Migration> all();

}  // namespace store::migrations
