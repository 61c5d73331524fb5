// voltage paper: the whole loop on live streams, orders filled by a simulated exchange on the live books.
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/commands/live_options.hpp"
#include "app/journal/run_folder.hpp"
#include "app/live/report.hpp"
#include "app/live/session.hpp"
#include "base/decimal.hpp"

namespace voltage::app {
namespace {

Result<int> paper(LiveOptions options) {
  auto session = session_of(options);
  if (!session) return tl::unexpected(session.error());
  const auto report = live::run_session(*session);
  if (!report) return tl::unexpected(report.error());
  fmt::print("\nPaper: orders were filled by a simulation on the live books.\n{}", live::summary(*report));
  if (options.json) fmt::print("{}\n", live::json(*report));
  return 0;
}

}  // namespace

Command add_paper(CLI::App& root) {
  auto o = std::make_shared<LiveOptions>();
  auto* c =
      root.add_subcommand("paper", "Trade on the live streams with simulated fills; nothing is ever sent to a venue");
  add_live_options(*c, *o);
  c->footer(
      "Forecasts come from the bundle that --model or the configuration names, else from the baseline (an\n"
      "exponentially weighted variance of Kraken's bars). The configuration is that of `live` (docs/LIVE.md).\n\n"
      "Example: voltage venue > venue.json & sleep 5; voltage paper --venue venue.json --for 10m");
  return {c, [o] { return paper(*o); }};
}

}  // namespace voltage::app
