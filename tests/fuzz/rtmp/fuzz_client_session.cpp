// A client session against any bytes after the handshake: whatever a server says, the key never comes back in
// a text.
#include "protocol/rtmp/client_session.h"

#include "protocol/rtmp/session_cases.h"
#include "slices.h"

using namespace protocol::rtmp;

namespace {

void run(ClientPurpose purpose, base::ByteView input) {
    static const base::Bytes hello = client_hello(HandshakePacket{});
    base::MonotonicTime now{std::chrono::hours(1)};
    ClientSettings settings;
    settings.app = "live";
    settings.tc_url = "rtmp://host/live";
    settings.stream_key = base::Secret(std::string(case_key));
    settings.purpose = purpose;
    ClientSession session(settings, now);
    fuzz::require(session.consume(hello, now).has_value());
    const auto keyless = [](const std::string& text) {
        fuzz::require(text.size() <= 256 && text.find("live_4711_s3cr3tk3y") == std::string::npos);
    };
    fuzz::in_slices(input, [&](base::ByteView part) {
        now += std::chrono::milliseconds(1);
        const bool ok = session.consume(part, now).has_value();
        fuzz::require(ok || session.step() == ClientStep::failed);
        while (const auto event = session.next_event()) {
            if (const auto* refused = std::get_if<Refused>(&*event)) {
                keyless(refused->code);
                keyless(refused->text);
                fuzz::require(session.step() == ClientStep::failed);
            }
            if (const auto* ended = std::get_if<EndedByPeer>(&*event)) {
                keyless(ended->code);
                keyless(ended->text);
            }
            if (const auto* reconnect = std::get_if<ReconnectRequested>(&*event))
                keyless(reconnect->description);
            fuzz::require(purpose == ClientPurpose::play || !std::holds_alternative<PlayedMedia>(*event));
        }
        static_cast<void>(session.take_output());
        return ok;
    });
    session.finish();
    static_cast<void>(session.tick(now + std::chrono::seconds(60)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run(ClientPurpose::publish, {data, size});
    run(ClientPurpose::play, {data, size});
    return 0;
}
