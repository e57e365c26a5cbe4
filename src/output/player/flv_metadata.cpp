#include "output/player/flv_metadata.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "protocol/rtmp/amf0.h"

namespace output::player {
namespace {

using protocol::rtmp::AmfObject;
using protocol::rtmp::AmfValue;

constexpr std::string_view name = "onMetaData";

// FLV 10.1, E.5.
constexpr std::array<std::string_view, 11> told{
    "width",         "height",          "framerate",       "videocodecid", "videodatarate", "audiocodecid",
    "audiodatarate", "audiosamplerate", "audiosamplesize", "stereo",       "audiochannels"};

bool is_plain(const AmfValue& value) {
    return value.boolean() != nullptr || (value.number() != nullptr && std::isfinite(*value.number()));
}

}  // namespace

base::Bytes write_live_metadata(base::ByteView encoders) {
    protocol::rtmp::AmfReader reader(encoders);
    const auto first = reader.read();
    if (!first || !first->text() || *first->text() != name) return {};
    const auto properties = reader.read();
    if (!properties || !properties->object()) return {};

    AmfObject kept;
    kept.ecma_array = true;
    for (const std::string_view wanted : told)
        if (const AmfValue* value = properties->object()->find(wanted); value && is_plain(*value))
            kept.set(std::string(wanted), *value);
    if (kept.properties.empty()) return {};
    base::Bytes body;
    protocol::rtmp::write_amf(body, name);
    protocol::rtmp::write_amf(body, std::move(kept));
    return body;
}

}  // namespace output::player
