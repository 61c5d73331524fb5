// voltage nightly: the day's runs again, and why they did not earn what a backtest would have.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/arguments.hpp"
#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/journal/run_folder.hpp"
#include "app/live/config.hpp"
#include "app/live/forecasts.hpp"
#include "app/nightly/attribution.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "venue/clock.hpp"

namespace voltage::app {
namespace {

struct Arguments {
  std::vector<std::string> runs;
  std::string data{journal::kDataDefault}, model, config, since{"24h"}, out;
  bool json{false};
};

// Those that were named; else the paper and live runs that began in the last day.
Result<std::vector<std::string>> chosen(const Arguments& a) {
  std::vector<std::string> folders;
  for (const auto& run : a.runs) {
    const auto folder = journal::find_run(a.data, run);
    if (!folder) return tl::unexpected(folder.error());
    folders.push_back(*folder);
  }
  if (!a.runs.empty()) return folders;
  const Time from = venue::wall_now() - parse_duration(a.since).value_or(Duration{});
  for (const auto& folder : journal::run_folders(a.data)) {
    const auto m = io::read_manifest(folder);
    if (!m) return tl::unexpected(m.error());
    const bool kept = m->kind == "live" || m->kind == "shadow" || m->kind == "paper";
    if (kept && m->start >= from) folders.push_back(folder);
  }
  return folders;
}

Result<int> compare(Arguments a) {
  if (!a.config.empty()) {
    live::LiveConfig config;
    if (const auto read = live::read_config(a.config, config); !read) return tl::unexpected(read.error());
    if (a.model.empty()) a.model = config.model;
  }
  const auto folders = chosen(a);
  if (!folders) return tl::unexpected(folders.error());
  std::vector<nightly::Night> nights;
  bool equal = true;
  for (const auto& folder : *folders) {
    auto run = nightly::read(folder);
    if (!run) return tl::unexpected(run.error());
    nightly::Night night{std::move(*run), {}};
    equal = equal && !night.run.difference;
    if (!night.run.difference) {
      const auto fresh = [&]() -> Result<std::unique_ptr<ForecastEdge>> {
        auto edge = live::GuardedForecasts::from(a.model, night.run.manifest.start);
        if (!a.model.empty() && !edge.why().empty()) fmt::print("{}: {}\n", a.model, edge.why());
        return std::make_unique<live::GuardedForecasts>(std::move(edge));
      };
      auto parts = nightly::attribute(night.run, fresh);
      if (!parts) return tl::unexpected(parts.error());
      night.parts = std::move(*parts);
    }
    nights.push_back(std::move(night));
  }
  if (nights.empty()) fmt::print("No paper or live run began in the last {}.\n", a.since);
  fmt::print("{}", nightly::text(nights));
  if (!a.out.empty()) {
    if (const auto ok = io::write_file(a.out, nightly::json(nights) + "\n"); !ok) return tl::unexpected(ok.error());
  }
  if (a.json) fmt::print("{}\n", nightly::json(nights));
  return equal ? 0 : 1;
}

}  // namespace

Command add_nightly(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  auto* c = root.add_subcommand("nightly", "The day's runs again, and what parts them from a backtest, by cause");
  c->add_option("run", a->runs, "names of runs, or their folders; default: paper and live runs of the last --since");
  add_runs_folder(*c, a->data);
  c->add_option("--model", a->model,
                "the bundle that a backtest would ask; default: that of --config, else the baseline");
  c->add_option("--config", a->config, "the configuration of the runs, TOML (docs/LIVE.md)");
  c->add_option("--since", a->since, "how far back")->capture_default_str()->check(duration_problem);
  c->add_option("--out", a->out, "write the result there as JSON");
  c->add_flag("--json", a->json, "one JSON object as the last line");
  c->footer(
      "Each run is replayed (exit 1 if it differs from its journal), then played again with one ingredient after the\n"
      "other as it really was. backtest + data + model + latency + queue + fee = live, to the micro-dollar.\n\n"
      "Example: voltage nightly --config live.toml --data /var/lib/voltage");
  return {c, [a] { return compare(*a); }};
}

}  // namespace voltage::app
