// Pages: the watch page, the embeddable player and their files, from the binary itself. Owned by app/, which
// ends it after the server that asks it.
//
//     pages::App app({.public_url = …});
//     pages::Pages pages({.public_url = …}, describe, app);   // the next in the row
//     api::Server server(settings, services, &pages, clock, log);
//
// GET /watch/{playbackId or assetId}   the page; no other site may frame it
// GET /embed/{playbackId or assetId}   the bare player, for frames of any site
// GET /player/{digest}/{name}          their files, for ever the same under one address
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/path_handler.h"
#include "api/http/worker_pool.h"
#include "api/pages/page_text.h"
#include "base/result.h"

namespace api::pages {

struct PagesSettings {
    std::string public_url = "http://localhost:8000";
    // Other origins that media may come from (an object store with signed addresses), as they stand in a
    // content security policy: "https://media.example".
    std::vector<std::string> media_origins = {};
    std::size_t worker_threads = 2;
    // More pages than these at a time are given out without a description; scripts fill it in.
    std::size_t queue_limit = 64;
};

class Pages final : public http::PathHandler {
  public:
    // What anybody may know of a stream or recording. May block on SQL: it is called on threads of the pages'
    // own. Errors: not_found; with any other the page goes out without.
    using Describe =
        std::function<base::Result<Description>(const std::string& id, const std::string& client_address)>;

    // `describe` may be empty.
    Pages(PagesSettings settings, Describe describe, http::PathHandler& next);

    void handle(http::Request request, http::Reply reply) override;
    // Finishes what was taken; call it before what `describe` asks ends.
    void stop();

  private:
    enum class Kind : std::uint8_t { watch, embed };
    // Shared with the connections that send it.
    struct File {
        std::string_view name;
        std::string_view type;
        std::shared_ptr<const std::string> plain;
        std::shared_ptr<const std::string> gzip;
    };

    http::Response file(const http::Request& request, std::string_view name) const;

    void page(Kind kind, const std::string& id, http::Request request, http::Reply reply);
    http::Response render(Kind kind, const std::string& id, const base::Result<Description>& found) const;

    const PagesSettings settings_;
    const Describe describe_;
    http::PathHandler& next_;
    const std::string assets_;
    const std::string watch_policy_;
    const std::string embed_policy_;
    std::vector<File> files_;
    http::WorkerPool workers_;
};

}  // namespace api::pages
