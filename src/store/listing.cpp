#include "store/listing.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

namespace store {

namespace {

constexpr std::size_t max_cursor_size = 256;

[[noreturn]] void bad_cursor() {
    throw Failure{{base::ErrorCode::invalid_argument,
                   "The cursor is none that a list gave. Start again without one.",
                   {},
                   {{"field", "cursor"}}}};
}

}  // namespace

// In hexadecimal: it goes into URLs as it is, and nobody is tempted to make one.
std::string to_text(const Cursor& cursor) {
    return base::to_hex(base::as_bytes(std::to_string(cursor.key) + "." + cursor.id));
}

Cursor cursor_from(const std::string& text) {
    if (text.size() > max_cursor_size) bad_cursor();
    const base::Bytes bytes = base::from_hex(text);
    const std::string_view clear = base::as_text(bytes);
    const std::size_t dot = clear.find('.');
    if (dot == std::string_view::npos) bad_cursor();
    Cursor cursor;
    const auto read = std::from_chars(clear.data(), clear.data() + dot, cursor.key);
    if (read.ec != std::errc() || read.ptr != clear.data() + dot) bad_cursor();
    cursor.id = clear.substr(dot + 1);
    return cursor;
}

int page_limit(const PageRequest& request) {
    return std::clamp(request.limit, 1, max_page_size);
}

void add_page(Query& query, const Order& order, const PageRequest& request) {
    const Sql beyond = order.newest_first ? Sql(" < ") : Sql(" > ");
    const Sql direction = order.newest_first ? Sql(" DESC") : Sql(" ASC");
    if (!request.cursor.empty()) {
        const Cursor cursor = cursor_from(request.cursor);
        query.sql(" AND (").sql(order.key).sql(beyond).sql(":cursor_key OR (").sql(order.key);
        query.sql(" = :cursor_key AND id").sql(beyond).sql(":cursor_id))");
        query.bind("cursor_key", cursor.key).bind("cursor_id", cursor.id);
    }
    query.sql(" ORDER BY ")
        .sql(order.key)
        .sql(direction)
        .sql(", id")
        .sql(direction)
        .sql(" LIMIT :page_limit");
    query.bind("page_limit", page_limit(request) + 1);
}

tl::unexpected<base::Error> not_found(std::string_view what) {
    const std::string name(what);
    return base::fail({base::ErrorCode::not_found, "There is no such " + name + ", or it is not yours.",
                       name + "_not_found"});
}

}  // namespace store
