// IngestGate: answers the ingest who may publish and who may play, off the media threads, and other RTMP
// servers the same through the streaming callbacks. Owned by app/, safe from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "ingest/publish_gate.h"
#include "service/rate_limiter.h"
#include "service/settings.h"
#include "service/worker_pool.h"

namespace store {
class Store;
}

namespace service {

class LiveBoard;
class PlaybackDesk;

class IngestGate final : public ingest::PublishGate {
  public:
    // Without `playback` nothing is played over RTMP.
    IngestGate(store::Store& store, const LiveBoard& board, WorkerPool& pool, const base::Clock& clock,
               GateSettings settings, PlaybackDesk* playback = nullptr);
    ~IngestGate() override;

    void authorise(ingest::PublishRequest request,
                   std::function<void(base::Result<ingest::PublishGrant>)> answer) override;
    void authorise(ingest::PlayRequest request,
                   std::function<void(base::Result<ingest::PlayGrant>)> answer) override;

    // The same decision for other RTMP servers, at once, on the caller's thread, which may block on SQL.
    // Wrong keys count against `address`; rate_limited when it has shown too many.
    base::Result<ingest::PublishGrant> check(const base::Secret& stream_key, const std::string& address);

    // Answers that are held back at the same time. Those beyond are refused at once, so that guessers fill up
    // neither the pool nor other people's way in.
    static constexpr std::size_t max_delayed = 128;

  private:
    base::Result<ingest::PublishGrant> may_publish(const base::Secret& stream_key);

    store::Store& store_;
    const LiveBoard& board_;
    WorkerPool& pool_;
    const GateSettings settings_;
    PlaybackDesk* const playback_;
    RateLimiter failures_;
    std::atomic<std::size_t> delayed_{0};
};

}  // namespace service
