#include "app/sim/simulation.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/sim/hour.hpp"

namespace voltage::app::sim {

CoreConfig eager_config(std::uint64_t seed) {
  CoreConfig config;
  auto& maker = config.strategy.maker;
  maker.on = seed % 4 != 0;
  maker.edge_min = 0;
  maker.adverse_prior = 0.002;
  maker.toxic_flow = 1;
  // Takers who are wrong reach the day's limit within minutes, and the rest of their hour would show nothing.
  if (!maker.on) {
    config.engine.limits.day_loss_max = Money{1'000 * kDollar.micros};
    config.engine.limits.drawdown_max = Money{2'000 * kDollar.micros};
  }
  if (seed % 3 == 0) maker.rest_max = 90_s;
  if (seed % 5 == 0) config.engine.limits.vega_point_max = 4;  // else it is rarely what binds
  config.strategy.belief.mean = {0, 0.9, 0.1, 0};
  config.strategy.edge_min = 0;
  config.strategy.disagreement_max = 100;
  config.strategy.shrink_by_doubt = false;
  config.strategy.flow_against_max = 1;
  config.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = true;
  return config;
}

void Hour::health(Time at, event::Stream stream, event::Health h) {
  auto& told = told_health_[static_cast<std::size_t>(stream)];
  if (told == h || down_until_) return;
  told = h;
  tell(at, event::StreamHealth{stream, h, "simulated"});
}

// What the venue and the world really do.
void Hour::truth(Time at, event::Payload what) {
  if (auto* settled = std::get_if<event::Settled>(&what)) return settle(at, *settled);
  if (auto* index = std::get_if<event::IndexSeen>(&what)) {
    if (at < clock_off_until_) index->value_time = index->value_time + clock_off_;
    return plain(at, event::Stream::index, std::move(what));
  }
  if (auto* spot = std::get_if<event::SpotSeen>(&what)) {
    if (at < clock_off_until_) spot->exchange_time = spot->exchange_time + clock_off_;
    return plain(at, event::Stream::spot, std::move(what));
  }
  if (std::holds_alternative<event::CandleClosed>(what)) return plain(at, event::Stream::candles, std::move(what));
  if (std::holds_alternative<event::StreamHealth>(what)) return;  // ours are told by the watchdog
  if (const auto* seen = std::get_if<event::ContractSeen>(&what)) {
    if (seen->contract.close != window_close_) windows_.clear();
    windows_.push_back(seen->contract.id);
    window_close_ = seen->contract.close;
    seen_.push_back(*seen);
    ++result_.contracts;
  }
  orders_.observe({++truth_seq_, at, what});
  feed_.venue_says(at, what);
}

void Hour::plain(Time at, event::Stream stream, event::Payload what) {
  const auto i = static_cast<std::size_t>(stream);
  if (const auto* bar = std::get_if<event::CandleClosed>(&what)) {
    forecasts_.learn(*bar);
    forecasts_bar_ = *bar;
  }
  if (at < silent_until_[i]) return;
  last_said_[i] = at;
  health(at, stream, event::Health::healthy);
  tell(at, std::move(what));
}

// Told late; amended when a fault says so: first wrong, then right.
void Hour::settle(Time at, const event::Settled& settled) {
  auditor_.venue_settled(settled.contract, settled.outcome == event::Outcome::yes);
  settled_[settled.contract.v] = settled;
  const Time told = at + Duration{static_cast<std::int64_t>(rng_.uniform(1, 150) * 1e9)};
  if (amend_) {
    event::Settled wrong = settled;
    wrong.outcome = settled.outcome == event::Outcome::yes ? event::Outcome::no : event::Outcome::yes;
    later(told, wrong);
    later(told + 1_s + amend_->length, settled);
    amend_.reset();
    return;
  }
  later(told, settled);
}

void Hour::tell(Time at, event::Payload what) {
  if (!auditor_.violation().empty() || down_until_) return;
  const event::Event e{++seq_, at, std::move(what)};
  ++result_.events;
  if (std::holds_alternative<event::BookDelta>(e.what) || std::holds_alternative<event::BookSnapshot>(e.what))
    ++result_.book_messages;
  if (wrote()) return crash(at, at + kStarting, &e.what);
  if (const auto* seen = std::get_if<event::ContractSeen>(&e.what)) orders_.know(seen->contract);
  if (std::holds_alternative<event::TimePassed>(e.what)) orders_.alive(at);
  if (const auto* forecast = std::get_if<event::ForecastReady>(&e.what)) forecast_told_ = forecast->bar_close;
  const auto effects = core_->engine().on(e);
  if (options_.canaries.gaps_ignored) {
    for (const auto id : windows_) auditor_.book_gap(id, feed_.gap(id));
  }
  auditor_.saw(e, effects, core_->engine());
  if (options_.check_replay) keep_for_replay(e, effects);
  // carry() may not call the core: what it starts comes back through queues.
  for (const auto& fx : effects) {
    if (wrote()) return crash(at, at + kStarting);
    carry(e, fx);
  }
  orders_.pump(at);
}

void Hour::carry(const event::Event& cause, const event::Effect& fx) {
  if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) {
    orders_.submit(order->terms(), cause.at);
  } else if (const auto* cancel = std::get_if<event::CancelOrder>(&fx)) {
    const bool old = cause.at - forecast_told_ > config_.strategy.forecast_age_max;
    const bool forgotten = options_.canaries.cancels_dropped || (options_.canaries.old_quotes_left && old);
    if (!forgotten) orders_.cancel(cancel->order, cause.at);
  } else if (const auto* amended = std::get_if<event::AmendOrder>(&fx)) {
    orders_.amend(amended->terms(), cause.at);
  } else if (std::holds_alternative<event::KillOrders>(fx)) {
    orders_.kill();
  } else if (const auto* request = std::get_if<event::RequestForecast>(&fx)) {
    forecast(cause.at, *request);
  }
}

void Hour::forecast(Time at, const event::RequestForecast& request) {
  if (at < forecast_fails_until_) return later(at + kForecast, event::ForecastFailed{request.request, "simulated"});
  auto answer = forecasts_.forecast(request);
  if (!answer) return later(at + kForecast, event::ForecastFailed{request.request, answer.error().message});
  // A model that is wrong, each time otherwise: it makes views to trade on.
  const double wrong = std::exp(0.5 * rng_.normal());
  for (auto& node : answer->nodes) {
    for (auto& component : node.components) component[2] *= wrong;
  }
  later(at + (at < forecast_late_until_ ? 40_s : kForecast), std::move(*answer));
}

void Hour::step_to_next() {
  if (!next_) next_ = market_.next();
  enum class Source { fault, market, venue_later, feed, orders, queue, second };
  Time first = kNever;
  Source source = Source::second;
  const auto offer = [&](Time at, Source s) {
    if (at < first) {
      first = at;
      source = s;
    }
  };
  if (fault_ < faults_.size()) offer(faults_[fault_].at, Source::fault);
  offer(next_->at, Source::market);
  if (!venue_later_.empty()) offer(venue_later_.front().first, Source::venue_later);
  if (const auto due = feed_.next_due()) offer(*due, Source::feed);
  if (const auto due = orders_.next_due()) offer(*due, Source::orders);
  if (!queue_.empty()) offer(queue_.begin()->first.first, Source::queue);
  offer(next_second_, Source::second);
  // A slow pipe can hold what was due before: it comes now, not in the past.
  first = std::max(first, core_->engine().now());
  if (down_until_ && *down_until_ <= first) return restart(*down_until_);
  switch (source) {
    case Source::fault:
      return start_fault(faults_[fault_++]);
    case Source::market: {
      auto happening = std::exchange(next_, std::nullopt);
      return truth(happening->at, std::move(happening->what));
    }
    case Source::venue_later: {
      auto [at, what] = std::move(venue_later_.front());
      venue_later_.erase(venue_later_.begin());
      return truth(at, std::move(what));
    }
    case Source::feed:
      for (auto& what : feed_.receive()) tell(first, std::move(what));
      return;
    case Source::orders: {
      auto step = orders_.step();
      for (const auto& [fill, by_hand] : step.made) {
        auditor_.venue_filled(fill, by_hand);
        at_venue_.push_back(fill);
        result_.maker_fills += fill.maker;
      }
      if (!step.told) return;
      tell(first, std::move(*step.told));
      return audit_resting(first);
    }
    case Source::queue: {
      auto what = std::move(queue_.begin()->second);
      queue_.erase(queue_.begin());
      return tell(first, std::move(what));
    }
    case Source::second:
      next_second_ = first + 1_s;
      tell(first, event::TimePassed{});
      guard(first);
      audit_resting(first);
      others_trade(first);
      return watch_streams(first);
  }
}

SimResult Hour::run() {
  const auto& history = market_.history();
  for (const auto& bar : history.bars) forecasts_.learn({event::SpotVenue::simulated, history.interval, bar});
  next_second_ = start_ + 1_s;
  lives_.push_back({core_config_of(options_, config_), {}, {}});
  for (const auto stream : {event::Stream::kalshi_market, event::Stream::kalshi_private, event::Stream::journal}) {
    health(start_, stream, event::Health::healthy);
  }
  tell(start_, event::CandleClosed{event::SpotVenue::simulated, history.interval, history.bars.back()});
  const auto running = [&] { return auditor_.violation().empty(); };
  while (running() && (next_second_ <= end_ || down_until_)) step_to_next();
  if (running())
    tell(std::max(end_, core_->engine().now()), event::OperatorSaid{event::OperatorAction::kill, "the hour is over"});
  // Resumes of kills drawn late in the hour must not start the trading again.
  std::erase_if(queue_, [](const auto& entry) { return std::holds_alternative<event::OperatorSaid>(entry.second); });
  // A process that dies in the last moments starts again, and has as long to come to rest.
  for (Time rest = end_ + kDrain; running() && (next_second_ <= rest || down_until_);) {
    if (down_until_) rest = std::max(rest, *down_until_ + kDrain);
    step_to_next();
  }
  if (running()) auditor_.finish(core_->engine(), orders_.venue(), orders_.tidy());
  result_.orders = auditor_.orders();
  result_.quotes = auditor_.quotes();
  result_.amends = auditor_.amends();
  result_.amends_cut = orders_.amends_cut();
  result_.fills = static_cast<std::int64_t>(at_venue_.size());
  result_.writes = static_cast<std::int64_t>(writes_);
  result_.violation = auditor_.violation();
  result_.violation_seq = auditor_.violation_seq();
  if (running() && options_.check_replay) check_replay();
  return result_;
}

SimResult simulate(std::uint64_t seed, const SimOptions& options, const std::vector<Fault>& faults) {
  Rng rng{seed};
  rng.next();  // the faults'
  return Hour{seed, options, faults, rng}.run();
}

Time start_of_hour() {
  return Hour::start_time();
}

SimResult simulate(std::uint64_t seed, const SimOptions& options) {
  Rng rng{seed};
  Rng of_faults = rng.fork();
  return simulate(seed, options, draw_faults(of_faults, Hour::start_time(), options.span));
}

SimResult shrink(const SimResult& failed, const SimOptions& options) {
  SimResult best = failed;
  for (std::size_t part = std::max<std::size_t>(1, best.faults.size() / 2); part > 0; part /= 2) {
    for (std::size_t from = 0; from < best.faults.size();) {
      auto fewer = best.faults;
      const auto begin = fewer.begin() + static_cast<std::ptrdiff_t>(from);
      fewer.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(part, fewer.size() - from)));
      SimResult tried = simulate(failed.seed, options, fewer);
      if (tried.violation.empty())
        from += part;
      else
        best = std::move(tried);
    }
  }
  return best;
}

Sweep crash_sweep(std::uint64_t seed, Duration span, std::int64_t stride, std::int64_t first) {
  SimOptions options;
  options.span = span;
  Sweep sweep;
  sweep.writes = simulate(seed, options, {}).writes;
  for (std::int64_t at = first; at <= sweep.writes; at += stride) {
    options.crash_at_write = static_cast<std::uint64_t>(at);
    auto result = simulate(seed, options, {});
    sweep.crashes += result.crashes;
    if (result.violation.empty() && result.crashes == 0) result.violation = "the process was not killed";
    if (!result.violation.empty()) sweep.failed.push_back(std::move(result));
  }
  return sweep;
}

}  // namespace voltage::app::sim
