#include "api/input/object_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cmath>

namespace api::input {
namespace {

namespace json = boost::json;

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool has_control(std::string_view text, bool lines) {
    return std::ranges::any_of(text, [lines](char c) {
        const auto byte = static_cast<unsigned char>(c);
        if (lines && (c == '\n' || c == '\r' || c == '\t')) return false;
        return byte < 0x20 || byte == 0x7f;
    });
}

// A whole number, also when it is written 3.0: JSON knows only one kind.
std::optional<std::int64_t> whole(const json::value& value) {
    if (const auto* number = value.if_int64()) return *number;
    constexpr double largest_exact = 9'007'199'254'740'992.0;
    if (const auto* number = value.if_double())
        if (std::trunc(*number) == *number && std::abs(*number) <= largest_exact)
            return static_cast<std::int64_t>(*number);
    return std::nullopt;
}

std::string quoted_list(std::initializer_list<std::string_view> names) {
    std::string out;
    for (const std::string_view name : names) {
        if (!out.empty()) out += ", ";
        out += name;
    }
    return out;
}

}  // namespace

ObjectReader::ObjectReader(const json::object& object)
    : ObjectReader(object, "", std::make_shared<std::optional<base::Error>>()) {}

ObjectReader::ObjectReader(const json::object& object, std::string prefix,
                           std::shared_ptr<std::optional<base::Error>> error)
    : object_(object), prefix_(std::move(prefix)), error_(std::move(error)) {}

const json::value* ObjectReader::find(std::string_view name) {
    read_.emplace(name);
    const auto* value = object_.if_contains(json::string_view(name.data(), name.size()));
    return value && !value->is_null() ? value : nullptr;
}

void ObjectReader::wrong(std::string_view name, std::string_view error_name, std::string message) {
    if (*error_) return;
    const std::string field = prefix_ + std::string(name);
    *error_ = base::Error{base::ErrorCode::invalid_argument,
                          "The field " + field + " " + std::move(message),
                          std::string(error_name),
                          {{"field", field}}};
}

void ObjectReader::missing(std::string_view name) {
    wrong(name, "missing_field", "is required.");
}

std::optional<std::string> ObjectReader::checked_text(std::string_view name, const json::value& value,
                                                      TextRule rule) {
    const auto* text = value.if_string();
    if (!text) {
        wrong(name, "wrong_type", "must be a string.");
        return std::nullopt;
    }
    const std::string_view view(text->data(), text->size());
    if (has_control(view, rule.lines)) {
        wrong(name, "invalid_characters", "has control characters.");
        return std::nullopt;
    }
    const std::size_t length = characters(view);
    if (length < rule.min || length > rule.max) {
        wrong(name, "out_of_range",
              "must have " + std::to_string(rule.min) + " to " + std::to_string(rule.max) + " characters.");
        return std::nullopt;
    }
    return std::string(view);
}

std::optional<std::string> ObjectReader::optional_text(std::string_view name, TextRule rule) {
    const auto* value = find(name);
    return value ? checked_text(name, *value, rule) : std::nullopt;
}

std::string ObjectReader::text(std::string_view name, TextRule rule) {
    const auto* value = find(name);
    if (!value) missing(name);
    return value ? checked_text(name, *value, rule).value_or("") : "";
}

std::optional<base::Secret> ObjectReader::optional_secret(std::string_view name, TextRule rule) {
    auto found = optional_text(name, rule);
    if (!found) return std::nullopt;
    return base::Secret(std::move(*found));
}

base::Secret ObjectReader::secret(std::string_view name, TextRule rule) {
    return base::Secret(text(name, rule));
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name, std::int64_t min,
                                                           std::int64_t max) {
    const auto* value = find(name);
    if (!value) return std::nullopt;
    if (!value->is_number()) {
        wrong(name, "wrong_type", "must be a whole number.");
        return std::nullopt;
    }
    const auto number = whole(*value);
    if (!number || *number < min || *number > max) {
        wrong(name, "out_of_range",
              "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) + ".");
        return std::nullopt;
    }
    return number;
}

std::int64_t ObjectReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
    const auto number = optional_integer(name, min, max);
    if (!number) missing(name);
    return number.value_or(min);
}

std::optional<int> ObjectReader::optional_int(std::string_view name, int min, int max) {
    const auto number = optional_integer(name, min, max);
    if (!number) return std::nullopt;
    return static_cast<int>(*number);
}

std::optional<double> ObjectReader::optional_number(std::string_view name, double min, double max) {
    const auto* value = find(name);
    if (!value) return std::nullopt;
    if (!value->is_number()) {
        wrong(name, "wrong_type", "must be a number.");
        return std::nullopt;
    }
    const double number = value->to_number<double>();
    if (!(number >= min && number <= max)) {
        wrong(name, "out_of_range", fmt::format("must be a number from {} to {}.", min, max));
        return std::nullopt;
    }
    return number;
}

std::optional<bool> ObjectReader::optional_bool(std::string_view name) {
    const auto* value = find(name);
    if (!value) return std::nullopt;
    if (const auto* flag = value->if_bool()) return *flag;
    wrong(name, "wrong_type", "must be true or false.");
    return std::nullopt;
}

std::optional<base::WallTime> ObjectReader::optional_time(std::string_view name) {
    const auto* value = find(name);
    if (!value) return std::nullopt;
    const auto* text = value->if_string();
    if (!text) {
        wrong(name, "wrong_type", "must be a string with a time.");
        return std::nullopt;
    }
    const auto time = base::from_rfc3339(std::string_view(text->data(), text->size()));
    if (!time) wrong(name, "out_of_range", "must be a time as in RFC 3339, such as 2026-01-31T20:00:00Z.");
    return time;
}

std::optional<std::vector<std::string>> ObjectReader::optional_texts(std::string_view name,
                                                                     std::size_t max_items) {
    const auto* value = find(name);
    if (!value) return std::nullopt;
    const auto* array = value->if_array();
    if (!array) {
        wrong(name, "wrong_type", "must be a list of strings.");
        return std::nullopt;
    }
    if (array->size() > max_items) {
        wrong(name, "out_of_range", "must have " + std::to_string(max_items) + " entries at most.");
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < array->size(); ++i) {
        auto text = checked_text(std::string(name) + "[" + std::to_string(i) + "]", (*array)[i], {1, 500});
        if (!text) return std::nullopt;
        texts.push_back(std::move(*text));
    }
    return texts;
}

std::vector<std::string> ObjectReader::texts(std::string_view name, std::size_t max_items) {
    auto found = optional_texts(name, max_items);
    if (!found) missing(name);
    return std::move(found).value_or(std::vector<std::string>());
}

std::optional<std::string> ObjectReader::optional_choice(std::string_view name,
                                                         std::initializer_list<std::string_view> choices) {
    auto text = optional_text(name);
    if (text && std::ranges::find(choices, *text) == choices.end()) {
        wrong(name, "out_of_range", "must be one of: " + quoted_list(choices) + ".");
        return std::nullopt;
    }
    return text;
}

bool ObjectReader::read_nested(std::string_view name, const json::value& value,
                               const std::function<void(ObjectReader&)>& read) {
    const auto* object = value.if_object();
    if (!object) {
        wrong(name, "wrong_type", "must be an object.");
        return false;
    }
    ObjectReader nested(*object, prefix_ + std::string(name) + ".", error_);
    read(nested);
    nested.refuse_unread();
    return true;
}

bool ObjectReader::optional_object(std::string_view name, const std::function<void(ObjectReader&)>& read) {
    const auto* value = find(name);
    return value && read_nested(name, *value, read);
}

bool ObjectReader::optional_objects(std::string_view name, std::size_t max_items,
                                    const std::function<void(ObjectReader&)>& read) {
    const auto* value = find(name);
    if (!value) return false;
    const auto* array = value->if_array();
    if (!array) {
        wrong(name, "wrong_type", "must be a list of objects.");
        return false;
    }
    if (array->size() > max_items) {
        wrong(name, "out_of_range", "must have " + std::to_string(max_items) + " entries at most.");
        return false;
    }
    for (std::size_t i = 0; i < array->size(); ++i)
        if (!read_nested(std::string(name) + "[" + std::to_string(i) + "]", (*array)[i], read)) return false;
    return true;
}

void ObjectReader::refuse_unread() {
    for (const auto& entry : object_) {
        const std::string_view name(entry.key().data(), entry.key().size());
        if (read_.contains(name)) continue;
        wrong(name.substr(0, 100), "unknown_field",
              "is not known here. Remove it, or look for a typing error.");
        return;
    }
}

base::Result<> ObjectReader::finish() {
    refuse_unread();
    if (*error_) return base::fail(**error_);
    return {};
}

}  // namespace api::input
