#include "service/api_tokens.h"

#include "base/ids.h"
#include "base/limit_hits.h"
#include "service/context.h"
#include "service/convert.h"
#include "service/event_hub.h"
#include "service/validation.h"
#include "store/store.h"

namespace service {
namespace {

struct NamedScope {
    std::string_view name;
    Scope scope;
};

constexpr NamedScope named_scopes[] = {{"read", scope_read}, {"write", scope_write}, {"live", scope_live}};

ApiToken shown(const store::ApiToken& token) {
    return {token.id,         token.name,         token.scopes,    token.hint,
            token.created_at, token.last_used_at, token.expires_at};
}

}  // namespace

base::Result<std::uint8_t> scopes_from(const std::vector<std::string>& names) {
    std::uint8_t scopes = 0;
    for (const std::string& name : names) {
        std::uint8_t bit = 0;
        for (const NamedScope& known : named_scopes)
            if (known.name == name) bit = known.scope;
        if (bit == 0) return invalid("scopes", "scopes takes read, write and live.");
        scopes |= bit;
    }
    if (scopes == 0) return invalid("scopes", "scopes needs at least one of read, write and live.");
    return scopes;
}

std::vector<std::string> scope_names(std::uint8_t scopes) {
    std::vector<std::string> names;
    for (const NamedScope& known : named_scopes)
        if ((scopes & known.scope) != 0) names.emplace_back(known.name);
    return names;
}

ApiTokenService::ApiTokenService(Context& context, AccountSettings settings)
    : context_(context), settings_(settings) {}

base::Result<ApiTokenService::Created> ApiTokenService::create(const Actor& actor,
                                                               const NewApiToken& request) {
    if (const auto may = allowed(actor, Action::account); !may) return base::fail(may.error());
    const auto name = check_name("name", request.name);
    if (!name) return base::fail(name.error());
    const auto scopes = scopes_from(request.scopes);
    if (!scopes) return base::fail(scopes.error());
    const auto now = context_.clock.wall();
    if (request.expires_at && *request.expires_at <= now)
        return invalid("expiresAt", "expiresAt has to lie in the future.");
    const auto held = list(actor);
    if (!held) return base::fail(held.error());
    if (held->size() >= settings_.max_api_tokens_per_user)
        return base::fail(base::about_limit("api_tokens_per_user",
                                            {base::ErrorCode::conflict,
                                             "You have " + std::to_string(held->size()) +
                                                 " API tokens, which is the limit: delete one first.",
                                             "limit_reached"}));

    const base::Secret secret(std::string(api_token_prefix) + base::random_hex(48));
    store::ApiToken record;
    record.id = base::random_id("tk_");
    record.user_id = actor.user_id;
    record.name = *name;
    record.hint = secret.reveal().substr(secret.size() - 4);
    record.scopes = scope_names(*scopes);
    record.created_at = now;
    record.expires_at = request.expires_at;
    if (const auto added = context_.store.api_tokens().add(record, secret); !added)
        return base::fail(added.error());
    return Created{shown(record), secret};
}

base::Result<std::vector<ApiToken>> ApiTokenService::list(const Actor& actor) {
    if (const auto may = allowed(actor, Action::account); !may) return base::fail(may.error());
    const auto page =
        context_.store.api_tokens().list(store::Scope::of(actor.user_id), {store::max_page_size, {}});
    if (!page) return base::fail(page.error());
    std::vector<ApiToken> tokens;
    for (const auto& token : page->items) tokens.push_back(shown(token));
    return tokens;
}

base::Result<> ApiTokenService::remove(const Actor& actor, const std::string& token_id) {
    if (const auto may = allowed(actor, Action::account); !may) return base::fail(may.error());
    const auto removed = context_.store.api_tokens().remove(scope_of(actor), token_id);
    if (!removed && removed.error().code == base::ErrorCode::not_found) return base::fail(not_found("token"));
    if (removed) context_.events.close_token(token_id);
    return removed;
}

}  // namespace service
