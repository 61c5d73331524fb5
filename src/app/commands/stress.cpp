// voltage stress: bad weeks through the production core; what is lost must stay within what was stated.
#include <filesystem>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/commands/commands.hpp"
#include "app/stress/stress.hpp"
#include "app/terminal.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app {
namespace {

struct Options {
  stress::StressOptions run;
  std::string out;
  double cash{1'000};
  bool json{false};
};

Result<int> run(Options o) {
  o.run.core.engine.cash = Money{static_cast<std::int64_t>(o.cash * 1e6)};
  ProgressBar bar{"stress"};
  o.run.progress = [&](const std::string& step, double done) { bar.show(step, done); };
  const auto report = stress::run_stress(o.run);
  bar.clear();
  for (const auto& s : report.scenarios) {
    Money worst, stated;
    for (const auto& d : s.days) {
      worst = max(worst, d.worst_lost);
      stated = max(stated, d.stated);
    }
    fmt::print(
        "{:<36} {} orders, net ${:.2f}; most at risk in a day ${:.2f} of ${:.2f} stated; drawdown ${:.2f} of "
        "${:.2f}{}: {}\n",
        stress::name(s.scenario), s.orders, s.net.dollars(), worst.dollars(), stated.dollars(), s.drawdown.dollars(),
        s.drawdown_stated.dollars(), s.halted ? ", halted" : "", s.kept() ? "kept" : "BROKEN");
  }
  const auto ruin = [](const char* what, const stress::RuinBothWays& r) {
    fmt::print(
        "Ruin within a year (half the bankroll), {}: {:.2f} %; {:.1f} % of the years end in the halt; {:.2f} % if a "
        "person resumed after each ({} years of {} instants)\n",
        what, 100 * r.halted.ruined, 100 * r.halted.halted, 100 * r.resumed.ruined, r.halted.years, r.halted.samples);
  };
  ruin("as it is", report.ruin_as_it_is);
  ruin("volatility 30 % too low", report.ruin_volatility_low);
  if (!o.out.empty()) {
    std::error_code ec;
    std::filesystem::create_directories(o.out, ec);
    if (ec) return fail(o.out + ": cannot be made: " + ec.message());
    if (auto ok = io::write_file(o.out + "/stress.json", stress::stress_json(report)); !ok)
      return tl::unexpected(ok.error());
    if (auto ok = io::write_file(o.out + "/stress.html", stress::stress_html(report)); !ok)
      return tl::unexpected(ok.error());
  }
  if (o.json) fmt::print("{}", stress::stress_json(report));
  return report.kept() ? 0 : 1;
}

}  // namespace

Command add_stress(CLI::App& root) {
  auto o = std::make_shared<Options>();
  auto* c = root.add_subcommand("stress", "Bad weeks through the whole core: the loss stays within what was stated");
  c->add_option("--days", o->run.days, "of each scenario")->check(CLI::Range(1, 60))->capture_default_str();
  c->add_option("--seed", o->run.seed, "of the simulated market")->capture_default_str();
  c->add_option("--cash", o->cash, "the bankroll, dollars")->check(CLI::Range(10.0, 1e7))->capture_default_str();
  c->add_option("--out", o->out, "folder for stress.json and stress.html");
  c->add_flag("--json", o->json, "one JSON object as the last line");
  c->footer(
      "Exit 1 if any day or week lost more than was stated at its start. All prices are simulated.\n\n"
      "Example: voltage stress --days 7 --out stress");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
