// voltage guard: watches the trader from a process of its own, and takes its orders down when it must.
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/guard/guard.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string config, venue_file, control, run_for;
};

Result<int> watch(const Options& o) {
  guard::GuardConfig config;
  if (o.config.empty() && o.venue_file.empty()) return fail("--config or --venue is needed: which account?");
  if (!o.config.empty()) {
    auto read = guard::read_config(o.config);
    if (!read) return tl::unexpected(read.error());
    config = std::move(*read);
  }
  if (!o.venue_file.empty()) {
    if (const auto read = venue::read_endpoints(o.venue_file, config.endpoints); !read)
      return tl::unexpected(read.error());
  }
  if (!o.control.empty()) config.control = o.control;
  std::optional<Duration> run_for;
  if (!o.run_for.empty() && !(run_for = parse_duration(o.run_for)))
    return fail("--for: '" + o.run_for + "' is no duration (60s, 2h)");
  venue::net::Loop loop;
  auto guard = guard::Guard::start(loop, config, [](const std::string& line) { tell(line); });
  if (!guard) return tl::unexpected(guard.error());
  loop.on_signal([&] { loop.stop(); });
  if (run_for) loop.after(*run_for, [&] { loop.stop(); });
  loop.run();
  tell_out();
  return 0;
}

}  // namespace

Command add_guard(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c =
      root.add_subcommand("guard", "Watch the trader from a process of its own; cancel its orders when it stalls");
  c->add_option("--config", o->config, "the configuration that live reads too (TOML)");
  c->add_option("--venue", o->venue_file, "a file with the line that voltage venue printed");
  c->add_option("--control", o->control, "folder of kill switch and state; default: the configuration's");
  c->add_option("--for", o->run_for, "stop after this long; default: until interrupted");
  c->footer(
      "Its limits stand in [guard] of the configuration (docs/GUARD.md). It never places an order.\n\n"
      "Example: voltage guard --config voltage.toml");
  return {c, [o] { return watch(*o); }};
}

}  // namespace voltage::app
