// Sql: a piece of a statement that stood in our source when the server was compiled. Nothing that was made at
// run time becomes one, so no value finds its way into a statement except by being bound. Free of threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace store {

class Sql {
  public:
    // Implicit, so that a literal is one; evaluated by the compiler, so that nothing else is.
    consteval Sql(const char* text) : text_(text) {}
    consteval Sql(std::string_view text) : text_(text) {}
    Sql(const std::string&) = delete;
    Sql(std::nullptr_t) = delete;

    constexpr std::string_view text() const { return text_; }

  private:
    std::string_view text_;
};

static_assert(!std::is_constructible_v<Sql, std::string>);

}  // namespace store
