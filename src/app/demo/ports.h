// TCP ports of this machine that nobody listens on. Any thread.
#pragma once

#include <chrono>
#include <cstdint>

namespace app::demo {

// `wanted` when nobody has it, else one the kernel chooses; 0 when there is none.
std::uint16_t free_port(std::uint16_t wanted);
// Somebody listens on this port of the loopback address.
bool port_answers(std::uint16_t port);

}  // namespace app::demo
