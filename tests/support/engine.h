// The data plane as app/ wires it, with a gate that knows two kinds of key and events that are only kept: for
// tests over real sockets.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "ingest/rtmp/server.h"
#include "output/player/rtmp_players.h"
#include "output/rtmp/supervisor.h"

namespace test_support {

// Lets in every key that begins with "key-"; the stream's id is the key with "st-" for "key-". Who begins
// with "hold-" never gets an answer.
class PrefixGate final : public ingest::PublishGate {
  public:
    void authorise(ingest::PublishRequest request,
                   std::function<void(base::Result<ingest::PublishGrant>)> answer) override {
        const std::string key = request.stream_key.reveal();
        if (key.starts_with("hold-")) return;
        if (!key.starts_with("key-"))
            return answer(base::fail(base::ErrorCode::forbidden,
                                     "the stream key is not known: copy it again from the dashboard"));
        answer(ingest::PublishGrant{"st-" + key.substr(4), takeover, grace});
    }
    void authorise(ingest::PlayRequest request,
                   std::function<void(base::Result<ingest::PlayGrant>)> answer) override {
        if (!request.playback_id.starts_with("hold-")) answer(ingest::PlayGrant{request.playback_id});
    }
    bool takeover = true;
    std::chrono::milliseconds grace{2'000};
};

class EventLog final : public media::EventSink {
  public:
    void publish(media::Event event) override {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        changed_.notify_all();
    }
    // Waits for an event of this type that fits; false after the deadline.
    template <class Wanted, class Fits>
    bool wait_for(Fits fits, std::chrono::milliseconds deadline = std::chrono::seconds(10)) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, deadline, [&] {
            for (const media::Event& event : events_)
                if (const auto* wanted = std::get_if<Wanted>(&event); wanted && fits(*wanted)) return true;
            return false;
        });
    }
    template <class Wanted>
    bool wait_for() {
        return wait_for<Wanted>([](const Wanted&) { return true; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<media::Event> events_;
};

struct Engine {
    explicit Engine(output::rtmp::SupervisorSettings supervisor_settings = {},
                    ingest::rtmp::ServerSettings server_settings = {},
                    output::player::PlayerSettings player_settings = {})
        : dialer({}, {}, std::move(*net::TlsClientContext::make(""))),
          desk(std::make_shared<ingest::StreamDesk>(registry, events, clock, base::Logger())),
          supervisor(supervisor_settings, pool, dialer, registry, events, clock, base::Logger()),
          players(player_settings, pool, memory, clock, base::Logger()) {
        server_settings.rtmp.host = "127.0.0.1";
        server_settings.rtmp.port = 0;
        server = std::move(*ingest::rtmp::Server::start(
            server_settings, pool, desk, gate, registry, clock, base::Logger(), hits,
            [this](ingest::rtmp::PlayerHandover player) {
                players.adopt(player.core, std::move(player.transport), std::move(player.slot),
                              std::move(player.session), std::move(player.stream));
            }));
    }
    ~Engine() {
        done = true;
        desk_thread.join();
        server->stop();
        supervisor.stop();
        players.stop();
        pool.stop();
    }
    std::string url() const { return "rtmp://127.0.0.1:" + std::to_string(server->rtmp_port()) + "/live"; }

    base::SystemClock clock;
    base::LimitHits hits;
    EventLog events;
    PrefixGate gate;
    hub::Registry registry{{}};
    net::IoPool pool{2};
    net::Dialer dialer;
    std::shared_ptr<ingest::StreamDesk> desk;
    output::rtmp::Supervisor supervisor;
    static constexpr std::uint64_t memory_limit = 1'000;
    base::MemoryGauge memory{memory_limit};
    output::player::RtmpPlayers players;
    std::unique_ptr<ingest::rtmp::Server> server;
    std::atomic<bool> done{false};
    // Ends grace periods, as app/ does.
    std::thread desk_thread{[this] {
        while (!done) {
            desk->tick(clock.now());
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
    }};
};

}  // namespace test_support
