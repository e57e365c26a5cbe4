// Opaque identifiers and random text, from the operating system's generator (libsodium).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace base {

// "st_" and 22 characters of base62: 131 random bits. The prefix tells a reader of logs what the id names.
std::string random_id(std::string_view prefix);
// `count` lower-case hexadecimal characters; `count` is even.
std::string random_hex(std::size_t count);
Bytes random_bytes(std::size_t count);

}  // namespace base
