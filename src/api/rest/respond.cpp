#include "api/rest/respond.h"

#include "api/rest/json_writer.h"

namespace api::rest {

namespace json = boost::json;

http::Response ok(json::object fields, int status) {
    json::object body;
    body.reserve(fields.size() + 1);
    body["ok"] = true;
    for (auto& field : fields) body.emplace(field.key(), std::move(field.value()));
    http::Response response;
    response.status = status;
    response.body = to_text(body);
    response.set("Content-Type", "application/json");
    return response;
}

json::value text_or_null(std::string_view value) {
    if (value.empty()) return nullptr;
    return json::string(value);
}

json::value text_or_null(const std::string& value) {
    return text_or_null(std::string_view(value));
}

json::value text_or_null(const std::optional<std::string>& value) {
    return text_or_null(value ? std::string_view(*value) : std::string_view());
}

json::value time(base::WallTime value) {
    return json::string(base::to_rfc3339(value));
}

json::value time_or_null(const std::optional<base::WallTime>& value) {
    if (!value) return nullptr;
    return time(*value);
}

json::array texts(const std::vector<std::string>& values) {
    return array_of(values, text);
}

}  // namespace api::rest
