// LiveShow: an encoder that publishes made-up media at its own pace, on a thread of its own, and knows what
// it sent and when. Every message's body is unlike all others, so that a receiver's can be found again.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "support/rtmp_client.h"

namespace test_support {

struct Recorded {
    protocol::rtmp::MessageType type{};
    std::uint32_t timestamp = 0;
    std::uint64_t hash = 0;  // of the body
    bool config = false;
    bool keyframe = false;      // of video
    base::MonotonicTime at{};   // sent or received
    std::int64_t media_ms = 0;  // at the encoder: the time since the show's beginning

    bool video() const { return type == protocol::rtmp::MessageType::video; }
};

// What a message of this type and body is; `at` and time are the caller's.
Recorded recorded(protocol::rtmp::MessageType type, std::uint32_t timestamp, base::ByteView body,
                  base::MonotonicTime at);

struct ShowSettings {
    int kbps = 600;
    int pictures_per_second = 25;
    std::chrono::milliseconds between_keyframes{1'000};
    // How much faster than real time it is sent.
    double speed = 1;
    // What the encoder writes for a time since the show's beginning. None: that time.
    std::function<std::uint32_t(std::int64_t media_ms)> wire_clock = {};
    // Makes this show's bodies unlike another's.
    std::uint32_t seed = 1;
};

class LiveShow {
  public:
    // Connects to a port of this machine and publishes; metadata and configurations go at once, pictures wait
    // for begin().
    LiveShow(std::uint16_t port, const std::string& key, ShowSettings settings = {});
    // Ends it without a word, if end() was not called.
    ~LiveShow();
    LiveShow(const LiveShow&) = delete;
    LiveShow& operator=(const LiveShow&) = delete;

    bool accepted() const { return accepted_; }
    void begin();
    // Stops; with a farewell, as an encoder's user does.
    void end();
    // The server ended the connection.
    bool cut() const { return cut_; }

    // All audio and video, configurations included.
    std::vector<Recorded> sent() const;

  private:
    void run();
    void send_until(std::int64_t media_ms);
    void send(protocol::rtmp::MessageType type, std::int64_t media_ms, const base::Bytes& body);
    void send_headers();
    base::Bytes picture(bool keyframe);
    base::Bytes sound();
    void fill(base::Bytes& body, std::size_t size);

    ShowSettings settings_;
    RtmpClient client_;
    bool accepted_ = false;
    std::atomic<bool> cut_{false};
    std::atomic<bool> stopping_{false};
    std::int64_t next_picture_ = 0;
    std::int64_t next_sound_ = 0;
    std::uint64_t serial_ = 0;
    base::MonotonicTime began_{};
    mutable std::mutex mutex_;
    std::vector<Recorded> sent_;
    std::thread thread_;
};

}  // namespace test_support
