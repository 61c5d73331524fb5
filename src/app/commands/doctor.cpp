// voltage doctor: what must be right before a start.
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/commands/live_options.hpp"
#include "app/doctor/doctor.hpp"

namespace voltage::app {
namespace {

struct Options : LiveOptions {
  bool resume{false}, paper{false};
  std::vector<std::string> accept;
};

Result<int> examine(const Options& o) {
  const auto session = session_of(o);
  if (!session) return tl::unexpected(session.error());
  auto facts = doctor::gather(session->config, !o.paper, o.accept);
  doctor::look_at_page(o.watch, facts);
  const auto findings = doctor::judge(facts, session->config, o.resume);
  fmt::print("{}", doctor::text(findings));
  if (o.json) fmt::print("{}\n", doctor::json(findings));
  return doctor::any_red(findings) ? 1 : 0;
}

}  // namespace

Command add_doctor(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("doctor", "Checks keys, clock, disk, reachability, limits and model before a start");
  add_live_options(*c, *o);
  c->add_option("--cap", o->cap, "dollars that may be lost in a day, as for live");
  c->add_flag("--paper", o->paper, "for voltage paper: no orders will leave");
  c->add_option("--accept", o->accept, "as for live: assumptions taken as they are")->delimiter(',');
  c->add_flag("--resume", o->resume, "as for live: a halt that the run before left is lifted");
  c->footer(
      "Exit 1 on a red line; voltage live refuses to start on the same ones.\n\n"
      "Example: voltage doctor --config live.toml --cap 100");
  return {c, [o] { return examine(*o); }};
}

}  // namespace voltage::app
