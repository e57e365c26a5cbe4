// One SQL statement: text, named values, rows. The text is put together from constants only (sql.h); every
// value is bound by name. Used inside Database's transactions, on one thread; throws as Connection does. The
// only place, with the connections, that knows SOCI.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "store/connection.h"
#include "store/page.h"
#include "store/sql.h"

namespace soci {
class row;
}

namespace store {

// A row of an answer. Columns are named as in the SELECT; asking for one that is not there is a fault of
// ours.
class Row {
  public:
    explicit Row(const soci::row& row) : row_(row) {}

    std::string text(const char* column) const;
    std::int64_t integer(const char* column) const;
    bool flag(const char* column) const { return integer(column) != 0; }
    base::WallTime time(const char* column) const { return base::from_unix_millis(integer(column)); }
    std::optional<std::string> maybe_text(const char* column) const;
    std::optional<base::WallTime> maybe_time(const char* column) const;

  private:
    bool is_null(const char* column) const;

    const soci::row& row_;
};

// NULL, text, or a number (also times and booleans).
using Value = std::variant<std::monostate, std::string, long long>;

// Throws a Failure for text that a database cannot hold: bytes that are no UTF-8, or a zero.
Value text_value(std::string_view name, std::string_view text);

class Query {
  public:
    Query(Connection& connection, Sql sql) : connection_(connection), sql_(sql.text()) {}

    // More of the statement.
    Query& sql(Sql more) {
        sql_ += more.text();
        return *this;
    }

    template <class T>
    Query& bind(std::string_view name, const T& value) {
        values_.emplace_back(name, to_value(name, value));
        return *this;
    }
    // " AND owner_id = :owner_id", where the scope has an owner.
    Query& within(const Scope& scope, Sql column = "owner_id");
    // " AND column = :column", where there is a value.
    template <class T>
    Query& where(Sql column, const std::optional<T>& value) {
        if (!value) return *this;
        sql(" AND ").sql(column).sql(" = :").sql(column);
        return bind(column.text(), *value);
    }
    // "column IN (…)". `values` is not empty.
    Query& in(Sql column, const std::vector<std::string>& values);
    Query& for_update() {
        sql_ += connection_.for_update();
        return *this;
    }

    // Runs a statement without rows; answers how many rows it touched.
    std::int64_t run();
    void each(const std::function<void(const Row&)>& take);
    template <class Map>
    auto one(Map map) -> std::optional<std::invoke_result_t<Map&, const Row&>> {
        std::optional<std::invoke_result_t<Map&, const Row&>> found;
        each([&](const Row& row) {
            if (!found) found.emplace(map(row));
        });
        return found;
    }
    template <class Map>
    auto all(Map map) -> std::vector<std::invoke_result_t<Map&, const Row&>> {
        std::vector<std::invoke_result_t<Map&, const Row&>> found;
        each([&](const Row& row) { found.push_back(map(row)); });
        return found;
    }
    // The single number of a SELECT COUNT or MAX; nothing for NULL or no row.
    std::optional<std::int64_t> number();

  private:
    static Value to_value(std::string_view name, std::string_view text) { return text_value(name, text); }
    static Value to_value(std::string_view name, const std::string& text) { return text_value(name, text); }
    static Value to_value(std::string_view name, const char* text) { return text_value(name, text); }
    template <std::integral T>
    static Value to_value(std::string_view, T number) {
        return static_cast<long long>(number);
    }
    static Value to_value(std::string_view, base::WallTime time) {
        return static_cast<long long>(base::unix_millis(time));
    }
    template <class T>
    static Value to_value(std::string_view name, const std::optional<T>& value) {
        return value ? to_value(name, *value) : Value{};
    }

    Connection& connection_;
    std::string sql_;
    std::vector<std::pair<std::string, Value>> values_;
};

}  // namespace store
