#include "app/cli.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/version.hpp"

namespace voltage::app {

namespace {

const std::vector<AddCommand>& commands() {
  // In the order in which a person meets them.
  static const std::vector<AddCommand> all{
      add_demo,        //
      add_import,      //
      add_backfill,    //
      add_record,      //
      add_train,       //
      add_models,      //
      add_forecast,    //
      add_features,    //
      add_price,       //
      add_fair,        //
      add_evaluate,    //
      add_backtest,    //
      add_ladder,      //
      add_violations,  //
      add_paper,       //
      add_probe,       //
      add_doctor,      //
      add_live,        //
      add_guard,       //
      add_kill,        //
      add_rekey,       //
      add_evidence,    //
      add_ledger,      //
      add_decode,      //
      add_venue,       //
      add_runs,        //
      add_replay,      //
      add_explain,     //
      add_report,      //
      add_nightly,     //
      add_seal,        //
      add_sim,         //
      add_bench,       //
      add_stress,      //
      add_control,     //
      add_digest,      //
  };
  return all;
}

int run(const Command& command) {
  try {
    const auto code = command.run();
    if (code) return *code;
    fmt::print(stderr, "voltage {}: {}\n", command.parser->get_name(), code.error().message);
  } catch (const std::exception& e) {
    fmt::print(stderr, "voltage {}: {}\n", command.parser->get_name(), e.what());
  }
  return 1;
}

}  // namespace

int run_cli(int argc, char** argv) {
  CLI::App root{"voltage trades Kalshi's Bitcoin contracts as a volatility product"};
  root.require_subcommand(1);
  root.set_version_flag("--version", std::string{"voltage "} + kVersion + " " + commit());
  std::vector<Command> added;
  for (const AddCommand add : commands()) added.push_back(add(root));
  const std::string first = argc > 1 ? argv[1] : "";
  const auto named = [&](const Command& c) { return c.parser->get_name() == first; };
  if (!first.empty() && first[0] != '-' && std::none_of(added.begin(), added.end(), named)) {
    fmt::print(stderr, "voltage: '{}' is no command; voltage --help lists them\n", first);
    return 2;
  }
  try {
    root.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return root.exit(e) == 0 ? 0 : 2;
  }
  for (const auto& command : added) {
    if (command.parser->parsed()) return run(command);
  }
  return 2;
}

}  // namespace voltage::app
