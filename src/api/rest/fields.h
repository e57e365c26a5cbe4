// Bounds that the bodies of several routes share, as api/openapi.yaml states them. The services hold the
// finer rules.
#pragma once

#include "api/input/object_reader.h"

namespace api::rest {

inline constexpr input::TextRule name_rule{1, 100};
inline constexpr input::TextRule title_rule{1, 200};
inline constexpr input::TextRule id_rule{1, 64};
// An empty text takes the reference away.
inline constexpr input::TextRule id_or_none_rule{0, 64};
inline constexpr input::TextRule url_rule{0, 2'048};
inline constexpr input::TextRule key_rule{0, 2'048};
inline constexpr input::TextRule email_rule{3, 254};
inline constexpr input::TextRule password_rule{1, 256};
inline constexpr std::size_t max_destinations = 200;

}  // namespace api::rest
