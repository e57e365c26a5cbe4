// App: the web app and its files, from the binary itself. The last in the row of path handlers: what it does
// not know is not there. Owned by app/, which ends it after the server that asks it. handle() is called on
// the io thread.
//
// GET /, /livestreams/{id}, …   one page; its router shows what the path means. Each answer's nonce is its
// own GET /assets/{name}            scripts, styles, fonts: for ever the same under one name GET /robots.txt,
// /favicon.ico
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/http/path_handler.h"
#include "api/pages/app_embedded.h"

namespace api::pages {

struct AppSettings {
    std::string public_url = "http://localhost:8000";
    // Other origins that media may come from: see PagesSettings.
    std::vector<std::string> media_origins = {};
};

class App final : public http::PathHandler {
  public:
    explicit App(const AppSettings& settings = {});

    void handle(http::Request request, http::Reply reply) override;

  private:
    // Shared with the connections that send it.
    struct File {
        std::string type;
        std::string etag;
        bool immutable = false;
        std::shared_ptr<const std::string> plain;
        std::shared_ptr<const std::string> gzip;
        std::shared_ptr<const std::string> brotli;
    };

    http::Response answer(const http::Request& request) const;
    http::Response file(const File& file, const http::Request& request) const;
    http::Response page(int status) const;

    std::unordered_map<std::string, File> files_;
    // What stands before and behind each nonce.
    std::vector<std::string> page_parts_;
    std::vector<std::string> policy_parts_;
};

}  // namespace api::pages
