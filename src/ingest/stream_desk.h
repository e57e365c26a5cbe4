// StreamDesk: who publishes which stream. It lets one encoder at a time onto a stream, hands over to a
// newcomer, bridges an encoder's absence by the grace period, and keeps the stream's clock and facts across
// all of that. Any thread; app/ owns it, every kind of ingest uses it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "hub/registry.h"
#include "ingest/ingests.h"
#include "ingest/publish_gate.h"
#include "media/event_sink.h"

namespace ingest {

// Takeovers of one stream within a minute; one more newcomer is refused, or two encoders would fight for
// ever.
inline constexpr std::size_t max_takeovers_per_minute = 5;
// With takeover off, an encoder that was silent for this long gives way.
inline constexpr auto silent_gives_way = std::chrono::seconds(5);

struct PublisherInfo {
    std::string client_address;
    std::string client_software;
    std::string protocol;
};

// One frame as its encoder sent it: `dts` of the frame is filled in by the desk.
struct TimedFrame {
    std::uint32_t wire_ms = 0;
    media::Frame frame;
};

class StreamDesk;

// An encoder's place at a stream. Going without lost() counts as lost.
class Publisher {
  public:
    ~Publisher();
    Publisher(const Publisher&) = delete;
    Publisher& operator=(const Publisher&) = delete;

    // Places the frames on the stream's clock and publishes them. False when this encoder is not the stream's
    // any more: it was replaced or cut, and must go.
    bool publish(std::vector<TimedFrame> frames, base::MonotonicTime now);
    void set_declared_fps(double fps);
    // The encoder is gone; the grace period begins.
    void lost(const std::string& reason);

    const std::string& stream_id() const;
    const std::string& ingest_id() const { return ingest_id_; }

  private:
    friend class StreamDesk;
    class Slot;
    Publisher(std::shared_ptr<StreamDesk> desk, std::shared_ptr<Slot> slot, std::string ingest_id);

    std::shared_ptr<StreamDesk> desk_;
    std::shared_ptr<Slot> slot_;
    std::string ingest_id_;
    bool gone_ = false;
};

class StreamDesk final : public Ingests, public std::enable_shared_from_this<StreamDesk> {
  public:
    // All outlive the desk.
    StreamDesk(hub::Registry& registry, media::EventSink& events, const base::Clock& clock, base::Logger log);

    // `cut` disconnects this encoder and tells it why; it is called from any thread, at most once, and must
    // post. Refused (conflict, rate_limited) with a message for the encoder's user.
    base::Result<std::unique_ptr<Publisher>> open(const PublishGrant& grant, const PublisherInfo& info,
                                                  std::function<void(std::string)> cut);

    // Ends the streams whose grace period is over. Called every 100 ms or so, on any one thread.
    void tick(base::MonotonicTime now);

    std::vector<IngestSnapshot> snapshot() const override;
    std::optional<IngestSnapshot> find(const std::string& stream_id) const override;
    void end(const std::string& stream_id, const std::string& reason) override;
    void send_away(const std::string& stream_id, const std::string& reason) override;

  private:
    friend class Publisher;
    using SlotPtr = std::shared_ptr<Publisher::Slot>;

    void publisher_lost(const SlotPtr& slot, const std::string& ingest_id, const std::string& reason);
    void cut(const std::string& stream_id, const std::string& reason, bool may_return);
    void close_slot(const SlotPtr& slot, bool may_return);
    std::vector<SlotPtr> slots() const;

    hub::Registry& registry_;
    media::EventSink& events_;
    const base::Clock& clock_;
    base::Logger log_;
    mutable std::mutex mutex_;
    std::map<std::string, SlotPtr> slots_;
};

}  // namespace ingest
