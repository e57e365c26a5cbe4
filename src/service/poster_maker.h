// PosterMaker: what recordings need of whoever makes pictures of streams. Implemented by app/, safe from any
// thread; it may outlive whoever asks.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace service {

class PosterMaker {
  public:
    using Done = std::function<void(base::Result<std::string>)>;

    virtual ~PosterMaker() = default;
    // A JPEG of what the stream shows now. Never waits; `done` is called once, on any thread, the caller's
    // among them.
    virtual void make(const std::string& stream_id, Done done) = 0;
    // While a stream is recorded its live poster is kept fresh, whether somebody looks or not.
    virtual void set_recording(const std::string& stream_id, bool recording) = 0;
};

}  // namespace service
