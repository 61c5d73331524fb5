// The one binary. Everything it can do is a command in app/commands.
#include "app/cli.hpp"

int main(int argc, char** argv) {
  return voltage::app::run_cli(argc, argv);
}
