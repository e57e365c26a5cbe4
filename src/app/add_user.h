// `everycast user add`: an account made on the database itself, also while a server runs. Main thread.
#pragma once

#include "app/command_line.h"

namespace app {

// The exit code.
int add_user(const AddUser& request);

}  // namespace app
