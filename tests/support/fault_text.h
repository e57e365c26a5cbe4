// The words of the program `fault_proxy`: "closed_port", "up.rate=60000", "down.delay_ms=200". Pure.
#pragma once

#include <span>
#include <string>

#include "base/result.h"
#include "support/fault_proxy.h"

namespace test_support {

// Errors (invalid_argument) name the word that is not understood.
base::Result<Faults> read_faults(std::span<const std::string> words);

}  // namespace test_support
