// Reads the fields of a JSON object into typed values, and remembers the first thing that is wrong. A handler
// reads all it knows and then asks finish(), which also refuses, by name, what nobody read. `null` counts as
// absent. One request, one thread.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace api::input {

// Bounds of a text in characters. One line has no control characters at all; several lines may have tabs and
// breaks.
struct TextRule {
    std::size_t min = 0;
    std::size_t max = 500;
    bool lines = false;
};

// For texts that people read in full: descriptions.
inline constexpr TextRule prose_rule{0, 5'000, true};

class ObjectReader {
  public:
    explicit ObjectReader(const boost::json::object& object);

    // Required ones answer an empty value when they are missing; finish() then fails.
    std::string text(std::string_view name, TextRule rule = {});
    base::Secret secret(std::string_view name, TextRule rule = {});
    std::int64_t integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::vector<std::string> texts(std::string_view name, std::size_t max_items);

    std::optional<std::string> optional_text(std::string_view name, TextRule rule = {});
    std::optional<base::Secret> optional_secret(std::string_view name, TextRule rule = {});
    std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min, std::int64_t max);
    std::optional<int> optional_int(std::string_view name, int min, int max);
    std::optional<double> optional_number(std::string_view name, double min, double max);
    std::optional<bool> optional_bool(std::string_view name);
    std::optional<base::WallTime> optional_time(std::string_view name);
    std::optional<std::vector<std::string>> optional_texts(std::string_view name, std::size_t max_items);
    // One of `choices`, as it stands there.
    std::optional<std::string> optional_choice(std::string_view name,
                                               std::initializer_list<std::string_view> choices);
    // Reads a nested object with the same rules; its fields are named "settings.width" in errors.
    bool optional_object(std::string_view name, const std::function<void(ObjectReader&)>& read);
    // The same for a list of objects: "destinations[2].settings".
    bool optional_objects(std::string_view name, std::size_t max_items,
                          const std::function<void(ObjectReader&)>& read);

    // What only the handler can tell: two fields that do not go together.
    void refuse(std::string_view name, std::string message) {
        wrong(name, "out_of_range", std::move(message));
    }

    // The first problem found; nothing wrong, and nothing left unread, otherwise.
    base::Result<> finish();

  private:
    ObjectReader(const boost::json::object& object, std::string prefix,
                 std::shared_ptr<std::optional<base::Error>> error);
    // Null for a field that is absent or null.
    const boost::json::value* find(std::string_view name);
    bool read_nested(std::string_view name, const boost::json::value& value,
                     const std::function<void(ObjectReader&)>& read);
    std::optional<std::string> checked_text(std::string_view name, const boost::json::value& value,
                                            TextRule rule);
    void wrong(std::string_view name, std::string_view error_name, std::string message);
    void missing(std::string_view name);
    void refuse_unread();

    const boost::json::object& object_;
    const std::string prefix_;
    std::shared_ptr<std::optional<base::Error>> error_;
    std::set<std::string, std::less<>> read_;
};

}  // namespace api::input
