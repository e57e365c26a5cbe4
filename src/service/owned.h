// The one way from a row to a row that the actor may touch. For the folder's own .cpp files.
#pragma once

#include <string_view>

#include "base/result.h"
#include "service/actor.h"

namespace service {

// The record, if `actor` may do this to it. A missing row and somebody else's give the same error, whatever
// the actor's role and scopes.
template <class Record>
base::Result<Record> owned(const Actor& actor, Action action, std::string_view what,
                           base::Result<Record> record) {
    if (!actor.signed_in()) return base::fail(allowed(actor, action).error());
    if (!record)
        return base::fail(record.error().code == base::ErrorCode::not_found ? not_found(what)
                                                                            : record.error());
    if (const auto may = allowed(actor, action, record->owner_id, what); !may) return base::fail(may.error());
    return record;
}

}  // namespace service
