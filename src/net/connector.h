// Connector: how what lives on one loop gets connections to elsewhere. In production a CoreConnector before
// the Dialer. Its loop's thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "net/dialer.h"
#include "net/io_pool.h"
#include "net/link.h"

namespace net {

struct Connected {
    LinkPtr link;  // null on failure; its waits run on the connector's loop
    std::optional<DialFailure> failure;
};

class Connector {
  public:
    virtual ~Connector() = default;

    // Abandons its attempt when it goes: the answer is then not called any more.
    using Handle = std::shared_ptr<void>;
    // `answer` is called once, later, on the loop's thread.
    [[nodiscard]] virtual Handle dial(const DialTarget& target, std::function<void(Connected)> answer) = 0;
};

// The connector of one media core: the dialer does the work on its own thread, what it finds is handed over
// on the core's.
class CoreConnector final : public Connector {
  public:
    // Both outlive it and its attempts.
    CoreConnector(Core& core, Dialer& dialer) : core_(core), dialer_(dialer) {}

    [[nodiscard]] Handle dial(const DialTarget& target, std::function<void(Connected)> answer) override;

  private:
    Core& core_;
    Dialer& dialer_;
};

}  // namespace net
