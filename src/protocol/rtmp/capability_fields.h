// Capabilities ↔ the fields of connect's command object and of its _result (Enhanced RTMP v2). Pure.
#pragma once

#include "protocol/rtmp/amf0.h"
#include "protocol/rtmp/capabilities.h"

namespace protocol::rtmp {

// Fields of a wrong type count as absent; lists and maps are cut at a bound.
Capabilities read_capabilities(const AmfObject& object);
// Adds the fields that are not empty.
void write_capabilities(AmfObject& object, const Capabilities& capabilities);

// What this server announces: every codec is forwarded, none decoded.
Capabilities forwarding_capabilities();

}  // namespace protocol::rtmp
