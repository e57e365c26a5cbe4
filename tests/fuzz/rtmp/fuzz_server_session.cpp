// A server session against any bytes after the handshake. The second byte says what its owner answers.
#include "protocol/rtmp/server_session.h"

#include "protocol/rtmp/handshake_cases.h"
#include "slices.h"

using namespace protocol::rtmp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const base::Bytes hello = client_hello(HandshakePacket{});
    base::MonotonicTime now{std::chrono::hours(1)};
    ServerSession session(ServerSettings{}, now);
    fuzz::require(session.consume(hello, now).has_value());
    const bool refuses = size > 0 && (data[0] & 0x80) != 0;
    const bool answers_late = size > 0 && (data[0] & 0x40) != 0;
    const auto answer = [&] {
        if (refuses) session.refuse("NetStream.Publish.BadName", "no");
        session.accept_publish();
        session.accept_play();
    };

    bool publishing = false;
    fuzz::in_slices({data, size}, [&](base::ByteView part) {
        now += std::chrono::milliseconds(1);
        const bool ok = session.consume(part, now).has_value();
        fuzz::require(ok || session.closing());
        while (const auto event = session.next_event()) {
            if (std::holds_alternative<PublishRequested>(*event)) {
                publishing = true;
                if (!answers_late) answer();
            } else if (std::holds_alternative<PlayRequested>(*event)) {
                if (!answers_late) answer();
            } else if (std::holds_alternative<MediaReceived>(*event)) {
                // Not a byte of media before the answer, nor after a refusal.
                fuzz::require(publishing && !refuses && !answers_late);
            }
        }
        fuzz::require(session.buffered_bytes() <= 17 * 1024 * 1024);
        static_cast<void>(session.take_output());
        return ok && !session.closing();
    });
    if (answers_late) answer();
    session.send_ping(now);
    static_cast<void>(session.request_reconnect("rtmp://host/live", "update"));
    static_cast<void>(session.tick(now + std::chrono::seconds(60)));
    session.end("over");
    fuzz::require(session.closing());
    return 0;
}
