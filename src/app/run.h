// The program: reads the command line and runs the command. Called once, from main.
#pragma once

namespace app {

int run(int argc, char** argv);

}  // namespace app
