#include "store/sql_error.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <string_view>

namespace store {

namespace {

// "… failed: users.email"
void name_column_sqlite(std::string_view words, SqlFault& fault) {
    constexpr std::string_view mark = "constraint failed: ";
    const std::size_t at = words.find(mark);
    if (at == std::string_view::npos) return;
    const std::string_view rest = words.substr(at + mark.size());
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) return;
    fault.table = rest.substr(0, dot);
    fault.column = rest.substr(dot + 1, rest.find_first_of(", \n", dot) - dot - 1);
}

// "… unique constraint "users__email""
void name_column_postgres(std::string_view words, SqlFault& fault) {
    const std::size_t open = words.find('"');
    if (open == std::string_view::npos) return;
    const std::string_view name = words.substr(open + 1, words.find('"', open + 1) - open - 1);
    constexpr std::string_view primary = "_pkey";
    if (const std::size_t split = name.find("__"); split != std::string_view::npos) {
        fault.table = name.substr(0, split);
        fault.column = name.substr(split + 2);
    } else if (name.ends_with(primary)) {
        fault.table = name.substr(0, name.size() - primary.size());
        fault.column = "id";
    }
}

SqlFault classify_sqlite(const soci::sqlite3_soci_error& error) {
    SqlFault fault;
    fault.words = error.get_error_message();
    const std::string_view words = fault.words;
    switch (error.result() & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            fault.trouble = SqlTrouble::locked;
            break;
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            fault.trouble = SqlTrouble::disk;
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            fault.trouble = SqlTrouble::damaged;
            break;
        case SQLITE_CONSTRAINT:
            if (words.find("UNIQUE") != std::string_view::npos) {
                fault.trouble = SqlTrouble::not_unique;
                name_column_sqlite(words, fault);
            } else if (words.find("FOREIGN KEY") != std::string_view::npos) {
                fault.trouble = SqlTrouble::no_target;
            } else {
                fault.trouble = SqlTrouble::out_of_range;
            }
            break;
        default:
            break;
    }
    return fault;
}

// What SOCI gives where there is no SQLSTATE.
constexpr std::string_view no_state = "     ";

// PostgreSQL's appendix A: classes of SQLSTATE.
SqlFault classify_postgres(const soci::postgresql_soci_error& error) {
    SqlFault fault;
    fault.words = error.get_error_message();
    const std::string state = error.sqlstate();
    // Words without a state are libpq's own, not the server's: it lost the connection and may not know it
    // yet.
    if (state.starts_with("08") || state.starts_with("57P") || state == no_state) {
        fault.trouble = SqlTrouble::lost;
    } else if (state == "55P03" || state == "57014") {
        fault.trouble = SqlTrouble::locked;
    } else if (state.starts_with("40")) {
        fault.trouble = SqlTrouble::collided;
    } else if (state == "23505") {
        fault.trouble = SqlTrouble::not_unique;
        name_column_postgres(fault.words, fault);
    } else if (state == "23503") {
        fault.trouble = SqlTrouble::no_target;
    } else if (state.starts_with("23") || state.starts_with("22")) {
        fault.trouble = SqlTrouble::out_of_range;
    } else if (state.starts_with("53") || state.starts_with("58") || state == "25006") {
        fault.trouble = SqlTrouble::disk;
    } else if (state.starts_with("XX")) {
        fault.trouble = SqlTrouble::damaged;
    }
    return fault;
}

// "stream_key_hash" → "streamKey": the name the API knows.
std::string field_of(std::string column) {
    constexpr std::string_view hash = "_hash";
    if (column.ends_with(hash)) column.resize(column.size() - hash.size());
    std::string field;
    for (std::size_t i = 0; i < column.size(); ++i) {
        if (column[i] == '_' && i + 1 < column.size())
            field += static_cast<char>(std::toupper(static_cast<unsigned char>(column[++i])));
        else
            field += column[i];
    }
    return field;
}

}  // namespace

SqlFault classify(const std::exception& error) {
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error))
        return classify_sqlite(*sqlite);
    if (const auto* postgres = dynamic_cast<const soci::postgresql_soci_error*>(&error))
        return classify_postgres(*postgres);
    SqlFault fault;
    if (const auto* soci_error = dynamic_cast<const soci::soci_error*>(&error))
        fault.words = soci_error->get_error_message();  // what() holds the values too
    else
        fault.words = error.what();
    return fault;
}

base::Error to_error(const SqlFault& fault) {
    using base::ErrorCode;
    switch (fault.trouble) {
        case SqlTrouble::locked:
        case SqlTrouble::collided:
            return {ErrorCode::unavailable,
                    "The database is busy. Nothing was changed; try again in a moment.",
                    "database_busy",
                    {{"retryAfter", "2"}}};
        case SqlTrouble::lost:
            return {ErrorCode::unavailable,
                    "The database does not answer. Running streams go on; try again in a moment.",
                    "database_unavailable",
                    {{"retryAfter", "5"}}};
        case SqlTrouble::disk:
            return {ErrorCode::unavailable,
                    "The database cannot write: its disk is full or read-only.",
                    "database_unavailable",
                    {{"retryAfter", "30"}}};
        case SqlTrouble::damaged:
            return {ErrorCode::unavailable,
                    "The database is damaged. Stop the server and run `everycast check`.",
                    "database_damaged"};
        case SqlTrouble::not_unique:
            if (fault.column.empty()) return {ErrorCode::conflict, "It exists already."};
            return {ErrorCode::conflict,
                    "This " + fault.column + " is taken already.",
                    {},
                    {{"field", field_of(fault.column)}}};
        case SqlTrouble::no_target:
            return {ErrorCode::invalid_argument, "It refers to something that does not exist."};
        case SqlTrouble::out_of_range:
            return {ErrorCode::invalid_argument, "A value is outside its range."};
        case SqlTrouble::other:
            break;
    }
    return {ErrorCode::internal, "The database could not carry this out. The server's log says more."};
}

}  // namespace store
