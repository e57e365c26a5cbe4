// Welcome: what "/" shows while no web pages are installed, and "/setup", where the one-time setup code is
// used. The last in the row of path handlers: what it does not know is not there.
#pragma once

#include "api/http/path_handler.h"

namespace api::pages {

class Welcome final : public http::PathHandler {
  public:
    void handle(http::Request request, http::Reply reply) override;
};

}  // namespace api::pages
