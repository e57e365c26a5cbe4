#include "api/rest/json_writer.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cmath>

namespace api::rest {
namespace {

namespace json = boost::json;

void write(std::string& out, const json::value& value) {
    switch (value.kind()) {
        case json::kind::object: {
            out += '{';
            const char* between = "";
            for (const auto& field : value.get_object()) {
                out += between;
                out += json::serialize(json::string_view(field.key()));
                out += ':';
                write(out, field.value());
                between = ",";
            }
            out += '}';
            return;
        }
        case json::kind::array: {
            out += '[';
            const char* between = "";
            for (const json::value& item : value.get_array()) {
                out += between;
                write(out, item);
                between = ",";
            }
            out += ']';
            return;
        }
        case json::kind::double_: {
            // JSON has no word for what is no number.
            const double number = value.get_double();
            out += std::isfinite(number) ? fmt::format("{}", number) : "null";
            return;
        }
        default:
            out += json::serialize(value);
    }
}

}  // namespace

std::string to_text(const json::value& value) {
    std::string out;
    write(out, value);
    return out;
}

}  // namespace api::rest
