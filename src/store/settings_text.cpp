#include "store/settings_text.h"

#include <boost/json.hpp>

#include "store/connection.h"

namespace store {

namespace {

namespace json = boost::json;

template <class T>
void put(json::object& object, const char* name, const std::optional<T>& value) {
    if (value) object[name] = *value;
}

template <class T>
void take(const json::object& object, const char* name, std::optional<T>& value) {
    if (const auto* found = object.if_contains(name)) value = json::value_to<T>(*found);
}

template <class Work>
auto reading(Work work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception&) {
        throw Failure{{base::ErrorCode::internal, "A stored list or set of settings is damaged."}};
    }
}

}  // namespace

std::string to_text(const std::vector<std::string>& list) {
    json::array array;
    for (const std::string& item : list) array.emplace_back(item);
    return json::serialize(array);
}

std::string to_text(const EncodeSettings& settings) {
    json::object object;
    object["mode"] = json::string(to_string(settings.mode));
    put(object, "video_bitrate_kbps", settings.video_bitrate_kbps);
    put(object, "audio_bitrate_kbps", settings.audio_bitrate_kbps);
    put(object, "width", settings.width);
    put(object, "height", settings.height);
    put(object, "fps", settings.fps);
    put(object, "preset", settings.preset);
    put(object, "keyframe_interval_s", settings.keyframe_interval_s);
    return json::serialize(object);
}

std::vector<std::string> list_from(const std::string& text) {
    return reading([&] { return json::value_to<std::vector<std::string>>(json::parse(text)); });
}

EncodeSettings settings_from(const std::string& text) {
    return reading([&] {
        const json::value parsed = json::parse(text);
        const json::object& object = parsed.as_object();
        EncodeSettings settings;
        settings.mode = encode_mode_from(object.at("mode").as_string()).value();
        take(object, "video_bitrate_kbps", settings.video_bitrate_kbps);
        take(object, "audio_bitrate_kbps", settings.audio_bitrate_kbps);
        take(object, "width", settings.width);
        take(object, "height", settings.height);
        take(object, "fps", settings.fps);
        take(object, "preset", settings.preset);
        take(object, "keyframe_interval_s", settings.keyframe_interval_s);
        return settings;
    });
}

}  // namespace store
