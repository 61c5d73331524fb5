#include "app/commands/commands.hpp"

#include <memory>

#include <fmt/format.h>

#include "app/backtest/backtest.hpp"
#include "app/run/models.hpp"
#include "app/terminal.hpp"
#include "base/decimal.hpp"
#include "io/calendar_file.hpp"
#include "io/candle_file.hpp"
#include "model/admission.hpp"
#include "model/bundle_files.hpp"

namespace voltage::app {
namespace {

struct Arguments {
  std::string model, calendar;
  backtest::Options options;
  bool json{false}, takers_only{false};
};

void print(const backtest::Report& r, const std::string& out) {
  fmt::print(
      "{} sessions, {} book changes, {} sequence holes, {} books lost, {} crossed messages, {} orders on a crossed "
      "book\n",
      r.sessions, r.deltas, r.sequence_holes, r.books_lost, r.crossed_messages, r.crossed_decisions);
  for (const auto& s : r.passes) {
    fmt::print("{:<12} orders {} fills {} markets {} of {} net ${} fees ${}", s.fill_model, s.orders, s.fills,
               s.markets_traded, s.markets_settled, format_money(s.net), format_money(s.gross - s.net));
    if (s.markets_traded >= 2) {
      fmt::print("  {:+.2f} c a contract, 90 % [{:+.2f}, {:+.2f}], smallest edge {:.2f} c", s.net_cents, s.interval_low,
                 s.interval_high, s.smallest_edge);
    }
    fmt::print("\n");
  }
  fmt::print("{} markets unsettled. Files in {}\n", r.passes[1].markets_unsettled, out);
}

// By the end of the history; what can't be read is for the job itself to say.
void warn_if_out_of_date(const Arguments& a) {
  const auto bundle = model::load_bundle(a.model);
  const auto history = io::read_candle_file(a.options.history);
  if (!bundle || !history || history->series.bars.empty()) return;
  const auto admitted = model::admit(*bundle, history->series.bars.back().begin, model::Use::research);
  if (admitted && !admitted->empty()) fmt::print(stderr, "warning: {}\n", *admitted);
}

Result<int> run(const Arguments& a) {
  backtest::Options options = a.options;
  auto forecasts = forecasts_from_bundle(a.model);
  if (!forecasts) return tl::unexpected(forecasts.error());
  options.forecasts = *forecasts;
  options.strategy.maker.on = !a.takers_only;
  const auto quiet = io::quiet_times(a.calendar);
  if (!quiet) return tl::unexpected(quiet.error());
  options.quiet = *quiet;
  warn_if_out_of_date(a);
  ProgressBar bar{"backtest"};
  options.progress = [&](const std::string& step, double done) { bar.show(step, done); };
  const auto report = backtest::run(options);
  bar.clear();
  if (!report) return tl::unexpected(report.error());
  print(*report, options.out);
  if (a.json) fmt::print("{}", backtest::summary_json(*report));
  return 0;
}

}  // namespace

Command add_backtest(CLI::App& root) {
  auto a = std::make_shared<Arguments>();
  CLI::App* c = root.add_subcommand("backtest", "Recorded order books through the whole core, with fees and latency");
  c->add_option("--model", a->model, "model bundle, as train writes it")->required();
  c->add_option("--tape", a->options.tape, "folder of recorded sessions (.ndjson.gz), or one of them")->required();
  c->add_option("--spot", a->options.spot, "spot trades beside the tape (recv_ns,exch_ns,price,…)")->required();
  c->add_option("--history", a->options.history, "candles before the sessions")->required();
  c->add_option("--results", a->options.results, "how the markets ended, for settlement only")->required();
  c->add_option("--out", a->options.out, "folder for the result files")->required();
  c->add_option("--journal", a->options.journal, "new folder for the journal of the neutral pass");
  c->add_option("--calendar", a->calendar,
                "more scheduled releases around which nothing new is risked; none: not even the known ones");
  c->add_flag("--takers-only", a->takers_only, "rest no quotes: their fills are bounds, by fill model");
  c->add_flag("--json", a->json, "print the summary as JSON on the last line");
  c->footer(
      "Example:\n  voltage backtest --model M --tape tapes --spot spot.csv.gz --history 5m.csv.gz --results "
      "results.csv --out bt");
  return {c, [a] { return run(*a); }};
}

}  // namespace voltage::app
