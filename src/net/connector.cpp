#include "net/connector.h"

namespace net {
namespace {

// What the caller holds. It is given up and looked for on the core's thread, so that an answer which is on
// its way by then finds nobody.
struct Attempt {
    std::function<void(Connected)> answer;
    Dialer::Handle dialing;
};

}  // namespace

Connector::Handle CoreConnector::dial(const DialTarget& target, std::function<void(Connected)> answer) {
    auto attempt = std::make_shared<Attempt>();
    attempt->answer = std::move(answer);
    attempt->dialing = dialer_.dial(target, [weak = std::weak_ptr(attempt), &core = core_](Dialed dialed) {
        core.post([weak, &core, found = std::make_shared<Dialed>(std::move(dialed))] {
            const auto waiting = weak.lock();
            if (!waiting) return;
            if (found->transport) found->transport->attach(core.io());
            waiting->answer({std::move(found->transport), std::move(found->failure)});
        });
    });
    return attempt;
}

}  // namespace net
