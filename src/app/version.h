// The version, as CMake's project() has it.
#pragma once

#include <string_view>

namespace app {

inline constexpr std::string_view version = EVERYCAST_VERSION;

}  // namespace app
