#include "protocol/rtmp/control.h"

#include "base/byte_reader.h"
#include "base/byte_writer.h"

namespace protocol::rtmp {
namespace {

tl::unexpected<base::Error> too_short() {
    return base::fail(base::ErrorCode::malformed, "a protocol control message is too short");
}

}  // namespace

base::Bytes write_number(std::uint32_t value) {
    base::Bytes out;
    base::ByteWriter(out).u32(value);
    return out;
}

base::Bytes write_peer_bandwidth(std::uint32_t bytes, BandwidthLimit limit) {
    base::Bytes out;
    base::ByteWriter(out).u32(bytes).u8(static_cast<std::uint8_t>(limit));
    return out;
}

base::Bytes write_user_control(const UserControl& control) {
    base::Bytes out;
    base::ByteWriter writer(out);
    writer.u16(static_cast<std::uint16_t>(control.event)).u32(control.value);
    if (control.event == UserEvent::set_buffer_length) writer.u32(control.second);
    return out;
}

base::Result<std::uint32_t> read_number(const Message& message) {
    base::ByteReader in(message.body.view());
    const std::uint32_t value = in.u32();
    if (in.failed()) return too_short();
    return value;
}

base::Result<UserControl> read_user_control(const Message& message) {
    base::ByteReader in(message.body.view());
    UserControl control;
    control.event = static_cast<UserEvent>(in.u16());
    if (in.failed()) return too_short();
    // Events that we do not know may have any body; those that we do have at least one number.
    switch (control.event) {
        case UserEvent::stream_begin:
        case UserEvent::stream_eof:
        case UserEvent::stream_dry:
        case UserEvent::stream_is_recorded:
        case UserEvent::ping_request:
        case UserEvent::ping_response:
            control.value = in.u32();
            break;
        case UserEvent::set_buffer_length:
            control.value = in.u32();
            control.second = in.u32();
            break;
        default:
            return control;
    }
    if (in.failed()) return too_short();
    return control;
}

}  // namespace protocol::rtmp
