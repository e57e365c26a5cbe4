// RtmpSink: a platform that takes any number of streams and writes down every message of each, and when it
// came. A thread of its own serves all connections; everything else is safe from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/unique_fd.h"
#include "protocol/rtmp/server_session.h"
#include "support/live_show.h"

namespace test_support {

// One connection that asked to publish.
struct SinkRun {
    std::string key;
    base::MonotonicTime asked_at{};
    bool refused = false;
    std::size_t metadata_before_media = 0;
    std::vector<Recorded> media = {};
    bool ended_in_words = false;  // the stream was unpublished, not just cut
    bool over = false;

    // Without configurations.
    std::vector<Recorded> frames() const;
};

class RtmpSink {
  public:
    // Keys that begin with "bad" are refused.
    RtmpSink();
    ~RtmpSink();
    RtmpSink(const RtmpSink&) = delete;
    RtmpSink& operator=(const RtmpSink&) = delete;

    std::uint16_t port() const { return port_; }

    // Those of a key, in the order in which they came; all of them for an empty key.
    std::vector<SinkRun> runs(const std::string& key = "") const;
    std::size_t count(const std::string& key) const;

    // Waits until it holds of the runs of a key; false after the deadline.
    bool wait_for(const std::string& key, const std::function<bool(const std::vector<SinkRun*>&)>& holds,
                  std::chrono::milliseconds deadline = std::chrono::seconds(10)) const;
    // Until the last message of a key's newest run is this one.
    bool wait_for_last(const std::string& key, const Recorded& last,
                       std::chrono::milliseconds deadline = std::chrono::seconds(10)) const;

  private:
    struct Connection {
        net::UniqueFd fd;
        protocol::rtmp::ServerSession session;
        SinkRun* run = nullptr;
        base::Bytes unsent = {};
        bool broken = false;
    };

    void run();
    void accept();
    void read(Connection& connection);
    void hear(Connection& connection, base::MonotonicTime now);
    void send(Connection& connection);
    std::vector<SinkRun*> of_key(const std::string& key) const;

    net::UniqueFd listener_;
    net::UniqueFd wake_;
    net::UniqueFd epoll_;
    std::uint16_t port_ = 0;
    std::map<int, Connection> connections_;  // the thread's own
    base::Bytes buffer_;
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::list<SinkRun> runs_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace test_support
