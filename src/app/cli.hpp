#pragma once
// The command line: parses, calls the command, turns its Status into an exit code.
// 0 success, 1 a refused or failed job (one line on stderr), 2 bad usage.

namespace voltage::app {

int run_cli(int argc, char** argv);

}  // namespace voltage::app
