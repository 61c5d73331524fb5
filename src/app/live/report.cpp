#include "app/live/report.hpp"

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "io/json_writer.hpp"

namespace voltage::app::live {

std::string summary(const SessionReport& r) {
  std::string out = fmt::format(
      "{} forecasts ({} by the baseline), {} orders ({} refused, {} in doubt for a while), {} "
      "fills, {} settled; cash ${} -> ${}, fees ${}\n",
      r.forecasts, r.baseline_forecasts, r.orders, r.refused, r.unknown, r.fills, r.settled, format_money(r.cash_start),
      format_money(r.cash_end), format_money(r.fees));
  out += fmt::format("{} events; the core was never more than {} ms behind\n", r.events, r.behind_max.ns / 1'000'000);
  if (!r.standing.empty()) out += "Features stand on: " + r.standing + "\n";
  if (r.equal) {
    out += *r.equal ? fmt::format("The books are the venue's (compared {} times).\n", r.reconciled)
                    : fmt::format("The books are NOT the venue's: {}\n", r.why);
  }
  if (!r.folder.empty()) out += "Journal: " + r.folder + "\n";
  return out;
}

std::string json(const SessionReport& r) {
  io::JsonWriter w;
  w.begin_object().integer("events", r.events).integer("snapshots", r.snapshots).integer("forecasts", r.forecasts);
  w.integer("baseline_forecasts", r.baseline_forecasts).integer("orders", r.orders).integer("refused", r.refused);
  w.integer("unknown", r.unknown).integer("fills", r.fills).integer("settled", r.settled);
  w.integer("connections_kalshi", r.feeds.connections_kalshi).integer("connections_kraken", r.feeds.connections_kraken);
  w.integer("sequence_holes", r.feeds.gaps).integer("undecodable", r.feeds.undecodable);
  w.integer("behind_ms_max", r.behind_max.ns / 1'000'000);
  w.money("cash_start", r.cash_start).money("cash_end", r.cash_end).money("fees", r.fees).money("deposits", r.deposits);
  if (!r.standing.empty()) w.string("features_stand_on", r.standing);
  w.raw("history_filled", fmt::format("{:.4f}", r.history_filled));
  w.begin_object("positions");
  for (const auto& [ticker, qty] : r.positions) w.qty(ticker, qty);
  w.end_object();
  if (r.equal)
    w.boolean("ledger_equals_venue", *r.equal).integer("reconciled", r.reconciled).string("difference", r.why);
  return w.end_object().take();
}

}  // namespace voltage::app::live
