#include "api/http/request_parser.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>

namespace api::http {
namespace {

constexpr std::size_t usual_headers = 16;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    return out;
}

}  // namespace

RequestParser::RequestParser(const ServerSettings& settings) {
    header_limit(static_cast<std::uint32_t>(settings.max_header_bytes));
    body_limit(settings.max_body_bytes);
}

RequestParser::~RequestParser() = default;

bool RequestParser::has_its_host() const {
    const auto hosts = std::ranges::count(request_.headers, "host", &Header::name);
    return hosts == 1 || (hosts == 0 && request_.http_1_0);
}

bool RequestParser::expects_continue() const {
    return boost::beast::iequals(request_.header("expect"), "100-continue");
}

void RequestParser::on_request_impl(boost::beast::http::verb, Text name, Text target, int version, Code&) {
    request_.method = method_of({name.data(), name.size()});
    request_.http_1_0 = version < 11;
    const std::string_view text(target.data(), target.size());
    const auto question = text.find('?');
    request_.path = text.substr(0, question);
    if (question != std::string_view::npos) request_.query = text.substr(question + 1);
    request_.headers.reserve(usual_headers);
}

void RequestParser::on_response_impl(int, Text, int, Code&) {}

void RequestParser::on_field_impl(boost::beast::http::field, Text name, Text value, Code&) {
    // What comes behind a chunked body is no header of the request.
    if (is_header_done()) return;
    request_.headers.push_back(
        {lower(std::string_view(name.data(), name.size())), std::string(value.data(), value.size())});
}

void RequestParser::on_header_impl(Code&) {}
void RequestParser::on_body_init_impl(const Size&, Code&) {}

std::size_t RequestParser::on_body_impl(Text bytes, Code&) {
    request_.body.append(bytes.data(), bytes.size());
    return bytes.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, Text, Code&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text bytes, Code& failed) {
    return on_body_impl(bytes, failed);
}

void RequestParser::on_finish_impl(Code&) {}

}  // namespace api::http
