#include "app/sim/simulation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "app/run/baseline_edge.hpp"
#include "app/run/core.hpp"
#include "app/sim/auditor.hpp"
#include "app/sim/feed.hpp"
#include "event/codec.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::sim {

using namespace literals;

namespace {

constexpr Duration kHistory = 2_h;
constexpr Duration kDrain = 10_min;    // after the hour: what is under way comes home
constexpr Duration kWatchdog = 3_s;    // a stream silent for longer is stale
constexpr Duration kForecast = 50_ms;  // request to answer
constexpr Time kNever{std::numeric_limits<std::int64_t>::max()};

constexpr std::array<event::Stream, 3> kPlain{event::Stream::index, event::Stream::spot, event::Stream::candles};

// Trades as often as it can, to give the faults something to break.
CoreConfig eager() {
  CoreConfig config;
  config.strategy.belief.mean = {0, 0.9, 0.1, 0};
  config.strategy.edge_min = 0;
  config.strategy.disagreement_max = 100;
  config.strategy.shrink_by_doubt = false;
  config.strategy.flow_against_max = 1;
  config.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = true;
  return config;
}

class Simulation {
 public:
  Simulation(std::uint64_t seed, const SimOptions& options, std::vector<Fault> faults, Rng rng)
      : options_{options},
        faults_{std::move(faults)},
        rng_{rng.next()},
        market_{market_options(seed, rng)},
        config_{eager()},
        core_{core_config_of(options, config_)},
        auditor_{config_.engine},
        feed_{options.canaries.gaps_ignored},
        orders_{options.canaries, rng.next()},
        start_{market_.now()},
        end_{start_ + options.span} {
    result_.seed = seed;
    result_.faults = faults_;
  }

  SimResult run();

  static Time start_time() { return venue::sim::SimMarketOptions{}.start; }

 private:
  static venue::sim::SimMarketOptions market_options(std::uint64_t seed, Rng& rng) {
    venue::sim::SimMarketOptions o;
    o.seed = seed;
    o.history = kHistory;
    o.volatility_error = rng.uniform(0.4, 2.5);
    return o;
  }
  static CoreConfig core_config_of(const SimOptions& options, CoreConfig config) {
    if (options.canaries.caps_ignored) config.engine.limits.contract_loss_max = Money{4 * 100'000'000};
    if (options.canaries.caps_ignored) config.engine.limits.instant_loss_max = Money{4 * 100'000'000};
    return config;
  }

  void truth(Time at, event::Payload what);
  void plain(Time at, event::Stream stream, event::Payload what);
  void settle(Time at, const event::Settled& settled);
  void start_fault(const Fault& f);
  void cross(Time at, const Fault& f);
  void health(Time at, event::Stream stream, event::Health h);
  void watch_streams(Time now);
  void others_trade(Time at);
  void later(Time at, event::Payload what) { queue_.emplace(std::pair{at, ++entries_}, std::move(what)); }
  void tell(Time at, event::Payload what);
  void carry(const event::Event& cause, const event::Effect& fx);
  OrderFate fate_of_next(Time now);
  void forecast(Time at, const event::RequestForecast& request);
  void step_to_next();
  void check_replay();

  SimOptions options_;
  std::vector<Fault> faults_;
  Rng rng_;
  venue::sim::SimMarket market_;
  CoreConfig config_;
  Core core_;
  Auditor auditor_;
  Feed feed_;
  OrderPath orders_;
  BaselineEdge forecasts_;
  Time start_, end_;
  std::optional<venue::sim::Happening> next_;
  std::map<std::pair<Time, std::uint64_t>, event::Payload> queue_;  // to the core, by time
  std::vector<std::pair<Time, event::Payload>> venue_later_;        // true changes of the book to come, by time
  std::uint64_t entries_{0}, seq_{0}, truth_seq_{0};
  std::size_t fault_{0};
  std::vector<Fault> waiting_;  // faults of the next orders
  Time next_second_{};
  Time clock_off_until_{};
  Duration clock_off_{};
  Time forecast_late_until_{}, forecast_fails_until_{};
  std::optional<Fault> amend_;
  std::array<Time, event::kStreams> silent_until_{}, last_said_{};
  std::array<event::Health, event::kStreams> told_health_{};
  std::vector<event::Event> log_;
  std::vector<std::string> effects_;  // as bytes, for the replay check
  std::optional<event::ContractId> window_;
  Time window_close_{};
  SimResult result_;
};

void Simulation::health(Time at, event::Stream stream, event::Health h) {
  auto& told = told_health_[static_cast<std::size_t>(stream)];
  if (told == h) return;
  told = h;
  tell(at, event::StreamHealth{stream, h, "simulated"});
}

// What the venue and the world really do.
void Simulation::truth(Time at, event::Payload what) {
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
    window_ = seen->contract.id;
    window_close_ = seen->contract.close;
    ++result_.contracts;
  }
  orders_.observe({++truth_seq_, at, what});
  feed_.venue_says(at, what);
}

void Simulation::plain(Time at, event::Stream stream, event::Payload what) {
  const auto i = static_cast<std::size_t>(stream);
  if (const auto* bar = std::get_if<event::CandleClosed>(&what)) forecasts_.learn(*bar);
  if (at < silent_until_[i]) return;
  last_said_[i] = at;
  health(at, stream, event::Health::healthy);
  tell(at, std::move(what));
}

// Told late; amended when a fault says so: first wrong, then right.
void Simulation::settle(Time at, const event::Settled& settled) {
  auditor_.venue_settled(settled.contract, settled.outcome == event::Outcome::yes);
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

void Simulation::cross(Time at, const Fault& f) {
  if (!window_) return;
  // Someone bids a dollar less a tenth of a cent, above every ask, and takes it back later.
  const event::BookDelta in{*window_, Side::bid, Price{9'990}, Qty{100}};
  event::BookDelta out = in;
  out.change = Qty{-100};
  truth(at, in);
  venue_later_.emplace_back(at + f.length, out);
  std::stable_sort(venue_later_.begin(), venue_later_.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

void Simulation::start_fault(const Fault& f) {
  const Time until = f.at + f.length;
  const auto silence = [&](event::Stream s) {
    auto& end = silent_until_[static_cast<std::size_t>(s)];
    end = std::max(end, until);
  };
  switch (f.kind) {
    case FaultKind::drop:
      return feed_.drop_next();
    case FaultKind::duplicate:
      return feed_.duplicate_next();
    case FaultKind::reorder:
      return feed_.reorder_next();
    case FaultKind::delay:
      return feed_.delay_until(until);
    case FaultKind::market_down:
      health(f.at, event::Stream::kalshi_market, event::Health::down);
      silence(event::Stream::kalshi_market);
      for (std::uint32_t id = 0; window_ && id <= window_->v; ++id) {
        if (core_.engine().books().has({id})) tell(f.at, event::BookLost{{id}, "the connection died"});
      }
      return feed_.cut(f.at, until);
    case FaultKind::index_silent:
      return silence(event::Stream::index);
    case FaultKind::spot_silent:
      return silence(event::Stream::spot);
    case FaultKind::candles_silent:
      return silence(event::Stream::candles);
    case FaultKind::private_down:
      health(f.at, event::Stream::kalshi_private, event::Health::down);
      silence(event::Stream::kalshi_private);
      return orders_.cut_until(until);
    case FaultKind::crossed:
      return cross(f.at, f);
    case FaultKind::clock_step: {
      static constexpr std::array<std::int64_t, 6> kSteps{-60'000, -5'000, -300, 300, 5'000, 60'000};
      clock_off_ = Duration{kSteps[f.salt % kSteps.size()] * 1'000'000};
      clock_off_until_ = until;
      return;
    }
    case FaultKind::forecast_late:
      forecast_late_until_ = until + 1_min;
      return;
    case FaultKind::forecast_fails:
      forecast_fails_until_ = until + 3_min;
      return;
    case FaultKind::request_lost:
    case FaultKind::answer_lost:
    case FaultKind::refused:
    case FaultKind::fills_late:
    case FaultKind::fills_twice:
    case FaultKind::fills_first:
      return waiting_.push_back(f);
    case FaultKind::kill:
      tell(f.at, event::OperatorSaid{event::OperatorAction::kill, "simulated"});
      return later(until, event::OperatorSaid{event::OperatorAction::resume, "simulated"});
    case FaultKind::settlement_amended:
      amend_ = f;
      return;
    case FaultKind::disk_down:
      health(f.at, event::Stream::journal, event::Health::down);
      return silence(event::Stream::journal);
  }
}

// The edge's watchdogs, once a second.
void Simulation::watch_streams(Time now) {
  for (const auto stream : kPlain) {
    const auto i = static_cast<std::size_t>(stream);
    const Duration patience = stream == event::Stream::candles ? 65_s : kWatchdog;
    if (told_health_[i] == event::Health::healthy && now - last_said_[i] > patience) {
      health(now, stream, event::Health::stale);
    }
  }
  for (const auto stream : {event::Stream::kalshi_market, event::Stream::kalshi_private, event::Stream::journal}) {
    if (now >= silent_until_[static_cast<std::size_t>(stream)]) health(now, stream, event::Health::healthy);
  }
}

// Other people at the far end of the book, twice a second: a busy socket. Never near enough to cross.
void Simulation::others_trade(Time at) {
  if (!window_ || at >= window_close_) return;
  const Side side = feed_.best_bid(*window_) < 9'900 ? Side::ask : Side::bid;
  const Price price = side == Side::ask ? Price{9'990} : Price{10};
  const Qty some{static_cast<std::int64_t>(100 + rng_.below(900))};
  truth(at, event::BookDelta{*window_, side, price, some});
  truth(at, event::BookDelta{*window_, side, price, -some});
}

void Simulation::tell(Time at, event::Payload what) {
  if (!auditor_.violation().empty()) return;
  const event::Event e{++seq_, at, std::move(what)};
  ++result_.events;
  if (std::holds_alternative<event::BookDelta>(e.what) || std::holds_alternative<event::BookSnapshot>(e.what))
    ++result_.book_messages;
  if (std::holds_alternative<event::FillSeen>(e.what)) ++result_.fills;
  const auto effects = core_.engine().on(e);
  if (window_ && options_.canaries.gaps_ignored) auditor_.book_gap(*window_, feed_.gap(*window_));
  auditor_.saw(e, effects, core_.engine());
  if (options_.check_replay) {
    log_.push_back(e);
    std::string bytes;
    for (const auto& fx : effects) event::EffectCodec::encode(fx, bytes);
    effects_.push_back(std::move(bytes));
  }
  // carry() may not call the core: what it starts comes back through queues.
  for (const auto& fx : effects) carry(e, fx);
}

OrderFate Simulation::fate_of_next(Time now) {
  OrderFate fate;
  for (const Fault& f : waiting_) {
    if (f.at > now) continue;
    fate.request_lost |= f.kind == FaultKind::request_lost;
    fate.answer_lost |= f.kind == FaultKind::answer_lost;
    fate.refused |= f.kind == FaultKind::refused;
    fate.fills_late |= f.kind == FaultKind::fills_late;
    fate.fills_twice |= f.kind == FaultKind::fills_twice;
    fate.fills_first |= f.kind == FaultKind::fills_first;
  }
  waiting_.clear();
  return fate;
}

void Simulation::carry(const event::Event& cause, const event::Effect& fx) {
  if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) {
    orders_.submit(order->terms(), cause.at, fate_of_next(cause.at));
  } else if (const auto* cancel = std::get_if<event::CancelOrder>(&fx)) {
    orders_.cancel(cancel->order, cause.at);
  } else if (const auto* request = std::get_if<event::RequestForecast>(&fx)) {
    forecast(cause.at, *request);
  }
}

void Simulation::forecast(Time at, const event::RequestForecast& request) {
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

void Simulation::step_to_next() {
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
  first = std::max(first, core_.engine().now());
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
      for (const auto& fill : step.made) auditor_.venue_filled(fill);
      if (step.told) tell(first, std::move(*step.told));
      return;
    }
    case Source::queue: {
      auto what = std::move(queue_.begin()->second);
      queue_.erase(queue_.begin());
      return tell(first, std::move(what));
    }
    case Source::second:
      next_second_ = first + 1_s;
      tell(first, event::TimePassed{});
      others_trade(first);
      return watch_streams(first);
  }
}

SimResult Simulation::run() {
  const auto& history = market_.history();
  for (const auto& bar : history.bars) forecasts_.learn({event::SpotVenue::simulated, history.interval, bar});
  next_second_ = start_ + 1_s;
  for (const auto stream : {event::Stream::kalshi_market, event::Stream::kalshi_private, event::Stream::journal}) {
    health(start_, stream, event::Health::healthy);
  }
  tell(start_, event::CandleClosed{event::SpotVenue::simulated, history.interval, history.bars.back()});
  const auto running = [&] { return auditor_.violation().empty(); };
  while (running() && next_second_ <= end_) step_to_next();
  if (running())
    tell(std::max(end_, core_.engine().now()), event::OperatorSaid{event::OperatorAction::kill, "the hour is over"});
  // Resumes of kills drawn late in the hour must not start the trading again.
  std::erase_if(queue_, [](const auto& entry) { return std::holds_alternative<event::OperatorSaid>(entry.second); });
  while (running() && next_second_ <= end_ + kDrain) step_to_next();
  if (running()) auditor_.finish(core_.engine());
  result_.orders = auditor_.orders();
  result_.violation = auditor_.violation();
  result_.violation_seq = auditor_.violation_seq();
  if (running() && options_.check_replay) check_replay();
  return result_;
}

void Simulation::check_replay() {
  Core again{core_config_of(options_, config_)};
  for (std::size_t i = 0; i < log_.size(); ++i) {
    std::string bytes;
    for (const auto& fx : again.engine().on(log_[i])) event::EffectCodec::encode(fx, bytes);
    if (bytes == effects_[i]) continue;
    result_.violation = "run again, the effects are others";
    result_.violation_seq = log_[i].seq;
    return;
  }
}

}  // namespace

SimResult simulate(std::uint64_t seed, const SimOptions& options, const std::vector<Fault>& faults) {
  Rng rng{seed};
  rng.next();  // the faults'
  return Simulation{seed, options, faults, rng}.run();
}

SimResult simulate(std::uint64_t seed, const SimOptions& options) {
  Rng rng{seed};
  Rng of_faults = rng.fork();
  return simulate(seed, options, draw_faults(of_faults, Simulation::start_time(), options.span));
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

}  // namespace voltage::app::sim
