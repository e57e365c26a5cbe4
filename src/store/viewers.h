// The viewer figures that a livestream and a broadcast keep alike: they only ever grow.
#pragma once

#include "store/query.h"

namespace store {

// `update` is "UPDATE <table> SET ". At once the most watching, and all that came.
inline void raise_viewers(Query update, const std::string& id, std::int64_t now_watching,
                          std::int64_t total) {
    update
        .sql(
            "peak_viewers = CASE WHEN peak_viewers < :peak THEN :peak ELSE peak_viewers END, "
            "total_viewers = CASE WHEN total_viewers < :total THEN :total ELSE total_viewers END "
            "WHERE id = :id")
        .bind("peak", now_watching)
        .bind("total", total)
        .bind("id", id)
        .run();
}

}  // namespace store
