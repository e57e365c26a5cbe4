#include "store/query.h"

#include <soci/soci.h>

#include <deque>

namespace store {

namespace {

// Well-formed UTF-8 (Unicode 15 table 3-7) without zeros: what both databases take as text.
bool is_storable(std::string_view text) {
    const auto byte = [&](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    const auto follows = [&](std::size_t at, unsigned low, unsigned high) {
        return byte(at) >= low && byte(at) <= high;
    };
    for (std::size_t i = 0; i < text.size();) {
        const unsigned first = byte(i);
        std::size_t length = 0;
        if (first >= 0x01 && first <= 0x7f) {
            length = 1;
        } else if (first >= 0xc2 && first <= 0xdf) {
            length = follows(i + 1, 0x80, 0xbf) ? 2 : 0;
        } else if (first >= 0xe0 && first <= 0xef) {
            const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
            const unsigned high = first == 0xed ? 0x9f : 0xbf;
            length = follows(i + 1, low, high) && follows(i + 2, 0x80, 0xbf) ? 3 : 0;
        } else if (first >= 0xf0 && first <= 0xf4) {
            const unsigned low = first == 0xf0 ? 0x90 : 0x80;
            const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
            length =
                follows(i + 1, low, high) && follows(i + 2, 0x80, 0xbf) && follows(i + 3, 0x80, 0xbf) ? 4 : 0;
        }
        if (length == 0) return false;
        i += length;
    }
    return true;
}

// The values of one statement, at addresses that stay: SOCI keeps pointers until the last row is read.
class Bindings {
  public:
    void attach(soci::statement& statement, const std::vector<std::pair<std::string, Value>>& values) {
        for (const auto& [name, value] : values) {
            Slot& slot = slots_.emplace_back();
            if (const auto* number = std::get_if<long long>(&value)) {
                slot.number = *number;
                statement.exchange(soci::use(slot.number, slot.indicator, name));
                continue;
            }
            if (const auto* text = std::get_if<std::string>(&value))
                slot.text = *text;
            else
                slot.indicator = soci::i_null;
            statement.exchange(soci::use(slot.text, slot.indicator, name));
        }
    }

  private:
    struct Slot {
        std::string text;
        long long number = 0;
        soci::indicator indicator = soci::i_ok;
    };
    std::deque<Slot> slots_;
};

}  // namespace

Value text_value(std::string_view name, std::string_view text) {
    if (!is_storable(text))
        throw Failure{{base::ErrorCode::invalid_argument,
                       "The text holds characters that cannot be stored (no UTF-8, or a zero).",
                       {},
                       {{"field", std::string(name)}}}};
    return std::string(text);
}

bool Row::is_null(const char* column) const {
    return row_.get_indicator(column) == soci::i_null;
}

std::string Row::text(const char* column) const {
    return row_.get<std::string>(column);
}

std::int64_t Row::integer(const char* column) const {
    return row_.get<long long>(column);
}

std::optional<std::string> Row::maybe_text(const char* column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

std::optional<base::WallTime> Row::maybe_time(const char* column) const {
    if (is_null(column)) return std::nullopt;
    return time(column);
}

Query& Query::within(const Scope& scope, Sql column) {
    return where(column, scope.owner_id());
}

Query& Query::in(Sql column, const std::vector<std::string>& values) {
    sql(column).sql(" IN (");
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string name = "in_" + std::to_string(i);
        sql_.append(i == 0 ? ":" : ", :").append(name);
        bind(name, values[i]);
    }
    sql_ += ")";
    return *this;
}

std::int64_t Query::run() {
    Bindings bindings;
    soci::statement statement(connection_.session());
    bindings.attach(statement, values_);
    statement.alloc();
    statement.prepare(sql_, soci::details::st_one_time_query);
    statement.define_and_bind();
    statement.execute(true);
    return statement.get_affected_rows();
}

void Query::each(const std::function<void(const Row&)>& take) {
    Bindings bindings;
    soci::row row;
    soci::statement statement(connection_.session());
    bindings.attach(statement, values_);
    statement.exchange(soci::into(row));
    statement.alloc();
    statement.prepare(sql_, soci::details::st_one_time_query);
    statement.define_and_bind();
    statement.execute(false);
    while (statement.fetch()) take(Row(row));
}

std::optional<std::int64_t> Query::number() {
    Bindings bindings;
    long long value = 0;
    soci::indicator indicator = soci::i_null;
    soci::statement statement(connection_.session());
    bindings.attach(statement, values_);
    statement.exchange(soci::into(value, indicator));
    statement.alloc();
    statement.prepare(sql_, soci::details::st_one_time_query);
    statement.define_and_bind();
    if (!statement.execute(true) || indicator == soci::i_null) return std::nullopt;
    return value;
}

}  // namespace store
