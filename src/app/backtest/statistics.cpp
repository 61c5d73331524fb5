#include "app/backtest/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "base/rng.hpp"

namespace voltage::app::backtest {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr int kResamples = 4000;
constexpr std::uint64_t kSeed = 7;  // the interval must be the same number in every run

struct MarketResult {
  double net_cents{};
  double contracts{};
};

double ratio(const std::vector<MarketResult>& results, const std::vector<std::size_t>& pick) {
  double net = 0, contracts = 0;
  for (const std::size_t i : pick) {
    net += results[i].net_cents;
    contracts += results[i].contracts;
  }
  return contracts > 0 ? net / contracts : 0;
}

void interval(const std::vector<MarketResult>& results, Statistics& s) {
  s.interval_low = s.interval_high = s.smallest_edge = kNaN;
  if (results.size() < 2) return;
  Rng rng{kSeed};
  std::vector<double> draws;
  std::vector<std::size_t> pick(results.size());
  for (int i = 0; i < kResamples; ++i) {
    for (auto& p : pick) p = rng.below(results.size());
    draws.push_back(ratio(results, pick));
  }
  std::sort(draws.begin(), draws.end());
  s.interval_low = draws[kResamples / 20];
  s.interval_high = draws[kResamples - kResamples / 20 - 1];
  double mean = 0, square = 0;
  for (const double d : draws) mean += d / kResamples;
  for (const double d : draws) square += (d - mean) * (d - mean) / kResamples;
  s.smallest_edge = (1.645 + 0.842) * std::sqrt(square);
}

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
  std::vector<MarketResult> results;
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
  s.net_cents = s.contracts.centis > 0 ? 100 * s.net.dollars() / s.contracts.contracts() : kNaN;
  interval(results, s);
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
