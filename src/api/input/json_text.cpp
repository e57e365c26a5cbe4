#include "api/input/json_text.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <string>
#include <vector>

namespace api::input {
namespace {

namespace json = boost::json;
using Failed = boost::system::error_code;

// Boost.JSON keeps the last of two equal names. Readers that disagree about which one counts are a way in, so
// names are looked at first, as they are parsed, and the second one is refused.
class NameChecker {
  public:
    static constexpr std::size_t max_object_size = 10'000;
    static constexpr std::size_t max_array_size = 100'000;
    static constexpr std::size_t max_key_size = 1'000;
    static constexpr std::size_t max_string_size = 1024 * 1024;

    std::string duplicate;

    bool on_document_begin(Failed&) { return true; }
    bool on_document_end(Failed&) { return true; }
    bool on_object_begin(Failed&) {
        names_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, Failed&) {
        names_.pop_back();
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, Failed&) {
        name_.append(part.data(), part.size());
        return true;
    }
    bool on_key(json::string_view part, std::size_t, Failed& failed) {
        name_.append(part.data(), part.size());
        if (!names_.back().insert(name_).second) {
            duplicate = name_;
            failed = json::error::syntax;
            return false;
        }
        name_.clear();
        return true;
    }
    bool on_array_begin(Failed&) { return true; }
    bool on_array_end(std::size_t, Failed&) { return true; }
    bool on_string_part(json::string_view, std::size_t, Failed&) { return true; }
    bool on_string(json::string_view, std::size_t, Failed&) { return true; }
    bool on_number_part(json::string_view, Failed&) { return true; }
    bool on_int64(std::int64_t, json::string_view, Failed&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, Failed&) { return true; }
    bool on_double(double, json::string_view, Failed&) { return true; }
    bool on_bool(bool, Failed&) { return true; }
    bool on_null(Failed&) { return true; }
    bool on_comment_part(json::string_view, Failed&) { return true; }
    bool on_comment(json::string_view, Failed&) { return true; }

  private:
    std::vector<std::set<std::string>> names_;
    std::string name_;
};

base::Error invalid(std::string message) {
    return base::Error{base::ErrorCode::bad_request, std::move(message), "invalid_json"};
}

}  // namespace

base::Result<json::object> parse_object(std::string_view text) {
    json::parse_options options;
    options.max_depth = max_json_depth;
    json::basic_parser<NameChecker> checker(options);
    Failed failed;
    const std::size_t read = checker.write_some(false, text.data(), text.size(), failed);
    if (!checker.handler().duplicate.empty())
        return base::fail(
            invalid("The name \"" + checker.handler().duplicate + "\" stands twice in the body."));
    if (failed == json::error::too_deep)
        return base::fail(
            invalid("The body is nested more than " + std::to_string(max_json_depth) + " levels deep."));
    if (failed == json::error::incomplete) return base::fail(invalid("The body ends before its JSON does."));
    if (failed || read != text.size())
        return base::fail(invalid("The body is not valid JSON at byte " + std::to_string(read) + "."));

    json::value value = json::parse(json::string_view(text.data(), text.size()), failed, {}, options);
    if (failed) return base::fail(invalid("The body is not valid JSON."));
    if (!value.is_object()) return base::fail(invalid("The body must be a JSON object: {…}."));
    return std::move(value.as_object());
}

}  // namespace api::input
