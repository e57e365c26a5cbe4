// WelcomePage: what "/" shows while no web pages are installed, and "/setup", where the one-time setup code
// is used.
#pragma once

#include "api/server.h"

namespace api {

class WelcomePage final : public PathHandler {
  public:
    void handle(http::Request request, http::Reply reply) override;
};

}  // namespace api
