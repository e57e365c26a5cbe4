// What stream keys look like at each platform: a hint for a creator who pasted the wrong thing, never a
// reason to refuse, because platforms change their keys without telling. For this folder.
#pragma once

#include <string_view>

namespace platform::key_shape {

bool youtube(std::string_view key);
bool twitch(std::string_view key);
bool facebook(std::string_view key);
bool kick(std::string_view key);
bool instagram(std::string_view key);
bool tiktok(std::string_view key);
bool cloudflare(std::string_view key);
// Anything without white space and control characters.
bool opaque(std::string_view key);

}  // namespace platform::key_shape
