// A server session against any bytes after the handshake. The first byte says how they are sliced and what
// the session's owner answers. Media never comes before the answer, events come in an order that makes sense,
// and what the session says is RTMP.
#include "protocol/rtmp/server_session.h"

#include "fuzz/rtmp/session_checks.h"
#include "fuzz/slices.h"
#include "fuzz/surroundings.h"
#include "protocol/rtmp/handshake_cases.h"

using namespace protocol::rtmp;

namespace {

// Both limits of partial messages, and what waits for the gate.
constexpr std::size_t most_before_publish = 1024 * 1024 + 256 * 1024;
constexpr std::size_t most_of_publisher = 16 * 1024 * 1024 + 256 * 1024;

enum Options : std::uint8_t {
    refuses = 0x80,
    answers_late = 0x40,
    slow_clock = 0x20,
    asks_to_come_again = 0x10
};

class Owner {
  public:
    explicit Owner(std::uint8_t options) : options_(options) {}

    void run(base::ByteView input) {
        static const base::Bytes hello = client_hello(HandshakePacket{});
        fuzz::require(session_.consume(hello, now_).has_value());
        fuzz::in_slices(input, [&](base::ByteView part) {
            now_ += options_ & slow_clock ? std::chrono::milliseconds(300) : std::chrono::milliseconds(1);
            const bool ok = session_.consume(part, now_).has_value();
            fuzz::require(ok || session_.closing());
            hear((options_ & answers_late) == 0);
            return ok && !session_.closing();
        });
        hear(true);
        session_.send_ping(now_);
        if (options_ & asks_to_come_again)
            static_cast<void>(session_.request_reconnect("rtmp://host/live", "update"));
        static_cast<void>(session_.tick(now_ + std::chrono::seconds(60)));
        session_.end("over");
        fuzz::require(session_.closing());
        said_.hear(session_.take_output());
        said_.finish(input.size());
    }

  private:
    enum class Granted { nothing, asked, publish, play };

    void hear(bool answers) {
        while (true) {
            while (const auto event = session_.next_event())
                std::visit([this](const auto& e) { on(e); }, *event);
            if (!answers || granted_ != Granted::asked) break;
            answer();
        }
        fuzz::require(session_.publishing() <= (granted_ == Granted::publish));
        fuzz::require(session_.buffered_bytes() <= (ever_granted_ ? most_of_publisher : most_before_publish));
        said_.hear(session_.take_output());
    }

    void answer() {
        if (options_ & refuses) {
            session_.refuse("NetStream.Publish.BadName", "no");
            granted_ = Granted::nothing;
            fuzz::require(session_.closing());
        } else if (wants_to_publish_) {
            session_.accept_play();  // not what was asked for: means nothing
            session_.accept_publish();
            granted_ = Granted::publish;
        } else {
            session_.accept_publish();
            session_.accept_play();
            granted_ = Granted::play;
        }
        ever_granted_ = ever_granted_ || granted_ == Granted::publish;
    }

    void on(const PublishRequested& asked) {
        fuzz::require(granted_ == Granted::nothing && asked.stream_key.size() <= 1024);
        granted_ = Granted::asked;
        wants_to_publish_ = true;
    }
    void on(const PlayRequested& asked) {
        fuzz::require(granted_ == Granted::nothing && asked.stream_name.size() <= 1024);
        granted_ = Granted::asked;
        wants_to_publish_ = false;
    }
    // Not a byte of media before the answer, nor after a refusal.
    void on(const MediaReceived& media) {
        fuzz::require(granted_ == Granted::publish && (options_ & refuses) == 0);
        const MessageType type = media.message.type;
        fuzz::require(type == MessageType::audio || type == MessageType::video ||
                      type == MessageType::data_amf0);
    }
    void on(const PublishEnded&) {
        fuzz::require(granted_ == Granted::publish);
        granted_ = Granted::nothing;
    }
    void on(const PlayEnded&) {
        fuzz::require(granted_ == Granted::play);
        granted_ = Granted::nothing;
    }
    void on(const PausedByPlayer&) { fuzz::require(granted_ == Granted::play); }

    std::uint8_t options_;
    base::MonotonicTime now_{std::chrono::hours(1)};
    ServerSession session_{ServerSettings{}, now_};
    fuzz::SaidBySession said_;
    Granted granted_ = Granted::nothing;
    bool wants_to_publish_ = false;
    bool ever_granted_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    fuzz::without_chance();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 0) Owner(data[0]).run({data, size});
    return 0;
}
