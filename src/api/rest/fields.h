// Bounds that the bodies of several routes share, as api/openapi.yaml states them. The services hold the
// finer rules.
#pragma once

#include "api/input/object_reader.h"

namespace api::rest {

inline constexpr input::TextRule kName{1, 100};
inline constexpr input::TextRule kTitle{1, 200};
inline constexpr input::TextRule kId{1, 64};
// An empty text takes the reference away.
inline constexpr input::TextRule kIdOrNone{0, 64};
inline constexpr input::TextRule kUrl{0, 2'048};
inline constexpr input::TextRule kKey{0, 2'048};
inline constexpr input::TextRule kEmail{3, 254};
inline constexpr input::TextRule kPassword{1, 256};
inline constexpr std::size_t kMaxDestinations = 200;

}  // namespace api::rest
