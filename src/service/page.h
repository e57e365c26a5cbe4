// Lists in portions: what every list of the API takes and gives.
#pragma once

#include <string>
#include <vector>

namespace service {

struct PageRequest {
    static constexpr int default_limit = 50;
    static constexpr int max_limit = 200;

    // 1 to max_limit; anything else is an invalid_argument error.
    int limit = default_limit;
    // What the previous page gave as next_cursor; empty for the first page. Opaque.
    std::string cursor = {};
};

template <class T>
struct Page {
    std::vector<T> items;
    // Empty on the last page.
    std::string next_cursor = {};
};

}  // namespace service
