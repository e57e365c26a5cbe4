#include "api/rest/account_dto.h"

#include "api/rest/respond.h"

namespace api::rest {

boost::json::object to_json(const service::User& user) {
    return {
        {"id", text(user.id)},
        {"email", text(user.email)},
        {"name", text(user.name)},
        {"role", text(service::to_string(user.role))},
        {"disabled", user.disabled},
        {"tokenBalance", user.token_balance},
        {"createdAt", time(user.created_at)},
        {"lastLoginAt", time_or_null(user.last_login_at)},
    };
}

boost::json::object to_json(const service::ApiToken& token) {
    return {
        {"id", text(token.id)},
        {"name", text(token.name)},
        {"scopes", texts(token.scopes)},
        {"tail", text(token.tail)},
        {"createdAt", time(token.created_at)},
        {"lastUsedAt", time_or_null(token.last_used_at)},
        {"expiresAt", time_or_null(token.expires_at)},
    };
}

}  // namespace api::rest
