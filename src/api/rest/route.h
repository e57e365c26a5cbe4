// Route: one row of the API's table: what is asked, who may ask, and who answers. The table is data, so that
// the router, the metrics and the tests read the same rows.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/http/message.h"
#include "api/rest/context.h"

namespace api::rest {

enum class Access : std::uint8_t {
    anyone,       // a token is not even looked at: signing in has to work with an expired one
    visitor,      // signed in or not; a token that is shown has to be good
    user,         // signed in
    broadcaster,  // signed in, and no mere viewer
    owner,        // signed in, and the service finds only what the actor manages
    admin,
    hook,     // other servers; the service checks their secret
    metrics,  // this machine, or whoever shows the metrics token
};

// As api/openapi.yaml writes it under x-access.
std::string_view to_string(Access access);

enum class Query : std::uint8_t { none, read };

// Where the handler runs.
enum class Place : std::uint8_t {
    worker,
    slow,  // workers of its own, because it takes long (hashing, connecting): it must not keep the others
           // busy
    io,    // the io thread, because it cannot block
};

using Handler = base::Result<http::Response> (*)(Context&);

// No scope is needed: nobody has to be signed in.
inline constexpr std::uint8_t no_scope = 0;

struct Route {
    // Every row says who may call it: there is no default to forget.
    consteval Route(http::Method m, std::string_view p, Access a, std::uint8_t s, Query q, Handler h,
                    Place where = Place::worker)
        : method(m), pattern(p), access(a), scope(s), query(q), handler(h), place(where) {
        const bool open =
            a == Access::anyone || a == Access::visitor || a == Access::hook || a == Access::metrics;
        if (!open && s == no_scope)
            throw "a route for signed-in callers names the scope that its tokens need";
        if (p.empty() || p.front() != '/') throw "a pattern begins with a slash";
    }

    http::Method method;
    // Segments in braces stand for any one segment: "/api/stations/{id}".
    std::string_view pattern;
    Access access;
    std::uint8_t scope;
    Query query;
    Handler handler;
    Place place;
};

}  // namespace api::rest
