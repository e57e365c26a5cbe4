// PlayPermit: that one connection may go on playing. Whoever sends to it holds the permit as long as it is
// there, looks several times a second whether it still stands, and lets go of it with the connection. Any
// thread.
#pragma once

#include <atomic>

namespace media {

class PlayPermit {
  public:
    virtual ~PlayPermit() = default;
    bool revoked() const { return revoked_.load(std::memory_order_acquire); }
    void revoke() { revoked_.store(true, std::memory_order_release); }

  private:
    std::atomic<bool> revoked_{false};
};

}  // namespace media
