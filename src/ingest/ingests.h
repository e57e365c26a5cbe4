// The control side of ingest, for services: see what runs, end it. Implemented in ingest/, safe from any
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "media/facts.h"

namespace ingest {

struct IngestSnapshot {
    std::string stream_id;
    std::string ingest_id;
    // False while the encoder is away and the grace period runs.
    bool connected = false;
    media::IngestFacts facts;
};

class Ingests {
  public:
    virtual ~Ingests() = default;
    // Answers from memory, at most a second old.
    virtual std::vector<IngestSnapshot> snapshot() const = 0;
    virtual std::optional<IngestSnapshot> find(const std::string& stream_id) const = 0;
    // Disconnects the stream's encoder, tells it why, and ends the stream without a grace period. Later
    // publishers are the gate's to refuse. Does nothing when none is there.
    virtual void end(const std::string& stream_id, const std::string& reason) = 0;
    // The same, but not for good: the stream's end says that its encoder may return.
    virtual void send_away(const std::string& stream_id, const std::string& reason) = 0;
};

}  // namespace ingest
