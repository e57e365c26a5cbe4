// Writing answers: {"ok": true, …} around what a handler has to say.
#pragma once

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/message.h"
#include "base/clock.h"
#include "service/page.h"

namespace api::rest {

http::Response ok(boost::json::object fields = {}, int status = 200);

inline boost::json::value text(std::string_view value) {
    return boost::json::string(value);
}
// What is empty inside is null outside.
boost::json::value text_or_null(std::string_view value);
boost::json::value text_or_null(const std::string& value);
boost::json::value text_or_null(const std::optional<std::string>& value);
boost::json::value time(base::WallTime value);
boost::json::value time_or_null(const std::optional<base::WallTime>& value);
boost::json::array texts(const std::vector<std::string>& values);

template <class T, class Write>
boost::json::array array_of(const std::vector<T>& items, Write write) {
    boost::json::array array;
    array.reserve(items.size());
    for (const T& item : items) array.emplace_back(write(item));
    return array;
}

// {"ok": true, "<name>": […], "nextCursor": "…" | null}
template <class T, class Write>
http::Response list(std::string_view name, const service::Page<T>& page, Write write,
                    std::string_view cursor_name = "nextCursor") {
    boost::json::object fields;
    fields[name] = array_of(page.items, write);
    fields[cursor_name] = text_or_null(page.next_cursor);
    return ok(std::move(fields));
}

// A page of what is at hand as a whole; the cursor is the id of the last one given.
template <class T>
service::Page<T> slice(std::vector<T> all, const service::PageRequest& request) {
    auto begin = all.begin();
    if (!request.cursor.empty()) {
        begin = std::ranges::find(all, request.cursor, &T::id);
        if (begin != all.end()) ++begin;
    }
    service::Page<T> page;
    const auto count = std::min<std::ptrdiff_t>(all.end() - begin, request.limit);
    page.items.assign(std::make_move_iterator(begin), std::make_move_iterator(begin + count));
    if (begin + count != all.end()) page.next_cursor = page.items.back().id;
    return page;
}

}  // namespace api::rest
