// PathHandler: whatever does not belong to the API: pages, playlists, segments. Handlers stand in a row: one
// that does not know a path hands it to the next. Owned by app/.
#pragma once

#include "api/http/message.h"

namespace api::http {

// handle() is called on the io thread and must not block; it may answer later, from any thread, but not after
// the server's stop(). `peer_address` is the client's own, also behind the operator's proxies.
class PathHandler {
  public:
    virtual ~PathHandler() = default;
    virtual void handle(Request request, Reply reply) = 0;
};

}  // namespace api::http
