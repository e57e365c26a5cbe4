#include "protocol/rtmp/capability_fields.h"

#include <cmath>

namespace protocol::rtmp {
namespace {

// More than Enhanced RTMP has codecs, few enough to keep per connection.
constexpr std::size_t max_entries = 32;
constexpr std::size_t max_fourcc = 8;

std::uint32_t flags(const AmfObject& object, std::string_view name) {
    const double value = object.number(name).value_or(0);
    return std::isfinite(value) && value >= 0 && value <= 0xffffffff ? static_cast<std::uint32_t>(value) : 0;
}

std::map<std::string, std::uint32_t> read_map(const AmfObject& object, std::string_view name) {
    std::map<std::string, std::uint32_t> map;
    const AmfObject* entries = object.object(name);
    if (!entries) return map;
    for (const AmfProperty& entry : entries->properties) {
        if (map.size() == max_entries) break;
        if (entry.name.size() <= max_fourcc && entry.value.number())
            map[entry.name] = flags(*entries, entry.name);
    }
    return map;
}

AmfObject map_object(const std::map<std::string, std::uint32_t>& map) {
    AmfObject object;
    for (const auto& [fourcc, mask] : map) object.set(fourcc, mask);
    return object;
}

}  // namespace

Capabilities read_capabilities(const AmfObject& object) {
    Capabilities capabilities;
    if (const AmfValue* list = object.find("fourCcList"); list && list->array()) {
        for (const AmfValue& entry : list->array()->values) {
            if (capabilities.fourcc_list.size() == max_entries) break;
            if (entry.text() && entry.text()->size() <= max_fourcc)
                capabilities.fourcc_list.push_back(*entry.text());
        }
    }
    capabilities.video_fourcc = read_map(object, "videoFourCcInfoMap");
    capabilities.audio_fourcc = read_map(object, "audioFourCcInfoMap");
    capabilities.caps_ex = flags(object, "capsEx");
    capabilities.video_function = flags(object, "videoFunction");
    return capabilities;
}

void write_capabilities(AmfObject& object, const Capabilities& capabilities) {
    if (!capabilities.fourcc_list.empty()) {
        AmfArray list;
        for (const std::string& fourcc : capabilities.fourcc_list) list.values.emplace_back(fourcc);
        object.set("fourCcList", std::move(list));
    }
    if (!capabilities.video_fourcc.empty())
        object.set("videoFourCcInfoMap", map_object(capabilities.video_fourcc));
    if (!capabilities.audio_fourcc.empty())
        object.set("audioFourCcInfoMap", map_object(capabilities.audio_fourcc));
    if (capabilities.caps_ex != 0) object.set("capsEx", capabilities.caps_ex);
    if (capabilities.video_function != 0) object.set("videoFunction", capabilities.video_function);
}

Capabilities forwarding_capabilities() {
    Capabilities capabilities;
    capabilities.fourcc_list = {"*"};
    capabilities.video_fourcc = {{"*", fourcc_mask::can_forward}};
    capabilities.audio_fourcc = {{"*", fourcc_mask::can_forward}};
    capabilities.caps_ex =
        caps_ex::reconnect | caps_ex::multitrack | caps_ex::mod_ex | caps_ex::timestamp_nano_offset;
    return capabilities;
}

}  // namespace protocol::rtmp
