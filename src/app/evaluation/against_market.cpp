#include "app/evaluation/against_market.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/backtest/session.hpp"
#include "app/run/core.hpp"
#include "forecast/scores.hpp"
#include "io/candle_file.hpp"
#include "venue/tape/tape.hpp"

namespace voltage::app {
namespace {

using namespace literals;

// Student's 95 % quantile: Cornish-Fisher around the normal's, to 0.3 % from five degrees of freedom on.
double t95(double freedom) {
  constexpr double z = 1.6448536269514722;
  const double z3 = z * z * z, z5 = z3 * z * z;
  return z + (z3 + z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * z) / (96 * freedom * freedom);
}

class Watcher final : public Recorder {
 public:
  Watcher(const backtest::Tickers& tickers, const engine::Engine& engine) : tickers_{tickers}, engine_{engine} {}
  void record(const event::Event&) override {}
  void record(const event::Event&, const event::Effect& fx) override {
    const auto* q = std::get_if<event::Quote>(&fx);
    if (q == nullptr || !q->bid || !q->ask || std::isnan(q->fair) || std::isnan(q->blend)) return;
    const auto micro = engine_.books().at(q->contract).book.microprice();
    if (!micro) return;
    const double mid = 0.5 * (q->bid->dollars() + q->ask->dollars());
    rows.push_back({tickers_.name(q->contract), q->seconds_left, false, {q->fair, q->blend, mid, *micro}});
  }
  std::vector<MarketRow> rows;

 private:
  const backtest::Tickers& tickers_;
  const engine::Engine& engine_;
};

}  // namespace

Result<std::vector<MarketRow>> market_rows(const TapeInputs& in, const MakeForecasts& make,
                                           const std::function<void(double)>& shown) {
  const auto files = venue::tape::sessions(in.tape);
  if (!files) return tl::unexpected(files.error());
  const auto spot = io::read_spot_file(in.spot);
  if (!spot) return tl::unexpected(spot.error());
  const auto history = io::read_candle_file(in.history);
  if (!history) return tl::unexpected(history.error());
  const auto outcomes = io::read_outcome_file(in.results);
  if (!outcomes) return tl::unexpected(outcomes.error());
  auto forecasts = make();
  if (!forecasts) return tl::unexpected(forecasts.error());
  CoreConfig config;
  config.engine.needed[static_cast<std::size_t>(event::Stream::kalshi_private)] = false;
  config.engine.needed[static_cast<std::size_t>(event::Stream::index)] = false;
  Core core{config};
  venue::sim::SimExchange exchange{venue::sim::neutral()};
  backtest::Tickers tickers;
  Watcher watcher{tickers, core.engine()};
  World world{core.engine(), exchange, **forecasts, {&watcher}, 50_ms};
  backtest::Settlements settlements{*outcomes};
  for (std::size_t i = 0; i < files->size(); ++i) {
    shown(static_cast<double>(i) / static_cast<double>(files->size()));
    const auto played = backtest::play_session((*files)[i], {*spot, history->series}, tickers, settlements, world);
    if (!played) return tl::unexpected(played.error());
  }
  std::vector<MarketRow> known;
  for (auto& row : watcher.rows) {
    const auto outcome = outcomes->find(row.market);
    if (outcome == outcomes->end() || !outcome->second.result) continue;
    row.yes = *outcome->second.result == event::Outcome::yes;
    known.push_back(row);
  }
  return known;
}

MarketDuel market_duel(const std::vector<MarketRow>& rows, std::size_t ours, std::size_t theirs, double from,
                       double to) {
  struct Sums {
    double ours{}, theirs{}, n{};
  };
  std::map<std::string, Sums> markets;
  MarketDuel duel;
  for (const auto& row : rows) {
    if (row.seconds_left < from || row.seconds_left >= to) continue;
    auto& sums = markets[row.market];
    sums.ours += forecast::log_loss(row.p[ours], row.yes);
    sums.theirs += forecast::log_loss(row.p[theirs], row.yes);
    sums.n += 1;
    ++duel.rows;
  }
  duel.markets = markets.size();
  duel.low = duel.high = duel.markets_needed = std::nan("");
  if (markets.empty()) return duel;
  const auto n = static_cast<double>(markets.size());
  double squares = 0;
  for (const auto& [name, s] : markets) {
    duel.ours += s.ours / s.n / n;
    duel.theirs += s.theirs / s.n / n;
    squares += std::pow((s.ours - s.theirs) / s.n, 2);
  }
  duel.difference = duel.ours - duel.theirs;
  if (markets.size() < 6) return duel;
  const double variance = std::max(0.0, (squares - n * duel.difference * duel.difference) / (n - 1));
  const double half = t95(n - 1) * std::sqrt(variance / n);
  duel.low = duel.difference - half;
  duel.high = duel.difference + half;
  constexpr double z = 1.6448536269514722;
  if (duel.difference != 0) duel.markets_needed = std::ceil(z * z * variance / (duel.difference * duel.difference));
  return duel;
}

const char* verdict(const MarketDuel& duel) {
  if (duel.high < 0) return "beats the market";
  if (duel.low > 0) return "worse than the market";
  return "no verdict";
}

std::vector<SecondsSpan> seconds_spans() {
  return {{0, 1e9}, {0, 120}, {120, 300}, {300, 600}, {600, 900}, {900, 1e9}};
}

namespace {

template <class Use>
void for_all_duels(const std::vector<MarketRow>& rows, const Use& use) {
  for (const auto& span : seconds_spans()) {
    for (const std::size_t ours : {kFair, kBlend}) {
      for (const std::size_t theirs : {kMid, kMicroprice}) {
        const auto duel = market_duel(rows, ours, theirs, span.from, span.to);
        if (duel.markets > 0) use(span, ours, theirs, duel);
      }
    }
  }
}

}  // namespace

std::string market_json(const std::vector<MarketRow>& rows) {
  nlohmann::json out = {{"rows", rows.size()}, {"duels", nlohmann::json::array()}};
  const auto number = [](double v) { return std::isnan(v) ? nlohmann::json{} : nlohmann::json(v); };
  for_all_duels(rows, [&](const SecondsSpan& span, std::size_t ours, std::size_t theirs, const MarketDuel& d) {
    out["duels"].push_back({{"seconds_from", span.from},
                            {"seconds_to", span.to},
                            {"ours", kMarketColumnNames[ours]},
                            {"theirs", kMarketColumnNames[theirs]},
                            {"markets", d.markets},
                            {"rows", d.rows},
                            {"log_loss_ours", d.ours},
                            {"log_loss_theirs", d.theirs},
                            {"difference", d.difference},
                            {"low_90", number(d.low)},
                            {"high_90", number(d.high)},
                            {"markets_needed", number(d.markets_needed)},
                            {"verdict", verdict(d)}});
  });
  return out.dump(1) + "\n";
}

std::string market_text(const std::vector<MarketRow>& rows) {
  std::string out = fmt::format("{:<12} {:<22} {:>7} {:>8} {:>8} {:>8} {:>19} {:>8}  {}\n", "to close", "", "markets",
                                "ours", "theirs", "differ.", "90 % interval", "needed", "verdict");
  for_all_duels(rows, [&](const SecondsSpan& span, std::size_t ours, std::size_t theirs, const MarketDuel& d) {
    const auto when = span.to > 1e8 ? (span.from > 0 ? fmt::format("{:.0f} s on", span.from) : std::string{"all"})
                                    : fmt::format("{:.0f}-{:.0f} s", span.from, span.to);
    out += fmt::format("{:<12} {:<22} {:>7} {:>8.4f} {:>8.4f} {:>+8.4f} {:>9.4f} … {:>+7.4f} {:>8.0f}  {}\n", when,
                       fmt::format("{} against {}", kMarketColumnNames[ours], kMarketColumnNames[theirs]), d.markets,
                       d.ours, d.theirs, d.difference, d.low, d.high, d.markets_needed, verdict(d));
  });
  return out;
}

}  // namespace voltage::app
