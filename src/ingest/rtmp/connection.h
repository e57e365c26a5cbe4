// Connection: one RTMP peer. It owns the socket and the session, asks the gate, and feeds its publisher's
// place at the desk. Made and touched on its core's thread only.
#pragma once

#include <atomic>
#include <memory>
#include <set>

#include "ingest/rtmp/message_demuxer.h"
#include "ingest/rtmp/server.h"

namespace ingest::rtmp {

class Connection;

struct SharedCounters {
    std::atomic<std::uint64_t> protocol_errors{0};
    std::atomic<std::uint64_t> deadlines_passed{0};
    std::atomic<std::uint64_t> publish_refused{0};
    std::atomic<std::size_t> connections{0};
};

// What all connections of one core share. Lives as long as any of them.
struct ConnectionContext {
    const ServerSettings& settings;
    net::Core& core;
    std::shared_ptr<StreamDesk> desk;
    PublishGate& gate;
    const hub::Registry& registry;
    const base::Clock& clock;
    base::Logger log;
    Server::OnPlayer on_player;
    SharedCounters& counters;
    base::LimitHits& hits;
    // Those of this core; each keeps itself alive by standing here until it is closed.
    std::set<std::shared_ptr<Connection>> connections;
    // One scratch buffer for all: an idle connection holds none.
    base::Bytes read_buffer;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(std::shared_ptr<ConnectionContext> context, net::TransportPtr transport,
               net::ConnectionSlot slot);
    ~Connection();

    void start();
    // Called several times a second: deadlines, silence, lingering.
    void tick(base::MonotonicTime now);
    // Tells the peer why and ends.
    void end(const std::string& reason);
    // The same, when the server stops: an encoder that understands it is asked to connect again.
    void go_away(const std::string& reason);

  private:
    void wait_readable();
    void on_readable();
    void after_input(base::Result<> consumed);
    void handle(protocol::rtmp::ServerEvent event);
    void ask_to_publish(protocol::rtmp::PublishRequested request);
    void ask_to_play(protocol::rtmp::PlayRequested request);
    void publish_answered(base::Result<PublishGrant> answer);
    void play_answered(base::Result<PlayGrant> answer);
    void publish_frames();
    bool app_accepted(const protocol::rtmp::ConnectInfo& info);
    void flush();
    void linger();
    void close(const std::string& reason);

    std::shared_ptr<ConnectionContext> context_;
    net::TransportPtr transport_;
    net::ConnectionSlot slot_;
    std::string peer_;
    protocol::rtmp::ServerSession session_;
    MessageDemuxer demuxer_;
    std::unique_ptr<Publisher> publisher_;
    std::vector<TimedFrame> frames_;
    base::Bytes unsent_;
    std::size_t unsent_from_ = 0;
    bool waiting_writable_ = false;
    bool write_side_ended_ = false;
    base::MonotonicTime last_input_;
    std::optional<base::MonotonicTime> gate_deadline_;
    // What a refusal of the question at the gate is called.
    std::string_view refusal_code_;
    std::optional<base::MonotonicTime> close_at_;
    std::string end_reason_ = "the connection was closed";
    bool pinged_ = false;
};

}  // namespace ingest::rtmp
