#include "venue/sim/sim_market.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>

#include "base/time.hpp"

namespace voltage::venue::sim {
namespace {

using namespace literals;

constexpr std::size_t kLevels = 6;
constexpr double kStrikeStep = 0.0012;  // of the price: about half of what a quarter hour moves it

std::string ticker_of(Time close) {
  const auto date = civil_date(close);
  const auto minutes = close.ns / (60_s).ns % 1440;
  static constexpr std::array<const char*, 12> kMonths{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
  const auto two = [](std::int64_t v) { return (v < 10 ? "0" : "") + std::to_string(v); };
  return "SIM15M-" + two(date.year % 100) + kMonths[static_cast<std::size_t>(date.month - 1)] + two(date.day) +
         two(minutes / 60) + two(minutes % 60) + "-" + two(minutes % 60);
}

double phi(double z) {
  return 0.5 * std::erfc(-z * 0.70710678118654752);
}

}  // namespace

SimMarket::SimMarket(const SimMarketOptions& options)
    : options_{options},
      path_{options.path, options.start - options.history, options.seed},
      rng_{options.seed ^ 0x5eedULL},
      history_{1_min, {}} {
  CHECK(options.start.ns % (15_min).ns == 0);
  CHECK(options.history.ns % (1_min).ns == 0 && options.history >= 1_min);
  while (path_.now() < options.start) {
    path_.step();
    if (path_.candle_ready()) history_.bars.push_back(path_.candle());
    minute_.push_back(market::index_from_usd(path_.price()).e8);
    minute_sum_ += minute_.back();
    if (minute_.size() > 60) {
      minute_sum_ -= minute_.front();
      minute_.pop_front();
    }
  }
  put(path_.now(), event::StreamHealth{event::Stream::kalshi_market, event::Health::healthy, "simulated"});
  put(path_.now(), event::StreamHealth{event::Stream::index, event::Health::healthy, "simulated"});
  put(path_.now(), event::StreamHealth{event::Stream::spot, event::Health::healthy, "simulated"});
  put(path_.now(), event::StreamHealth{event::Stream::candles, event::Health::healthy, "simulated"});
  open_window();
}

Happening SimMarket::next() {
  while (queue_.empty()) step_second();
  Happening h = std::move(queue_.front());
  queue_.pop_front();
  return h;
}

void SimMarket::open_window() {
  windows_.clear();
  for (int i = 0; i < options_.strikes; ++i) {
    // 0, 1, −1, 2, −2 … steps from the opening average.
    open_contract((i + 1) / 2 * (i % 2 == 1 ? 1 : -1));
  }
}

void SimMarket::open_contract(int steps) {
  market::Contract c;
  c.id = {contracts_++};
  c.open = path_.now();
  c.close = path_.now() + 15_min;
  c.ticker = ticker_of(c.close);
  c.series = "SIM15M";
  c.event = c.ticker.substr(0, c.ticker.rfind('-'));
  c.ticks = market::TickGrid::tapered_deci_cent();
  const market::IndexValue average = market::round_to_cents({minute_sum_ / 60});
  if (steps == 0) {
    c.strike_is_opening_average = true;
    c.strike = {market::StrikeType::greater_or_equal, average, std::nullopt};
  } else {
    const double usd = average.usd() * (1 + kStrikeStep * steps);
    c.strike = {market::StrikeType::greater, market::round_to_cents(market::index_from_usd(usd)), std::nullopt};
    c.series = "SIMD";
    c.ticker = "SIMD" + c.ticker.substr(c.ticker.find('-')) + (steps > 0 ? "U" : "D") + std::to_string(std::abs(steps));
    c.event = c.ticker.substr(0, c.ticker.rfind('-'));
  }
  windows_.push_back(Quoted{c, -1, {}});
  put(path_.now(), event::ContractSeen{c});
  quote(windows_.back(), true);
}

void SimMarket::settle_window() {
  const market::IndexValue average = market::round_to_cents({minute_sum_ / 60});
  for (const auto& w : windows_) {
    const auto outcome = w.contract.strike.pays(average) ? event::Outcome::yes : event::Outcome::no;
    put(path_.now(), event::BookSnapshot{w.contract.id, {}, {}});
    put(path_.now(), event::Settled{w.contract.id, outcome, average});
  }
}

void SimMarket::step_second() {
  path_.step();
  minute_.push_back(market::index_from_usd(path_.price()).e8);
  minute_sum_ += minute_.back() - minute_.front();
  minute_.pop_front();
  const Time now = path_.now();
  event::IndexSeen index{now, {minute_.back()}, std::nullopt, 0};
  put(now, index);
  put(now, event::SpotSeen{event::SpotVenue::simulated, now, path_.price()});
  if (path_.candle_ready()) put(now, event::CandleClosed{event::SpotVenue::simulated, 1_min, path_.candle()});
  if (now >= windows_.front().contract.close) {
    settle_window();
    open_window();
  } else {
    for (auto& w : windows_) quote(w, false);
  }
}

// P(average ≥ strike) of one who knows the model: a normal of the expected variance, with one jump or with
// none, the average's seconds that have passed taken as they were.
double SimMarket::makers_price(const market::Contract& c) const {
  const double left = (c.close - path_.now()).seconds();
  const double strike = c.strike.floor->usd();
  double mean = path_.price(), weight_variance = 0;
  if (left >= 60) {
    weight_variance = left - 39.5;
  } else {
    // Whole seconds from whole nanoseconds: 59e9 · 1e-9 is not 59.
    const auto seen = static_cast<std::size_t>(60 - (c.close - path_.now()).ns / (1_s).ns);
    double sum = 0;
    for (std::size_t i = 0; i < seen; ++i) sum += static_cast<double>(minute_[60 - seen + i]) * 1e-8;
    mean = (sum + left * path_.price()) / 60;
    for (double k = 1; k <= left; k += 1) weight_variance += k * k / 3600;
  }
  const double rate = path_.expected_variance(std::max(left, 1.0)) / std::max(left, 1.0);
  const double scale = options_.volatility_error * path_.price();
  const double calm = rate * std::max(weight_variance, 1e-3);
  const double jump = path_.jump_probability(std::max(left, 1.0));
  // A jump inside the averaged minute counts for the part of it that is left, a third on average of squares.
  const double jumped = calm + path_.jump_variance() * (left >= 60 ? 1 : left / 60 * left / 60 / 3);
  const double distance = (mean - strike) / scale;
  return (1 - jump) * phi(distance / std::sqrt(calm)) + jump * phi(distance / std::sqrt(jumped));
}

void SimMarket::move_level(Quoted& q, Side side, Price price, Qty target) {
  const Qty change = target - q.book.at(side, price);
  if (change.centis == 0) return;
  CHECK(q.book.apply(side, price, change));
  put(path_.now(), event::BookDelta{q.contract.id, side, price, change});
}

void SimMarket::quote(Quoted& q, bool fresh) {
  const double noisy = makers_price(q.contract) + 0.002 * rng_.normal();
  const bool moved = std::abs(noisy - q.fair) > 0.004;
  if (!fresh && !moved && !rng_.chance(0.15)) return;
  q.fair = noisy;
  const double half = 0.004 + 0.012 * std::sqrt(std::max(0.0, noisy * (1 - noisy)));
  const auto pips = [](double dollars) { return Price{static_cast<std::int32_t>(std::lround(dollars * 1e4))}; };
  const auto& grid = q.contract.ticks;
  std::array<std::set<Price>, 2> wanted;
  for (const Side side : {Side::bid, Side::ask}) {
    auto& levels = wanted[side == Side::bid ? 0 : 1];
    auto tick = side == Side::bid ? grid.floor(pips(std::clamp(noisy - half, 0.0, 1.0)))
                                  : grid.ceil(pips(std::clamp(noisy + half, 0.0, 1.0)));
    while (tick && levels.size() < kLevels) {
      levels.insert(*tick);
      tick = side == Side::bid ? grid.floor(Price{tick->pips - 1}) : grid.ceil(Price{tick->pips + 1});
    }
  }
  if (fresh) {
    q.book.clear();
    event::BookSnapshot snapshot{q.contract.id, {}, {}};
    for (const Side side : {Side::bid, Side::ask}) {
      for (const Price p : wanted[side == Side::bid ? 0 : 1]) {
        const Qty size{static_cast<std::int64_t>(10'000 + rng_.below(40'000))};
        CHECK(q.book.apply(side, p, size));
        (side == Side::bid ? snapshot.bids : snapshot.asks).push_back({p, size});
      }
    }
    put(path_.now(), std::move(snapshot));
    return;
  }
  // Away first, then in: a book that is requoted never crosses itself for longer than the messages take.
  for (const Side side : {Side::bid, Side::ask}) {
    const auto& keep = wanted[side == Side::bid ? 0 : 1];
    for (auto level = q.book.best(side); level;) {
      const auto next = q.book.next(side, level->price);
      if (!keep.contains(level->price)) move_level(q, side, level->price, Qty{0});
      level = next;
    }
  }
  for (const Side side : {Side::bid, Side::ask}) {
    for (const Price p : wanted[side == Side::bid ? 0 : 1]) {
      const bool there = q.book.at(side, p).centis > 0;
      if (there && !rng_.chance(0.3)) continue;
      move_level(q, side, p, Qty{static_cast<std::int64_t>(10'000 + rng_.below(40'000))});
    }
  }
}

}  // namespace voltage::venue::sim
