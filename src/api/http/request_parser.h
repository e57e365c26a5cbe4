// RequestParser: Beast's parser of HTTP/1 writing straight into a Request. Owned by a connection for as long
// as one request takes.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include "api/http/message.h"
#include "api/http/settings.h"

namespace api::http {

class RequestParser final : public boost::beast::http::basic_parser<true> {
  public:
    explicit RequestParser(const ServerSettings& settings);
    ~RequestParser() override;

    // Valid when the header is done: RFC 9112 §3.2 asks for one Host, and HTTP/1.0 for none.
    bool has_its_host() const;
    bool expects_continue() const;
    Request& request() { return request_; }

  private:
    using Text = boost::beast::string_view;
    using Code = boost::beast::error_code;
    using Size = boost::optional<std::uint64_t>;

    void on_request_impl(boost::beast::http::verb method, Text name, Text target, int version,
                         Code& failed) override;
    void on_response_impl(int status, Text reason, int version, Code& failed) override;
    void on_field_impl(boost::beast::http::field field, Text name, Text value, Code& failed) override;
    void on_header_impl(Code& failed) override;
    void on_body_init_impl(const Size& length, Code& failed) override;
    std::size_t on_body_impl(Text bytes, Code& failed) override;
    void on_chunk_header_impl(std::uint64_t size, Text extensions, Code& failed) override;
    std::size_t on_chunk_body_impl(std::uint64_t left, Text bytes, Code& failed) override;
    void on_finish_impl(Code& failed) override;

    Request request_;
};

}  // namespace api::http
