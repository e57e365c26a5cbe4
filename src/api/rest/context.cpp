#include "api/rest/context.h"

#include <cstdlib>

#include "api/http/authorization.h"
#include "api/input/json_text.h"

namespace api::rest {
namespace {

constexpr std::size_t max_cursor = 200;
constexpr std::size_t max_user_agent = 200;

// "application/json", with parameters or without.
bool is_type(std::string_view header, std::string_view type) {
    return http::starts_with_ignoring_case(header, type) &&
           (header.size() == type.size() || header[type.size()] == ';' || header[type.size()] == ' ');
}

}  // namespace

const std::string& Context::param(std::string_view name) const {
    for (const auto& [known, value] : params)
        if (known == name) return value;
    std::abort();
}

service::Client Context::client() const {
    std::string agent(request.header("user-agent").substr(0, max_user_agent));
    if (!http::valid_utf8(agent)) agent = "unknown";
    return {client_address, std::move(agent)};
}

base::Secret Context::bearer() const {
    return http::bearer_token(request.header("authorization"));
}

base::Result<boost::json::object> Context::body() const {
    if (request.body.empty()) return boost::json::object();
    if (!is_type(request.header("content-type"), "application/json"))
        return base::fail(base::ErrorCode::unsupported_media, "The Content-Type must be application/json.");
    return input::parse_object(request.body);
}

base::Result<> Context::read_body(const std::function<void(input::ObjectReader&)>& read) const {
    auto object = body();
    if (!object) return tl::unexpected(object.error());
    input::ObjectReader reader(*object);
    read(reader);
    return reader.finish();
}

base::Result<> Context::expect_no_fields() const {
    return read_body([](input::ObjectReader&) {});
}

base::Result<> Context::read_query(const std::function<void(input::QueryReader&)>& read) const {
    auto pairs = http::decode_form(request.query);
    if (!pairs)
        return base::fail(
            base::Error{base::ErrorCode::bad_request, "The query is not valid.", "invalid_query"});
    input::QueryReader reader(std::move(*pairs));
    read(reader);
    return reader.finish();
}

service::PageRequest read_page(input::QueryReader& query) {
    service::PageRequest page;
    page.limit = static_cast<int>(
        query.integer("limit", service::PageRequest::default_limit, 1, service::PageRequest::max_limit));
    page.cursor = query.text("cursor", max_cursor);
    return page;
}

}  // namespace api::rest
