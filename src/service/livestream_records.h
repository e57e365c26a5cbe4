// Livestreams as rows: how one begins, what is remembered of it, how a change is told. For the folder's own
// .cpp files.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "service/context.h"
#include "service/live_board.h"
#include "store/records.h"

namespace service {

// Scheduled, with a stream key and a playback id of its own.
store::Livestream new_livestream(const std::string& owner_id, const std::string& title,
                                 const std::string& description, base::WallTime now);
LivestreamBrief brief_of(const store::Livestream& record);
// From the board, or the store. Errors: those of the store.
base::Result<LivestreamBrief> known_brief(Context& context, const std::string& livestream_id);
StationBrief brief_of(const store::Station& record);
// After a write: puts it on the board and tells the listeners, everybody where it is listed.
void announce(Context& context, const store::Livestream& record);

}  // namespace service
