// Reads query parameters as ObjectReader reads fields: typed, bounded, and unknown ones are refused by name.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "api/http/url.h"
#include "base/result.h"

namespace api::input {

class QueryReader {
  public:
    explicit QueryReader(http::Pairs pairs) : pairs_(std::move(pairs)) {}

    // Empty when it is absent.
    std::string text(std::string_view name, std::size_t max = 500);
    bool boolean(std::string_view name);
    std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t min, std::int64_t max);

    // The first problem found; unknown and repeated parameters are problems.
    base::Result<> finish();

  private:
    const std::string* find(std::string_view name);
    void wrong(std::string_view name, std::string_view error_name, std::string message);

    const http::Pairs pairs_;
    std::set<std::string, std::less<>> read_;
    std::optional<base::Error> error_;
};

}  // namespace api::input
