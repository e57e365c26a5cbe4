// WelcomePage: what "/" shows while no web pages are installed: what runs here, and where the API is.
#pragma once

#include "api/server.h"

namespace api {

class WelcomePage final : public PathHandler {
  public:
    void handle(http::Request request, http::Reply reply) override;
};

}  // namespace api
