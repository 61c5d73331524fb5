// voltage ladder: recorded range ladders against our density.
#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/commands/commands.hpp"
#include "app/commands/shared_options.hpp"
#include "app/ladder/ladder.hpp"
#include "app/terminal.hpp"
#include "base/decimal.hpp"
#include "io/atomic_file.hpp"

namespace voltage::app {
namespace {

struct Options {
  std::string model, ladder, out;
  std::vector<std::string> candles;
  LadderRules rules;
  bool json{false};
};

std::string cell(double v, const char* format) {
  return std::isnan(v) ? std::string{} : fmt::format(fmt::runtime(format), v);
}
std::string number(double v) {
  return std::isfinite(v) ? fmt::format("{:.4f}", v) : "null";
}

std::string snapshots_csv(const LadderReport& r) {
  std::string text =
      "ts_ms,close_ms,our_level,our_sd,our_vol,market_level,market_sd,market_vol,market_skew,rms_cents,outside_cents,"
      "sure_gain,settled\n";
  for (const auto& v : r.views) {
    text += fmt::format("{},{},{:.2f},{:.2f},{:.4f},{},{},{},{},{},{},{:.4f},{:.2f}\n", v.at.ms(), v.close.ms(),
                        v.our_level, v.our_sd, v.our_vol, cell(v.level, "{:.2f}"), cell(v.sd, "{:.2f}"),
                        cell(v.vol, "{:.4f}"), cell(v.skew, "{:.3f}"), cell(v.rms_cents, "{:.3f}"),
                        cell(v.outside_cents, "{:.3f}"), v.sure_gain, v.settled);
  }
  return text;
}

std::string structures_csv(const LadderReport& r) {
  std::string text = "ts_ms,close_ms,structure,width_sd,legs,fair,cost,fees,paid,net\n";
  for (const auto& t : r.trades) {
    text += fmt::format("{},{},{},{:g},{},{:.4f},{},{},{},{}\n", t.at.ms(), t.close.ms(),
                        t.kind == Structure::strangle ? "strangle" : "range", t.width, t.legs, t.fair,
                        format_money(t.cost), format_money(t.fees), format_money(t.paid), format_money(t.net()));
  }
  return text;
}

std::string tally_json(const Tally& t) {
  return fmt::format(
      "{{\"trades\":{},\"events\":{},\"gross_cents\":{},\"fees_cents\":{},\"net_cents\":{},\"interval_90_low\":{},"
      "\"interval_90_high\":{},\"smallest_edge_cents\":{}}}",
      t.trades, t.events, number(t.gross_cents), number(t.fees_cents), number(t.net_cents), number(t.low_90),
      number(t.high_90), number(t.smallest_edge));
}

std::string summary_json(const LadderReport& r) {
  std::size_t fitted = 0, violated = 0;
  for (const auto& v : r.views) {
    fitted += !std::isnan(v.sd);
    violated += v.sure_gain > 0;
  }
  return fmt::format(
      "{{\"snapshots\":{},\"fitted\":{},\"sure_gains\":{},\"strangles\":{},\"ranges\":{},\"market_z2\":{},"
      "\"market_z2_se\":{},\"volatility_slope\":{},\"volatility_slope_se\":{},\"direction_slope\":{},"
      "\"direction_slope_se\":{},\"market\":{}}}",
      r.views.size(), fitted, violated, tally_json(r.strangles), tally_json(r.ranges), number(r.market_z2),
      number(r.market_z2_se), number(r.volatility_slope), number(r.volatility_se), number(r.direction_slope),
      number(r.direction_se), check_json(r.market));
}

void print_tally(const char* what, const Tally& t) {
  if (t.trades == 0) {
    fmt::print("{:<10} none called mispriced\n", what);
    return;
  }
  fmt::print("{:<10} {} bought over {} events: gross {:+.2f} c, fees {:.2f} c, net {:+.2f} c a structure, ", what,
             t.trades, t.events, t.gross_cents, t.fees_cents, t.net_cents);
  fmt::print("90 % [{:+.2f}, {:+.2f}], smallest edge that could have shown {:.2f} c\n", t.low_90, t.high_90,
             t.smallest_edge);
}

// The design's claim: that the market prices volatility less well than direction, so that where we differ from it we
// are right about volatility by more than about direction.
std::string verdict(const LadderReport& r) {
  const double more = r.volatility_slope - r.direction_slope;
  const double se = std::hypot(r.volatility_se, r.direction_se);
  const char* word = more - 1.645 * se > 0   ? "shown on this sample"
                     : more + 1.645 * se < 0 ? "contradicted"
                                             : "not shown";
  return fmt::format("volatility priced less efficiently than direction: {} ({:+.2f}, 90 % [{:+.2f}, {:+.2f}])", word,
                     more, more - 1.645 * se, more + 1.645 * se);
}

Result<int> run(const Options& o) {
  const auto snapshots = read_ladder(o.ladder);
  if (!snapshots) return tl::unexpected(snapshots.error());
  ProgressBar bar{"ladder"};
  bar.show("reading candles", 0);
  const auto forecasting = Forecasting::open(o.model, o.candles);
  if (!forecasting) return tl::unexpected(forecasting.error());
  const auto warning = (*forecasting)->expiry_warning(snapshots->back().at);
  if (!warning.empty()) fmt::print(stderr, "warning: {}\n", warning);
  bar.show("pricing", 0.3);
  const auto report = judge_ladders(**forecasting, *snapshots, o.rules);
  if (!report) return tl::unexpected(report.error());
  std::error_code error;
  std::filesystem::create_directories(o.out, error);
  if (error) return fail(o.out + ": " + error.message());
  const std::string summary = summary_json(*report);
  for (const auto& [name, text] : {std::pair<const char*, std::string>{"snapshots.csv", snapshots_csv(*report)},
                                   {"structures.csv", structures_csv(*report)},
                                   {"summary.json", summary + "\n"}}) {
    if (const auto ok = io::write_file(o.out + "/" + name, text); !ok) return tl::unexpected(ok.error());
  }
  bar.clear();
  fmt::print("{} ladders\n", report->views.size());
  print_tally("strangles", report->strangles);
  print_tally("ranges", report->ranges);
  fmt::print("market's own volatility: mean squared surprise {:.2f} (se {:.2f}); 1 is right, below 1 is too dear\n",
             report->market_z2, report->market_z2_se);
  fmt::print(
      "where we differ, 1 is us and 0 is the market: volatility {:+.2f} (se {:.2f}), direction {:+.2f} (se {:.2f})\n",
      report->volatility_slope, report->volatility_se, report->direction_slope, report->direction_se);
  fmt::print("{}\n{}", verdict(*report), check_text(report->market));
  if (o.json) fmt::print("{}\n", summary);
  return 0;
}

}  // namespace

Command add_ladder(CLI::App& root) {
  auto o = std::make_shared<Options>();
  CLI::App* c = root.add_subcommand("ladder", "recorded range ladders: implied volatility, sure gains, structures");
  c->add_option("--model", o->model, "model bundle")->required();
  c->add_option("--candles", o->candles, "candle files before and around the ladders")
      ->required()
      ->check(CLI::ExistingFile);
  c->add_option("--ladder", o->ladder, "CSV: ts_ms,close_ms,market,low,high,yes_bid,yes_ask,spot,settlement_price")
      ->required();
  c->add_option("--edge", o->rules.edge_min, "dollars a structure must be cheap by, after fees")->capture_default_str();
  add_calendar_rules(*c, o->rules.calendar);
  c->add_option("--out", o->out, "folder for snapshots.csv, structures.csv, summary.json")->required();
  c->add_flag("--json", o->json, "the summary as one JSON object on the last line");
  c->footer("Example:\n  voltage ladder --model M --candles 5m.csv.gz --ladder ladder.csv.gz --out L");
  return {c, [o] { return run(*o); }};
}

}  // namespace voltage::app
