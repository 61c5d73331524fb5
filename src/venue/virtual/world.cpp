#include "venue/virtual/world.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace voltage::venue::virtual_kalshi {
namespace {

using namespace literals;

constexpr Duration kStep{100'000'000};
constexpr std::int64_t kQuarterNs = (15_min).ns;
constexpr std::int64_t kHourNs = (1_h).ns;
constexpr Duration kStrikeDelay{700'000'000};  // from the open to its strike, as measured on the real venue
constexpr Duration kDetermination{2'000'000'000};

Time floor_to(Time t, std::int64_t ns) {
  return {t.ns - t.ns % ns};
}

sim::PathParameters path_parameters(const WorldOptions& o) {
  sim::PathParameters p;
  p.price = o.spot;
  return p;
}

double phi(double z) {
  return 0.5 * std::erfc(-z * 0.7071067811865476);
}

}  // namespace

World::World(const WorldOptions& options)
    : options_{options},
      now_{floor_to(options.start - std::max(options.history, 32_min), (1_min).ns)},
      path_{path_parameters(options), now_, options.seed},
      rng_{options.seed ^ 0x9e3779b97f4a7c15},
      kraken_{options.seed + 77, options.kraken_trades_per_minute} {
  account_ = exchange_.open_account({{0, options.cash_a_shard}, {1, options.cash_a_shard}, {2, options.cash_a_shard}});
  // The past has prices only; contracts are listed where it ends, two minutes before the start, so that
  // books, strikes and averages are there when the first client comes.
  const Time listing = floor_to(options.start - 2_min, kStep.ns);
  while (now_ < listing) {
    now_ = now_ + kStep;
    if (now_.ns % (1_s).ns == 0) second();
  }
  next_quarter_ = floor_to(now_, kQuarterNs);
  next_hour_ = floor_to(now_, kHourNs) + 1_h;
  roll_listings();
  for (auto& q : quoting_) quote(q, true);
  while (now_ + kStep <= options.start) step();
}

void World::advance(Time t) {
  while (now_ + kStep <= t) step();
}

void World::step() {
  now_ = now_ + kStep;
  if (now_.ns % (1_s).ns == 0) second();
  roll_listings();
  exchange_.tick(now_);
  if (exchange_.paused(kCryptoShard)) return;
  for (auto& q : quoting_) trade_and_flicker(q);
}

void World::second() {
  path_.step();
  const double rate = path_.expected_variance(60) / 60;
  kraken_.second(now_, path_.price(), std::sqrt(rate / 7.2e-9));
  record_index();
  for (; bank_done_ < options_.bank.size(); ++bank_done_) {
    const auto& move = options_.bank[bank_done_];
    if (now_ < options_.start + move.after) break;
    exchange_.bank_transfer(account_, kCryptoShard, move.amount, now_, move.listed);
  }
  change_fees();
  pause_shards();
  if (exchange_.paused(kCryptoShard)) return;
  for (auto& q : quoting_) quote(q, false);
}

void World::change_fees() {
  for (; fees_done_ < options_.fees.size(); ++fees_done_) {
    const auto& change = options_.fees[fees_done_];
    if (now_ < options_.start + change.after) return;
    if (change.of_event())
      exchange_.set_event_fees(change.of, change.terms, now_);
    else
      exchange_.set_series_fees(change.of, change.terms.value_or(market::FeeTerms{}));
  }
}

void World::pause_shards() {
  std::set<std::int64_t> on;
  for (const auto& p : options_.pauses) {
    const Time begin = options_.start + p.after;
    if (now_ >= begin && now_ < begin + p.length) on.insert(p.shard);
  }
  for (const auto& p : options_.pauses) {
    if (on.contains(p.shard) == exchange_.paused(p.shard)) continue;
    if (on.contains(p.shard))
      exchange_.pause(p.shard, false, now_);
    else
      exchange_.resume(p.shard);
  }
}

void World::record_index() {
  IndexSecond s;
  s.at = now_;
  s.value = market::index_from_usd(path_.price());
  std::int64_t sum = 0;
  const std::size_t n = std::min<std::size_t>(60, values_.size());
  for (std::size_t i = values_.size() - n; i < values_.size(); ++i) sum += values_[i];
  s.average_count = static_cast<int>(n);
  s.average_60s_e8 = n == 0 ? s.value.e8 : sum / static_cast<std::int64_t>(n);
  values_.push_back(s.value.e8);
  if (values_.size() > 120) values_.pop_front();
  const std::int64_t into = now_.ns % kQuarterNs;
  const std::int64_t left = into == 0 ? 0 : (kQuarterNs - into) / (1_s).ns;
  if (left < 60) {
    const auto count = static_cast<std::size_t>(60 - left);
    if (count <= values_.size()) {
      std::int64_t total = 0;
      for (std::size_t i = values_.size() - count; i < values_.size(); ++i) total += values_[i];
      s.settlement_count = static_cast<int>(count);
      s.settlement_e8 = total / static_cast<std::int64_t>(count);
    }
  }
  index_.push_back(s);
  if (index_.size() > 10'000) index_.erase(index_.begin(), index_.begin() + 5'000);  // nobody is listening
  index_history_.push_back(s);
  if (index_history_.size() > 7'200) index_history_.pop_front();
}

// The mean of the 60 values whose last is that of `close`.
double World::settlement_mean(Time close) const {
  for (auto s = index_history_.rbegin(); s != index_history_.rend(); ++s) {
    if (s->at == close && s->settlement_e8) return static_cast<double>(*s->settlement_e8) * 1e-8;
    if (s->at < close) break;
  }
  return path_.price();
}

void World::add(Market market) {
  const MarketIndex m = exchange_.list(std::move(market), now_);
  live_.push_back(m);
}

void World::list_quarter(Time open) {
  add(quarter_hour(open));
}

// An hourly ladder opens one hour before its close, around where the price then is.
void World::list_hour(Time close) {
  const Time open = close - 1_h;
  for (auto& m : above_ladder(open, close, path_.price(), options_.ladder)) add(std::move(m));
  for (auto& m : range_ladder(open, close, path_.price(), options_.ladder)) add(std::move(m));
}

void World::roll_listings() {
  // The next quarter hour is listed before it opens, as on the real venue.
  while (next_quarter_ <= now_ + 15_min) {
    list_quarter(next_quarter_);
    next_quarter_ = next_quarter_ + 15_min;
  }
  while (next_hour_ <= now_ + 1_h) {
    list_hour(next_hour_);
    next_hour_ = next_hour_ + 1_h;
  }
  std::erase_if(live_, [&](MarketIndex m) {
    const Market& market = exchange_.market(m);
    const auto& c = market.contract;
    if (market.phase == Phase::initialized && now_ >= c.open) {
      exchange_.activate(m, now_);
      quoting_.push_back({m, -1, {}});
      if (c.strike.known()) quote(quoting_.back(), true);
    }
    if (market.phase == Phase::active && !c.strike.known() && now_ >= c.open + kStrikeDelay) {
      auto strike = c.strike;
      strike.floor = market::round_to_cents(market::index_from_usd(settlement_mean(c.open)));
      exchange_.publish_strike(m, strike, now_);
      for (auto& q : quoting_) {
        if (q.market == m) quote(q, true);
      }
    }
    if ((market.phase == Phase::active || market.phase == Phase::inactive) && now_ >= c.close) {
      exchange_.close(m, now_);
      std::erase_if(quoting_, [&](const Quoting& q) { return q.market == m; });
    }
    if (market.phase == Phase::closed && now_ >= c.close + kDetermination) {
      exchange_.determine(m, market::round_to_cents(market::index_from_usd(settlement_mean(c.close))), now_);
    }
    if (market.phase == Phase::determined && now_ >= c.close + kDetermination + market.settlement_timer) {
      exchange_.settle(m, now_);
    }
    return market.phase == Phase::finalized;
  });
}

// --- The other traders -------------------------------------------------------------------------------

// P(settlement average > strike) as one who knows the model would say.
double World::above(double strike, double seconds_left) const {
  double mean = path_.price();
  double weight = 0;
  if (seconds_left >= 60) {
    weight = seconds_left - 39.5;
  } else {
    const auto seen = std::min<std::size_t>(static_cast<std::size_t>(60 - seconds_left), values_.size());
    double sum = 0;
    for (std::size_t i = values_.size() - seen; i < values_.size(); ++i) sum += static_cast<double>(values_[i]) * 1e-8;
    mean = (sum + (60 - static_cast<double>(seen)) * path_.price()) / 60;
    for (double k = 1; k <= seconds_left; k += 1) weight += k * k / 3600;
  }
  const double horizon = std::max(seconds_left, 1.0);
  const double rate = path_.expected_variance(horizon) / horizon;
  const double sd = options_.volatility_error * path_.price() * std::sqrt(rate * std::max(weight, 1e-3));
  return phi((mean - strike) / sd);
}

double World::fair(const market::Contract& c) const {
  const double left = (c.close - now_).seconds();
  const auto at = [&](const market::IndexValue& v) { return above(v.usd(), left); };
  switch (c.strike.type) {
    case market::StrikeType::greater:
    case market::StrikeType::greater_or_equal:
      return at(*c.strike.floor);
    case market::StrikeType::less:
    case market::StrikeType::less_or_equal:
      return 1 - at(*c.strike.cap);
    case market::StrikeType::between:
      return std::max(0.0, at(*c.strike.floor) - at(*c.strike.cap));
  }
  return 0.5;
}

void World::quote(Quoting& q, bool fresh) {
  const Market& m = exchange_.market(q.market);
  const auto& c = m.contract;
  if (!c.strike.known() || !m.open_at(now_)) return;
  const bool quarter = c.series == "KXBTC15M";
  // Ladders have a hundred books and one maker: each looks at a book now and then, not every second.
  if (!fresh && !quarter && !rng_.chance(0.25)) return;
  const double value = fair(c) + (quarter ? 0.002 : 0.001) * rng_.normal();
  if (!fresh && std::abs(value - q.fair) < (quarter ? 0.004 : 0.006)) return;
  q.fair = value;
  // Half a cent wide at the edges, a cent and a half in the middle, as the recorded books are.
  const double half = 0.004 + 0.012 * std::sqrt(std::max(0.0, value * (1 - value)));
  const std::size_t levels = quarter ? 8 : 4;
  const auto pips = [](double usd) { return Price{static_cast<std::int32_t>(std::lround(usd * 1e4))}; };
  std::array<std::vector<Price>, 2> wanted;
  for (const Side side : {Side::bid, Side::ask}) {
    auto& prices = wanted[side == Side::bid ? 0 : 1];
    auto tick = side == Side::bid ? c.ticks.floor(pips(std::clamp(value - half, 0.0, 1.0)))
                                  : c.ticks.ceil(pips(std::clamp(value + half, 0.0, 1.0)));
    while (tick && prices.size() < levels) {
      prices.push_back(*tick);
      tick = side == Side::bid ? c.ticks.floor(Price{tick->pips - 1}) : c.ticks.ceil(Price{tick->pips + 1});
    }
  }
  // Lottery tickets a tenth of a cent from certainty rest in every real quarter-hour book.
  if (quarter) {
    wanted[0].push_back(*c.ticks.ceil(Price{0}));
    wanted[1].push_back(*c.ticks.floor(Price{Price::kOne}));
  }
  for (std::size_t s = 0; s < 2; ++s) {
    std::erase_if(q.orders[s], [&](const auto& resting) {
      const bool keep = std::find(wanted[s].begin(), wanted[s].end(), resting.first) != wanted[s].end() &&
                        exchange_.order(resting.second) != nullptr;
      if (!keep) exchange_.house_cancel(resting.second, now_);
      return !keep;
    });
  }
  for (std::size_t s = 0; s < 2; ++s) {
    for (const Price price : wanted[s]) {
      if (q.orders[s].contains(price)) continue;
      const Qty size{static_cast<std::int64_t>(100 * (20 + rng_.below(quarter ? 800 : 400)))};
      const auto id = exchange_.house_quote(q.market, s == 0 ? Side::bid : Side::ask, price, size, now_);
      if (id) q.orders[s].emplace(price, *id);
    }
  }
}

// In every step: noise takers, one who trades on the fair value, and makers who change sizes.
void World::trade_and_flicker(Quoting& q) {
  const Market& m = exchange_.market(q.market);
  if (q.fair < 0 || !m.open_at(now_)) return;
  const bool quarter = m.contract.series == "KXBTC15M";
  const double seconds = kStep.seconds();
  const double busy = quarter ? 1.0 : 0.01;
  if (rng_.chance(options_.taker_rate * busy * seconds)) {
    const bool informed = rng_.chance(0.2);
    const auto bid = m.best_bid(), ask = m.best_ask();
    const Qty size{static_cast<std::int64_t>(100 * (1 + std::floor(8 * std::exp(1.2 * rng_.normal()))))};
    if (informed && bid && ask) {
      const double value = fair(m.contract);
      if (value > ask->dollars()) exchange_.house_take(q.market, Side::bid, *ask, size, now_);
      if (value < bid->dollars()) exchange_.house_take(q.market, Side::ask, *bid, size, now_);
    } else if (bid && ask) {
      const bool buys = rng_.chance(0.5);
      exchange_.house_take(q.market, buys ? Side::bid : Side::ask, buys ? *ask : *bid, size, now_);
    }
  }
  const double flickers = options_.flicker_rate * busy * seconds;
  for (double wait = rng_.exponential(1.0); wait < flickers; wait += rng_.exponential(1.0)) {
    const std::size_t s = rng_.below(2);
    auto& orders = q.orders[s];
    if (orders.empty()) continue;
    auto chosen = orders.begin();
    std::advance(chosen, static_cast<std::ptrdiff_t>(rng_.below(orders.size())));
    const Price price = chosen->first;
    exchange_.house_cancel(chosen->second, now_);
    orders.erase(chosen);
    const Qty size{static_cast<std::int64_t>(100 * (20 + rng_.below(quarter ? 800 : 400)))};
    const auto id = exchange_.house_quote(q.market, s == 0 ? Side::bid : Side::ask, price, size, now_);
    if (id) orders.emplace(price, *id);
  }
}

}  // namespace voltage::venue::virtual_kalshi
