// Lists and settings that the database keeps as JSON text, because no query looks inside them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/records.h"

namespace store {

std::string to_text(const std::vector<std::string>& list);
std::string to_text(const EncodeSettings& settings);
// Throw a Failure on text that none of the above wrote.
std::vector<std::string> list_from(const std::string& text);
EncodeSettings settings_from(const std::string& text);

inline std::optional<std::string> to_text(const std::optional<EncodeSettings>& settings) {
    return settings ? std::optional(to_text(*settings)) : std::nullopt;
}
inline std::optional<EncodeSettings> settings_from(const std::optional<std::string>& text) {
    return text ? std::optional(settings_from(*text)) : std::nullopt;
}

}  // namespace store
