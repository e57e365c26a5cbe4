// Pages by keyset: a cursor holds the last row's sort key and id, so that a page costs the same wherever it
// is, and rows that come or go meanwhile neither repeat nor hide others. Used by repositories inside a
// transaction.
#pragma once

#include <string>
#include <type_traits>

#include "base/result.h"
#include "store/query.h"

namespace store {

struct Order {
    Sql key;  // a column or expression that is never NULL, a number
    bool newest_first = true;
};

struct Cursor {
    std::int64_t key = 0;
    std::string id;
};

std::string to_text(const Cursor& cursor);
// Throws a Failure (invalid_argument, field "cursor") for text that to_text() did not make.
Cursor cursor_from(const std::string& text);

// Adds what makes `query` ("SELECT … WHERE …") answer this page, and one row more to know whether it is the
// last.
void add_page(Query& query, const Order& order, const PageRequest& request);
int page_limit(const PageRequest& request);

// `key_of` gives a record's sort key as `order.key` does in SQL.
template <class Map, class KeyOf>
auto page_of(Query& query, const Order& order, const PageRequest& request, Map map, KeyOf key_of)
    -> Page<std::invoke_result_t<Map&, const Row&>> {
    add_page(query, order, request);
    Page<std::invoke_result_t<Map&, const Row&>> page;
    page.items = query.all(map);
    const auto limit = static_cast<std::size_t>(page_limit(request));
    if (page.items.size() > limit) {
        page.items.erase(page.items.begin() + static_cast<std::ptrdiff_t>(limit), page.items.end());
        page.next_cursor = to_text(Cursor{key_of(page.items.back()), page.items.back().id});
    }
    return page;
}

// "user_not_found", as get() answers it.
tl::unexpected<base::Error> not_found(std::string_view what);

}  // namespace store
