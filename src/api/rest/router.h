// Router: finds the route of a request in the static table. Immutable after its making; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/rest/route.h"

namespace api::rest {

class Router {
  public:
    explicit Router(std::vector<Route> routes);

    struct Match {
        // Null: nothing answers this method here.
        const Route* route = nullptr;
        std::vector<std::pair<std::string_view, std::string>> params;
        // The methods of this path, "GET, HEAD, OPTIONS, POST"; empty when the path is unknown.
        std::string allow;
    };
    // HEAD finds the route of GET.
    Match find(http::Method method, const std::vector<std::string>& segments) const;
    std::span<const Route> routes() const { return routes_; }

  private:
    struct Pattern {
        std::vector<std::string_view> segments;
    };
    std::vector<Route> routes_;
    std::vector<Pattern> patterns_;  // one for each route
};

}  // namespace api::rest
