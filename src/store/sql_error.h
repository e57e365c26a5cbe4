// Tells from a SOCI exception what went wrong, for both databases alike, and says it without SQL or values.
#pragma once

#include <exception>
#include <string>

#include "base/error.h"

namespace store {

enum class SqlTrouble : std::uint8_t {
    locked,      // somebody else holds it
    lost,        // the connection or the server is gone
    collided,    // two transactions met: the same again may work
    not_unique,  // the value is there already
    no_target,   // a reference to what does not exist
    out_of_range,
    disk,     // full, or not writable
    damaged,  // the file is no longer a database
    other,
};

struct SqlFault {
    SqlTrouble trouble = SqlTrouble::other;
    // Of the value that is there already.
    std::string table;
    std::string column;
    // For the log: the driver's words, without values.
    std::string words;
};

SqlFault classify(const std::exception& error);
base::Error to_error(const SqlFault& fault);

}  // namespace store
