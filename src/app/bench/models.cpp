// Pricing, sizing and the models.
#include <cmath>
#include <vector>

#include "app/bench/benchmark.hpp"
#include "base/rng.hpp"
#include "features/schema.hpp"
#include "forecast/forecaster.hpp"
#include "model/bundle_files.hpp"
#include "pricing/asian.hpp"
#include "strategy/joint.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::bench {
namespace {

using namespace literals;

forecast::Surface some_surface() {
  std::vector<forecast::SurfaceNode> nodes;
  for (const Duration h : {1_min, 5_min, 15_min, 60_min, 240_min})
    nodes.push_back({h, forecast::Density::make(0, 0.005 * std::sqrt(h.seconds() / 3600), 0.3)});
  return {Time{}, 80'000, std::move(nodes)};
}

pricing::SettlementView some_view(Duration left) {
  return {.now = Time{}, .close = Time{left.ns}, .index_now = 80'000, .index_sd = 5};
}

const market::CandleSeries& two_weeks() {
  static const market::CandleSeries bars = [] {
    venue::sim::SimMarketOptions options;
    options.history = 60_min * 24 * 14;
    return venue::sim::SimMarket{options}.history();
  }();
  return bars;
}

}  // namespace

Result<Figures> ladder(const Input& input) {
  const auto surface = some_surface();
  std::vector<market::Strike> strikes;
  for (int i = 0; i < 200; ++i)
    strikes.push_back({market::StrikeType::greater, market::index_from_usd(70'000 + 100 * i - 0.01), {}});
  const std::size_t n = input.quick ? 200 : 5'000;
  Samples samples{n};
  for (std::size_t i = 0; i < n; ++i) {
    const auto view = some_view(Duration{(60'000 + static_cast<std::int64_t>(i) * 100) * 1'000'000});
    samples.time([&] { keep(pricing::SettlementLaw{surface, view}.ladder(strikes)); });
  }
  auto f = samples.figures();
  f.extra.emplace_back("strikes_per_s", f.per_second * 200);
  return f;
}

Result<Figures> sizing(const Input& input) {
  const auto surface = some_surface();
  const pricing::SettlementLaw law{surface, some_view(30_min)};
  strategy::InstantBet bet;
  bet.cash = bet.budget = Money{1'000 * kDollar.micros};
  for (std::size_t i = 0; i < 12; ++i) {
    const market::CentRange pays{.low = (79'400 + 100 * static_cast<std::int64_t>(i)) * 100};
    const double p = law.prob(pays);
    const double price = std::max(0.02, std::floor((p - 0.04) * 100) / 100);
    bet.tilts.push_back({pays, p});
    bet.offers.push_back({i, pays, Side::bid, price + ledger::fee_per_contract({}, price), Qty{20'000}});
  }
  const std::size_t n = input.quick ? 50 : 1'000;
  Samples samples{n};
  for (std::size_t i = 0; i < n; ++i) samples.time([&] { keep(strategy::size_instant(law, bet)); });
  return samples.figures();
}

Result<Figures> features(const Input& input) {
  const auto& bars = two_weeks();
  const std::size_t timed = input.quick ? 500 : 5'000;
  voltage::features::History history{{}};
  std::vector<float> row(voltage::features::moment_feature_count());
  Samples samples{timed};
  for (std::size_t i = 0; i < bars.bars.size(); ++i) {
    const auto step = [&] {
      if (!history.append(bars.bars[i], bars.interval)) return;
      voltage::features::moment_features({history, history.size() - 1}, row);
    };
    if (i + timed < bars.bars.size()) {
      if (const auto ok = history.append(bars.bars[i], bars.interval); !ok) return tl::unexpected(ok.error());
    } else {
      samples.time(step);
    }
  }
  keep(row[0]);
  auto f = samples.figures();
  f.extra.emplace_back("features", static_cast<double>(row.size()));
  return f;
}

Result<Figures> patchtst(const Input& input) {
  forecast::PatchTstShape shape;
  shape.context = 5;
  Rng rng{1};
  std::vector<float> values;
  // The time does not depend on what the numbers are, but on their being ordinary ones.
  for (const auto& t : forecast::patchtst_layout(shape)) {
    for (std::size_t i = 0; i < t.size(); ++i) {
      const double reach = t.rows > 1 ? 1.5 / std::sqrt(static_cast<double>(t.rows)) : 0.3;
      const bool divisor = t.name == "series.sd" || t.name == "context.sd";
      values.push_back(static_cast<float>(divisor ? 1 : reach * rng.normal()));
    }
  }
  const auto net = forecast::PatchTst::make(
      {shape, {"log_return", "log_range", "volume", "flow"}, {"a", "b", "c", "d", "e"}}, values);
  if (!net) return tl::unexpected(net.error());
  std::vector<float> window(static_cast<std::size_t>(shape.window * shape.series()));
  const std::vector<float> context(5, 0.1F);
  const std::size_t n = input.quick ? 50 : 2'000;
  Samples samples{n};
  for (std::size_t i = 0; i < n; ++i) {
    for (auto& v : window) v = static_cast<float>(rng.normal());
    samples.time([&] {
      const auto embedding = net->embed(window);
      if (embedding) keep(net->head(*embedding, context).probability(0.2));
    });
  }
  return samples.figures();
}

Result<Figures> surface(const Input& input) {
  if (input.model.empty()) return fail("needs --model DIR, a bundle of voltage train");
  const auto bundle = model::load_bundle(input.model);
  if (!bundle) return tl::unexpected(bundle.error());
  const auto past = forecast::make_past(two_weeks(), {}, bundle->season);
  if (!past) return tl::unexpected(past.error());
  const forecast::Forecaster forecaster{*bundle};
  const std::size_t n = input.quick ? 20 : 500, last = past->history.size() - 1;
  Samples samples{n};
  for (std::size_t i = 0; i < n; ++i)
    samples.time([&] { keep(forecaster.surface(forecaster.look(*past, last - i)).nodes().size()); });
  return samples.figures();
}

}  // namespace voltage::app::bench
