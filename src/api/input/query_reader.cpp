#include "api/input/query_reader.h"

#include <charconv>

namespace api::input {

const std::string* QueryReader::find(std::string_view name) {
    read_.emplace(name);
    const std::string* found = nullptr;
    for (const auto& [key, value] : pairs_) {
        if (key != name) continue;
        if (found) wrong(name, "repeated_parameter", "stands there twice.");
        found = &value;
    }
    return found;
}

void QueryReader::wrong(std::string_view name, std::string_view error_name, std::string message) {
    if (error_) return;
    error_ = base::Error{base::ErrorCode::invalid_argument,
                         "The query parameter " + std::string(name) + " " + std::move(message),
                         std::string(error_name),
                         {{"field", std::string(name)}}};
}

std::string QueryReader::text(std::string_view name, std::size_t max) {
    const std::string* value = find(name);
    if (!value) return {};
    if (value->size() > max) {
        wrong(name, "out_of_range", "must have " + std::to_string(max) + " characters at most.");
        return {};
    }
    return *value;
}

bool QueryReader::boolean(std::string_view name) {
    const std::string* value = find(name);
    if (!value || *value == "false") return false;
    if (*value != "true") wrong(name, "wrong_type", "must be true or false.");
    return true;
}

std::int64_t QueryReader::integer(std::string_view name, std::int64_t fallback, std::int64_t min,
                                  std::int64_t max) {
    const std::string* value = find(name);
    if (!value) return fallback;
    std::int64_t number = 0;
    const auto [end, failed] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (failed != std::errc() || end != value->data() + value->size() || number < min || number > max) {
        wrong(name, "out_of_range",
              "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) + ".");
        return fallback;
    }
    return number;
}

base::Result<> QueryReader::finish() {
    for (const auto& [key, value] : pairs_)
        if (!read_.contains(key)) wrong(key.substr(0, 100), "unknown_parameter", "is not known here.");
    if (error_) return base::fail(*error_);
    return {};
}

}  // namespace api::input
