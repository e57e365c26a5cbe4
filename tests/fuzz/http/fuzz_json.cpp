// JSON bodies as handlers read them. What is taken is within the limits and comes back when it is written and
// read again; and no error repeats a value.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <string>

#include "api/input/json_text.h"
#include "api/input/object_reader.h"
#include "base/bytes.h"
#include "fuzz/require.h"

using namespace api;
namespace json = boost::json;

namespace {

constexpr std::string_view canary = "c4n4ry-of-a-value";

void check_depth(const json::value& value, std::size_t depth) {
    if (const auto* object = value.if_object()) {
        fuzz::require(depth <= input::max_json_depth);
        for (const auto& member : *object) check_depth(member.value(), depth + 1);
    } else if (const auto* array = value.if_array()) {
        fuzz::require(depth <= input::max_json_depth);
        for (const auto& element : *array) check_depth(element, depth + 1);
    }
}

// Boost.JSON reads 1e400 as infinity and 0e400 as no number. The fields' own ranges refuse both; neither can
// be written.
bool is_beyond_json(const json::value& value) {
    if (const auto* object = value.if_object())
        return std::ranges::any_of(*object, [](const auto& x) { return is_beyond_json(x.value()); });
    if (const auto* array = value.if_array()) return std::ranges::any_of(*array, is_beyond_json);
    return value.is_double() && !std::isfinite(value.get_double());
}

// Boost.JSON 1.81 reads numbers to the last digit but one.
bool same(const json::value& a, const json::value& b) {
    if (a.is_number() && b.is_number()) {
        const double first = a.to_number<double>();
        const double second = b.to_number<double>();
        return std::abs(first - second) <= 1e-300 + 1e-12 * std::abs(first);
    }
    if (a.kind() != b.kind()) return false;
    if (const auto* object = a.if_object()) {
        return std::ranges::equal(*object, b.get_object(), [](const auto& x, const auto& y) {
            return x.key() == y.key() && same(x.value(), y.value());
        });
    }
    if (const auto* array = a.if_array()) return std::ranges::equal(*array, b.get_array(), same);
    return a == b;
}

// Every text becomes the canary, so that an error which repeats a value is seen.
void plant(json::value& value) {
    if (value.is_string()) {
        value = json::string_view(canary.data(), canary.size());
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object) plant(member.value());
    } else if (auto* array = value.if_array()) {
        for (auto& element : *array) plant(element);
    }
}

// A body with a field of each kind, as the handlers of destinations and broadcasts have them.
base::Result<> read(const json::object& object) {
    input::ObjectReader in(object);
    const std::string name = in.text("name", {1, 100, false});
    const base::Secret key = in.secret("streamKey");
    fuzz::require(name.size() <= 400 && key.size() <= 2000);
    static_cast<void>(in.optional_text("description", input::prose_rule));
    static_cast<void>(in.optional_time("startsAt"));
    static_cast<void>(in.optional_bool("enabled"));
    static_cast<void>(in.optional_choice("visibility", {"public", "gated"}));
    const auto port = in.optional_int("port", 1, 65'535);
    fuzz::require(!port || (*port >= 1 && *port <= 65'535));
    const auto number = in.optional_number("fps", 1, 240);
    fuzz::require(!number || (*number >= 1 && *number <= 240));
    const auto tags = in.optional_texts("tags", 8);
    fuzz::require(!tags || tags->size() <= 8);
    in.optional_object("settings", [](input::ObjectReader& settings) {
        const std::int64_t width = settings.integer("width", 16, 8192);
        fuzz::require(width >= 16 && width <= 8192);
    });
    std::size_t count = 0;
    in.optional_objects("destinations", 4, [&](input::ObjectReader& destination) {
        fuzz::require(++count <= 4);
        static_cast<void>(destination.optional_secret("key"));
        static_cast<void>(destination.texts("tags", 2));
    });
    return in.finish();
}

void check_time(std::string_view text) {
    const auto time = base::from_rfc3339(text);
    if (!time) return;
    const auto again = base::from_rfc3339(base::to_rfc3339(*time));
    fuzz::require(again && base::unix_millis(*again) == base::unix_millis(*time));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = base::as_text({data, size});
    check_time(text);
    auto object = input::parse_object(text);
    if (!object) return 0;
    for (const auto& member : *object) check_depth(member.value(), 2);
    const std::string written = json::serialize(*object);
    const auto again = input::parse_object(written);
    fuzz::require(again ? same(*again, *object) : is_beyond_json(*object));

    static_cast<void>(read(*object));
    bool canary_in_a_name = text.find("c4n4ry") != std::string_view::npos;
    for (auto& member : *object) plant(member.value());
    if (const auto planted = read(*object); !planted && !canary_in_a_name)
        fuzz::require(planted.error().message.find(canary) == std::string::npos);
    return 0;
}
