// Context: what the use-cases share. Everything in it is safe from any thread, made by app/ and outlives
// them.
#pragma once

#include "base/clock.h"
#include "base/log.h"

namespace store {
class Store;
}
namespace crypto {
class AccessTokens;
class PasswordHasher;
}  // namespace crypto
namespace output {
class Outputs;
}
namespace ingest {
class Ingests;
}

namespace service {

class EventHub;
class LiveBoard;

struct Context {
    store::Store& store;
    crypto::PasswordHasher& passwords;
    const crypto::AccessTokens& access_tokens;
    output::Outputs& outputs;
    ingest::Ingests& ingests;
    LiveBoard& board;
    EventHub& events;
    const base::Clock& clock;
    base::Logger log;
};

}  // namespace service
