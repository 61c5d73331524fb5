// voltage violations: prices of a recorded run's markets that can't all be right.
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/journal/run_folder.hpp"
#include "app/ladder/market_check.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string run, data{journal::kDataDefault}, every{"1m"};
  CalendarRules rules;
  bool json{false};
};

Result<int> check(const Options& o) {
  const auto every = parse_duration(o.every);
  if (!every || every->ns < 1'000'000'000) return fail("--every: '" + o.every + "' is no duration of a second or more");
  const auto folder = journal::find_run(o.data, o.run);
  if (!folder) return tl::unexpected(folder.error());
  ProgressBar bar{"violations"};
  const auto found = check_run(*folder, *every, o.rules, [&](std::uint64_t events) {
    if (events % 10'000 == 0) bar.show(std::to_string(events) + " events", 0);
  });
  bar.clear();
  if (!found) return tl::unexpected(found.error());
  fmt::print("{}", check_text(*found));
  if (o.json) fmt::print("{}\n", check_json(*found));
  return 0;
}

}  // namespace

Command add_violations(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("violations", "Prices of a run's markets that can't all be right, after exact fees");
  c->add_option("run", o->run, "name of a run (see `voltage runs`), or its folder")->required();
  add_runs_folder(*c, o->data);
  c->add_option("--every", o->every, "between two looks at the books")->capture_default_str();
  add_calendar_rules(*c, o->rules);
  c->add_flag("--json", o->json, "one JSON object as the last line");
  c->footer(
      "Within a settlement instant across strikes and series, and between two instants (docs/PRICING.md says what the\n"
      "latter proves). No model is used.\n\n"
      "Example: voltage violations paper-20261122T120000Z --every 10s");
  return {c, [o] { return check(*o); }};
}

}  // namespace voltage::app
