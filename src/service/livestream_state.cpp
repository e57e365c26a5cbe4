#include "service/livestream_state.h"

#include <string>

namespace service {
namespace {

using enum LivestreamStatus;

struct Step {
    LivestreamStatus from;
    LivestreamStatus to;
};

constexpr Step steps[] = {{scheduled, live}, {live, ended}, {ended, archived}, {scheduled, cancelled}};

std::string why_not(LivestreamStatus from, LivestreamStatus to) {
    switch (from) {
        case scheduled:
            return to == ended ? "This livestream has not begun: cancel it instead of stopping it."
                               : "This livestream has not begun, and can only go live or be cancelled.";
        case live:
            if (to == live) return "This livestream is live already.";
            return to == cancelled ? "This livestream is live: stop it instead of cancelling it."
                                   : "This livestream is live: stop it first.";
        case ended:
            return "This livestream has ended, and can only be archived. Create a new one for the next show.";
        case archived:
            return "This livestream is archived, which is final. Create a new one for the next show.";
        case cancelled:
            return "This livestream was cancelled, which is final. Create a new one for the next show.";
    }
    return {};
}

}  // namespace

std::string_view to_string(Visibility visibility) {
    switch (visibility) {
        case Visibility::open:
            return "public";
        case Visibility::unlisted:
            return "unlisted";
        case Visibility::closed:
            break;
    }
    return "private";
}

std::string_view to_string(LivestreamStatus status) {
    switch (status) {
        case scheduled:
            return "scheduled";
        case live:
            return "live";
        case ended:
            return "ended";
        case archived:
            return "archived";
        case cancelled:
            return "cancelled";
    }
    return "scheduled";
}

base::Result<LivestreamStatus> livestream_status_from(std::string_view text) {
    for (const LivestreamStatus status : {scheduled, live, ended, archived, cancelled})
        if (to_string(status) == text) return status;
    return base::fail(base::ErrorCode::internal, "no livestream status: " + std::string(text));
}

base::Result<> may_change(LivestreamStatus from, LivestreamStatus to) {
    for (const Step& step : steps)
        if (step.from == from && step.to == to) return {};
    return base::fail({base::ErrorCode::conflict,
                       why_not(from, to),
                       "livestream_" + std::string(to_string(from)),
                       {{"status", std::string(to_string(from))}}});
}

bool may_publish(LivestreamStatus status) {
    return status == scheduled || status == live;
}

}  // namespace service
