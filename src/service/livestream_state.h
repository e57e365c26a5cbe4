// The states of a livestream and the only ways between them. Pure.
//
//     scheduled ──encoder starts──▶ live ──encoder gone, or stopped──▶ ended ──▶ archived
//         └──────────────────────▶ cancelled
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace service {

// Who may watch a show, and who is told of it.
enum class Visibility : std::uint8_t {
    open,
    unlisted,  // whoever has its id may watch; it stands in no list
    closed,    // for its owner and admins; to everybody else it does not exist
};

// "public", "unlisted", "private"
std::string_view to_string(Visibility visibility);

enum class LivestreamStatus : std::uint8_t { scheduled, live, ended, archived, cancelled };

std::string_view to_string(LivestreamStatus status);
// A name that is none is an internal error: only the store asks.
base::Result<LivestreamStatus> livestream_status_from(std::string_view text);

// Whether `from` may become `to`; a conflict (`livestream_<from>`) that says why not, and what to do instead.
base::Result<> may_change(LivestreamStatus from, LivestreamStatus to);

// Whether the stream key opens anything in this state.
bool may_publish(LivestreamStatus status);

}  // namespace service
