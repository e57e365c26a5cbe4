// A client session against any bytes after the handshake. The first byte says how they are sliced and what
// the session is for. Whatever a server says, the key goes out only after connect was answered and never
// comes back in a text; and what the session says is RTMP.
#include "protocol/rtmp/client_session.h"

#include "fuzz/rtmp/session_checks.h"
#include "fuzz/slices.h"
#include "fuzz/surroundings.h"
#include "protocol/rtmp/session_cases.h"

using namespace protocol::rtmp;

namespace {

// The part of the key that no text may hold.
constexpr std::string_view canary = "live_4711_s3cr3tk3y";

enum Options : std::uint8_t { plays = 0x80, announces_codecs = 0x40, slow_clock = 0x20 };

ClientSettings settings_of(std::uint8_t options) {
    ClientSettings settings;
    settings.app = "live";
    settings.tc_url = "rtmp://host/live";
    settings.stream_key = base::Secret(std::string(case_key));
    settings.purpose = options & plays ? ClientPurpose::play : ClientPurpose::publish;
    if (options & announces_codecs) settings.fourcc_list = {"hvc1", "Opus"};
    return settings;
}

class Owner {
  public:
    explicit Owner(std::uint8_t options) : options_(options) {}

    void run(base::ByteView input) {
        static const base::Bytes hello = client_hello(HandshakePacket{});
        fuzz::require(session_.consume(hello, now_).has_value());
        hear();
        fuzz::in_slices(input, [&](base::ByteView part) {
            now_ += options_ & slow_clock ? std::chrono::milliseconds(300) : std::chrono::milliseconds(1);
            const bool ok = session_.consume(part, now_).has_value();
            fuzz::require(ok || session_.step() == ClientStep::failed);
            fuzz::require(session_.buffered_bytes() <= limits_of_publisher.partial_size);
            hear();
            return ok;
        });
        session_.finish();
        hear();
        static_cast<void>(session_.tick(now_ + std::chrono::seconds(60)));
        fuzz::require(!session_.deadline());
        said_.finish(input.size());
    }

  private:
    void hear() {
        while (const auto event = session_.next_event()) std::visit([this](const auto& e) { on(e); }, *event);
        const base::Bytes output = session_.take_output();
        if (session_.step() == ClientStep::connect)
            fuzz::require(base::as_text(output).find(canary) == std::string_view::npos);
        said_.hear(output);
    }

    static void check_text(const std::string& text) {
        fuzz::require(text.size() <= 256 && text.find(canary) == std::string::npos);
    }

    void on(const PublishAccepted&) {
        fuzz::require((options_ & plays) == 0 && !std::exchange(accepted_, true));
    }
    void on(const PlayStarted&) { fuzz::require((options_ & plays) != 0 && !std::exchange(accepted_, true)); }
    void on(const PlayedMedia&) { fuzz::require((options_ & plays) != 0 && accepted_); }
    void on(const Refused& refused) {
        fuzz::require(session_.step() == ClientStep::failed);
        check_text(refused.code);
        check_text(refused.text);
    }
    void on(const EndedByPeer& ended) {
        fuzz::require(session_.step() == ClientStep::failed && accepted_);
        check_text(ended.code);
        check_text(ended.text);
    }
    void on(const ReconnectRequested& reconnect) {
        check_text(reconnect.description);
        fuzz::require(reconnect.tc_url.size() <= 2048);
    }
    void on(const BytesAcknowledged&) {}

    std::uint8_t options_;
    base::MonotonicTime now_{std::chrono::hours(1)};
    ClientSession session_{settings_of(options_), now_};
    fuzz::SaidBySession said_;
    bool accepted_ = false;
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
