#pragma once
// How a command joins the binary: a function that adds its CLI11 subcommand and returns what runs it.
// Each lives in app/commands/<name>.cpp and is listed once in app/cli.cpp.
#include <functional>
#include <string>

#include <CLI/App.hpp>

#include "base/result.hpp"

namespace voltage::app {

// What a command found to say. exit_code 1 with no error is a job that ran and whose answer is no.
using Run = std::function<Result<int>()>;

struct Command {
  CLI::App* parser;
  Run run;
};

using AddCommand = Command (*)(CLI::App& root);

}  // namespace voltage::app
