#include "app/backtest/statistics.hpp"

#include <limits>
#include <map>

#include "app/evaluation/clustered_ratio.hpp"

namespace voltage::app::backtest {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Mid later minus price paid, on our side, weighted by size.
double markout(const std::vector<FillRow>& fills, std::optional<double> FillRow::* later, bool makers_only = false) {
  double cents = 0, contracts = 0;
  for (const auto& row : fills) {
    if (!(row.*later) || (makers_only && !row.fill.maker)) continue;
    const double q = row.fill.qty.contracts();
    cents += 100 * q * static_cast<double>(sign(row.fill.side)) * (*(row.*later) - row.fill.price.dollars());
    contracts += q;
  }
  return contracts > 0 ? cents / contracts : kNaN;
}

}  // namespace

Statistics judge(const Pass& pass, const engine::Engine& engine, const std::string& fill_model) {
  Statistics s;
  s.fill_model = fill_model;
  const auto& ledger = engine.ledger();
  s.cash_start = ledger.start();
  s.cash_end = ledger.cash();
  s.fees = ledger.fees();
  s.orders = pass.orders;
  s.refused = pass.refused;
  s.fills = static_cast<std::int64_t>(pass.fills.size());
  for (const auto& change : pass.cash) s.sum_of_changes += change.change;

  std::map<event::ContractId, Qty> filled;
  for (const auto& row : pass.fills) filled[row.fill.contract] += row.fill.qty;
  std::vector<evaluation::Cluster> results;  // of each market that was traded
  for (const auto& listing : engine.books().all()) {
    if (listing.snapshots == 0) continue;
    ++s.markets;
    const auto id = listing.contract.id;
    const auto& position = ledger.position(id);
    if (!pass.settled.contains(id)) {
      ++s.markets_unsettled;
      s.unsettled_flow += position.flow;
      continue;
    }
    ++s.markets_settled;
    if (!filled.contains(id)) continue;
    ++s.markets_traded;
    s.net += position.flow;
    s.gross += position.flow + position.fees;
    s.contracts += filled[id];
    results.push_back({100 * position.flow.dollars(), filled[id].contracts()});
  }
  s.parts = pass.parts;
  s.flow = pass.flow;
  const auto cents = evaluation::clustered_ratio(results);
  s.net_cents = cents.ratio;
  s.interval_low = cents.low;
  s.interval_high = cents.high;
  s.smallest_edge = cents.smallest_edge;
  s.markout_1s = markout(pass.fills, &FillRow::mid_1s);
  s.markout_10s = markout(pass.fills, &FillRow::mid_10s);
  s.markout_60s = markout(pass.fills, &FillRow::mid_60s);
  for (const auto& row : pass.fills) {
    if (!row.fill.maker) continue;
    ++s.maker_fills;
    s.maker_contracts += row.fill.qty;
  }
  s.maker_markout_1s = markout(pass.fills, &FillRow::mid_1s, true);
  s.maker_markout_10s = markout(pass.fills, &FillRow::mid_10s, true);
  s.maker_markout_60s = markout(pass.fills, &FillRow::mid_60s, true);
  Money highest = s.cash_start;
  for (const auto& [at, equity] : pass.equity) {
    highest = max(highest, equity);
    s.drawdown_max = max(s.drawdown_max, highest - equity);
  }
  return s;
}

}  // namespace voltage::app::backtest
