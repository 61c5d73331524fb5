// voltage evidence: what the runs so far allow to risk money, series by series, and what the next rung needs.
#include <memory>
#include <set>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/evidence/collect.hpp"
#include "app/journal/run_folder.hpp"
#include "io/json_writer.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string data{journal::kDataDefault};
  bool json{false};
};

// What the next rung waits for, in words.
std::string wanted(const risk::EvidenceGate& gate) {
  const risk::EvidenceRules rules;
  switch (gate.allowed()) {
    case risk::Rung::paper:
      if (gate.net().upper() < 0 || gate.closing_line().upper() < 0)
        return "an upper bound is below zero: nothing to hope for";
      return fmt::format("{} settled markets, has {}", rules.shadow_markets, gate.net().count());
    case risk::Rung::shadow:
      return fmt::format("{} settled markets, has {}", rules.demo_markets, gate.net().count());
    case risk::Rung::demo:
      return "the lower bound of the markout above zero";
    case risk::Rung::canary:
      return "the lower bound of the net result above zero";
    case risk::Rung::scale:
      return "nothing more";
  }
  return "";
}

Result<int> run(const Options& o) {
  const auto found = evidence::collect(o.data);
  for (const auto& s : found.sources) {
    if (s.skipped.empty())
      fmt::print("{:<36} {} markets\n", s.run, s.observations);
    else
      fmt::print("{:<36} not counted: {}\n", s.run, s.skipped);
  }
  const risk::EvidenceBook book{found.observations};
  std::set<std::string> series;
  for (const auto& observation : found.observations) series.insert(observation.series);
  io::JsonWriter w;
  w.begin_object().integer("markets", static_cast<std::int64_t>(found.observations.size())).begin_array("series");
  for (const auto& s : series) {
    const auto& gate = book.gate(s);
    fmt::print(
        "{}  {} markets  net {:+.2f} c a contract, at any time within [{:+.2f}, {:+.2f}]  markout {:+.2f} c, within "
        "[{:+.2f}, {:+.2f}]\n  allowed: {}; the next rung needs: {}\n",
        s, gate.net().count(), 100 * gate.net().mean(), 100 * gate.net().lower(), 100 * gate.net().upper(),
        100 * gate.closing_line().mean(), 100 * gate.closing_line().lower(), 100 * gate.closing_line().upper(),
        risk::name(gate.allowed()), wanted(gate));
    w.begin_object().string("series", s).string("allowed", risk::name(gate.allowed()));
    w.integer("markets", static_cast<std::int64_t>(gate.net().count()));
    w.raw("net_low", fmt::format("{:.4f}", gate.net().lower()))
        .raw("net_high", fmt::format("{:.4f}", gate.net().upper()));
    w.raw("markout_low", fmt::format("{:.4f}", gate.closing_line().lower()));
    w.raw("markout_high", fmt::format("{:.4f}", gate.closing_line().upper())).end_object();
  }
  if (series.empty())
    fmt::print("No traded market has settled on paper, in shadow or live yet: only paper is allowed.\n");
  if (o.json) fmt::print("{}\n", w.end_array().end_object().take());
  return 0;
}

}  // namespace

Command add_evidence(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("evidence", "What the runs so far allow to risk money, and what the next rung needs");
  add_runs_folder(*c, o->data);
  c->add_flag("--json", o->json, "one JSON object as the last line");
  c->footer(
      "Bounds hold at every moment at once: looking often costs nothing (docs/SIZING.md).\n\n"
      "Example: voltage evidence");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
