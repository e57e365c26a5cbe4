// Asks for a password: on the terminal without echo, or one line of standard input when that is no terminal.
// Main thread.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace app {

// `twice`: a typing mistake in a new password is found by typing it again (terminal only).
base::Result<base::Secret> ask_password(const std::string& prompt, bool twice);

}  // namespace app
