// Forecasts as they are made: all features of years of minutes, and one live answer by all members.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "app/bench/benchmark.hpp"
#include "base/rng.hpp"
#include "features/assemble.hpp"
#include "features/schema.hpp"
#include "forecast/forecaster.hpp"
#include "model/bundle_files.hpp"
#include "model/feature_rows.hpp"

namespace voltage::app::bench {
namespace {

market::CandleSeries random_minutes(std::size_t count) {
  market::CandleSeries series{Duration{60'000'000'000}, {}};
  series.bars.reserve(count);
  Rng rng{3};
  double log_price = std::log(40'000.0);
  for (std::size_t i = 0; i < count; ++i) {
    market::Candle c;
    c.begin = Time::from_ms(1'609'459'200'000 + static_cast<std::int64_t>(i) * 60'000);
    c.open = std::exp(log_price);
    log_price += 5e-4 * rng.normal();
    c.close = std::exp(log_price);
    c.high = std::max(c.open, c.close) * (1 + 2e-4 * rng.uniform());
    c.low = std::min(c.open, c.close) * (1 - 2e-4 * rng.uniform());
    c.volume = 20 * rng.uniform();
    c.trades = std::floor(500 * rng.uniform());
    c.taker_buy = c.volume * rng.uniform();
    series.bars.push_back(c);
  }
  return series;
}

}  // namespace

Result<Figures> all_features(const Input& input) {
  constexpr std::size_t piece = 20'000;
  constexpr int threads = 2;
  const auto bars = random_minutes(input.quick ? 100'000 : 2'320'207);
  Samples samples{3}, grids{3};
  for (int run = 0; run < (input.quick ? 1 : 3); ++run) {
    std::optional<Result<voltage::features::History>> history;
    samples.time([&] {
      grids.time([&] { history = voltage::features::assemble(bars, {}, {}); });
      if (!history->has_value()) return;
      const std::size_t end = (*history)->size();
      for (std::size_t at = 0; at < end; at += piece)
        keep(model::feature_rows(**history, at, std::min(end, at + piece), threads).values.data());
    });
    if (!history->has_value()) return tl::unexpected(history->error());
  }
  auto f = samples.figures();
  f.extra.emplace_back("minutes", static_cast<double>(bars.bars.size()));
  f.extra.emplace_back("features", static_cast<double>(voltage::features::moment_feature_count()));
  f.extra.emplace_back("grid_p50_ns", grids.figures().p50);
  f.extra.emplace_back("threads", threads);
  return f;
}

Result<Figures> answers(const Input& input) {
  if (input.model.empty()) return fail("needs --model DIR, a bundle of voltage train");
  const auto bundle = model::load_bundle(input.model);
  if (!bundle) return tl::unexpected(bundle.error());
  const auto past = forecast::make_past(random_minutes(20'000), {}, bundle->season);
  if (!past) return tl::unexpected(past.error());
  const forecast::Forecaster forecaster{*bundle};
  const std::size_t n = input.quick ? 20 : 1'000, last = past->history.size() - 1;
  constexpr std::array<double, 15> minutes{1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 120, 240, 480, 960, 1440};
  constexpr int moves = 20;
  Samples samples{n};
  for (std::size_t i = 0; i < n; ++i) {
    samples.time([&] {
      const auto moment = forecaster.look(*past, last - i);
      for (const double m : minutes) {
        const auto ahead = forecaster.ahead(moment, m);
        for (int k = 0; k < moves; ++k)
          keep(forecaster.answer(ahead, std::exp(ahead.scale.informed - 2.3 + 0.18 * k)).ensemble);
      }
    });
  }
  auto f = samples.figures();
  f.extra.emplace_back("horizons", static_cast<double>(minutes.size()));
  f.extra.emplace_back("moves", moves);
  f.extra.emplace_back("patchtst", bundle->patchtst ? 1 : 0);
  return f;
}

}  // namespace voltage::app::bench
