// Between the store's records and what the use-cases show. Pure; for the folder's own .cpp files.
#pragma once

#include "service/accounts.h"
#include "service/destinations.h"
#include "service/livestream_state.h"
#include "service/page.h"
#include "store/page.h"
#include "store/records.h"

namespace service {

Role to_service(store::Role role);
store::Role to_store(Role role);
User to_service(const store::User& user);
LivestreamStatus to_service(store::LivestreamStatus status);
store::LivestreamStatus to_store(LivestreamStatus status);
Visibility to_service(store::Visibility visibility);
store::Visibility to_store(Visibility visibility);
DestinationSettings to_service(const store::EncodeSettings& settings);
store::EncodeSettings to_store(const DestinationSettings& settings);
media::OutputState output_state_from(std::string_view text);
media::OutputProblem output_problem_from(std::string_view text);

inline store::PageRequest to_store(const PageRequest& page) {
    return {page.limit, page.cursor};
}

// What a query may touch: an admin's everything, else the actor's own.
inline store::Scope scope_of(const Actor& actor) {
    return actor.is_admin() ? store::Scope::all() : store::Scope::of(actor.user_id);
}

// An optional text of a request: absent and empty are both "none".
inline std::optional<std::string> none_if_empty(std::optional<std::string> text) {
    if (text && text->empty()) return std::nullopt;
    return text;
}

}  // namespace service
