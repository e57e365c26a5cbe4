// PlaybackSeat: one connection that plays, with what its right rests on; and the stream of bytes that ends
// with it. For PlaybackDesk; any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "base/byte_source.h"
#include "media/play_permit.h"
#include "service/audience.h"

namespace service {

class PlaybackSeat final : public media::PlayPermit {
  public:
    PlaybackSeat(std::string playback, std::string user, std::unique_ptr<Audience::Seat> place,
                 base::MonotonicTime now)
        : playback_id(std::move(playback)),
          user_id(std::move(user)),
          good_at(now),
          audience_(std::move(place)) {}

    const std::string playback_id;
    // Empty where everybody may watch.
    const std::string user_id;
    // When its right was last found to stand.
    std::atomic<base::MonotonicTime> good_at;

    // At each look of the one thread that looks.
    void stayed() { audience_->stayed(); }

  private:
    std::unique_ptr<Audience::Seat> audience_;
};

class PermittedSource final : public base::ByteSource {
  public:
    PermittedSource(std::shared_ptr<base::ByteSource> source, std::shared_ptr<media::PlayPermit> permit)
        : source_(std::move(source)), permit_(std::move(permit)) {}

    void start(std::function<void()> wake) override { source_->start(std::move(wake)); }
    Pull pull(base::MonotonicTime now, base::GatherList& out) override {
        if (permit_->revoked()) return {.end = true};
        Pull pulled = source_->pull(now, out);
        // A stream that stands still must not keep a right from ending.
        pulled.next = std::min(pulled.next, now + look_interval);
        return pulled;
    }

  private:
    static constexpr std::chrono::milliseconds look_interval{500};

    const std::shared_ptr<base::ByteSource> source_;
    const std::shared_ptr<media::PlayPermit> permit_;
};

}  // namespace service
