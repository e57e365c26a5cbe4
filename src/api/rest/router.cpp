#include "api/rest/router.h"

#include <algorithm>
#include <set>

namespace api::rest {
namespace {

bool is_param(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{';
}
std::string_view param_name(std::string_view segment) {
    return segment.substr(1, segment.size() - 2);
}

std::vector<std::string_view> split(std::string_view pattern) {
    std::vector<std::string_view> segments;
    pattern.remove_prefix(1);
    while (!pattern.empty()) {
        const auto slash = pattern.find('/');
        segments.push_back(pattern.substr(0, slash));
        if (slash == std::string_view::npos) break;
        pattern.remove_prefix(slash + 1);
    }
    return segments;
}

bool matches(const std::vector<std::string_view>& pattern, const std::vector<std::string>& segments) {
    return std::ranges::equal(pattern, segments, [](std::string_view expected, const std::string& actual) {
        return is_param(expected) || expected == actual;
    });
}

// Patterns with fewer parameters come first, so that a fixed name wins over "{id}".
std::ptrdiff_t param_count(const Route& route) {
    return std::ranges::count(route.pattern, '{');
}

}  // namespace

std::string_view to_string(Access access) {
    switch (access) {
        case Access::anyone:
        case Access::visitor:
            return "public";
        case Access::user:
            return "user";
        case Access::broadcaster:
            return "broadcaster";
        case Access::owner:
            return "owner";
        case Access::admin:
            return "admin";
        case Access::hook:
            return "hook";
        case Access::metrics:
            return "metrics";
    }
    return "";
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
    std::ranges::stable_sort(routes_, {}, param_count);
    for (const Route& route : routes_) patterns_.push_back({split(route.pattern)});
}

Router::Match Router::find(http::Method method, const std::vector<std::string>& segments) const {
    const http::Method wanted = method == http::Method::head ? http::Method::get : method;
    Match match;
    std::set<std::string_view> allowed;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (!matches(patterns_[i].segments, segments)) continue;
        allowed.insert(http::to_string(routes_[i].method));
        if (routes_[i].method == http::Method::get) allowed.insert("HEAD");
        if (routes_[i].method != wanted || match.route) continue;
        match.route = &routes_[i];
        for (std::size_t k = 0; k < segments.size(); ++k)
            if (is_param(patterns_[i].segments[k]))
                match.params.emplace_back(param_name(patterns_[i].segments[k]), segments[k]);
    }
    if (!allowed.empty()) allowed.insert("OPTIONS");
    for (const std::string_view name : allowed) {
        if (!match.allow.empty()) match.allow += ", ";
        match.allow += name;
    }
    return match;
}

}  // namespace api::rest
