#include "app/stress/stress.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include "app/run/baseline_edge.hpp"
#include "app/run/recorder.hpp"
#include "app/run/world.hpp"
#include "base/rng.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::stress {
namespace {

using namespace literals;

constexpr double kTooLow = 0.7;
constexpr double kCrash = -0.1053605;  // ln 0.9
constexpr std::size_t kRemembered = 1'440;

// The baseline's forecasts, spoilt as the scenario wants.
class SpoiltForecasts final : public ForecastEdge {
 public:
  SpoiltForecasts(Scenario scenario, std::uint64_t seed) : scenario_{scenario}, rng_{seed} {}
  void learn(const event::CandleClosed& bar) override { baseline_.learn(bar); }
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override {
    auto answer = baseline_.forecast(request);
    if (!answer) return answer;
    if (scenario_ == Scenario::volatility_low) {
      for (auto& node : answer->nodes) {
        for (auto& [weight, mean, sd] : node.components) {
          mean *= kTooLow;
          sd *= kTooLow;
        }
      }
    } else if (scenario_ == Scenario::shuffled) {
      past_.push_back(answer->nodes);
      if (past_.size() > kRemembered) past_.pop_front();
      answer->nodes = past_[rng_.below(past_.size())];
    }
    return answer;
  }

 private:
  Scenario scenario_;
  Rng rng_;
  BaselineEdge baseline_;
  std::deque<std::vector<event::ForecastNode>> past_;
};

// Holds what could be lost against what was stated, once a second.
class Meter final : public Recorder {
 public:
  Meter(const engine::Engine& engine, ScenarioResult& result)
      : engine_{engine}, result_{result}, before_{engine.ledger().equity_at_cost()} {}

  void record(const event::Event& e) override {
    result_.fills += std::holds_alternative<event::FillSeen>(e.what);
    settled_ |= std::holds_alternative<event::Settled>(e.what);
    // What is looked at is the core after its last event: so is the time.
    if (std::holds_alternative<event::TimePassed>(e.what) && engine_.now().ns > 0) look(engine_.now());
  }
  void record(const event::Event&, const event::Effect& fx) override {
    if (std::holds_alternative<event::PlaceOrder>(fx)) {
      ++result_.orders;
      if (!result_.days.empty()) ++result_.days.back().orders;
    }
    if (const auto* cash = std::get_if<event::CashChange>(&fx)) {
      traded_ |= cash->reason == event::CashReason::trade;
    }
  }
  void finish(Time now) {
    look(now);
    close_day();
  }

 private:
  void look(Time now) {
    const auto& ledger = engine_.ledger();
    const Money equity = ledger.equity_at_cost();
    const std::int64_t day = now.ns / (24_h).ns;
    if (day != day_) {
      if (day_ >= 0) close_day();
      day_ = day;
      day_start_ = equity;
      result_.days.push_back({engine_.gate().loss_max_today(ledger), {}, {}, 0});
    }
    if (settled_ && traded_) {
      result_.returns.push_back((equity - before_).dollars() / before_.dollars());
      before_ = equity;
      traded_ = false;
    }
    settled_ = false;
    Day& today = result_.days.back();
    today.lost = day_start_ - equity;
    today.worst_lost = max(today.worst_lost, day_start_ - ledger.equity_worst());
    highest_ = max(highest_, equity);
    result_.drawdown = max(result_.drawdown, highest_ - equity);
    result_.halted |= engine_.gate().halted();
  }
  void close_day() { result_.days.back().lost = day_start_ - engine_.ledger().equity_at_cost(); }

  const engine::Engine& engine_;
  ScenarioResult& result_;
  std::int64_t day_{-1};
  Money day_start_, highest_;
  Money before_;  // equity when the last instant that was traded had settled
  bool settled_{false}, traded_{false};
};

venue::sim::SimMarketOptions market_of(Scenario scenario, std::uint64_t seed) {
  venue::sim::SimMarketOptions o;
  o.seed = seed;
  o.history = 24_h;
  if (scenario == Scenario::crash) {
    o.path.crash = kCrash;
    o.path.crash_time_of_day = 12_h + 7_min;
  }
  return o;
}

// Drawn from twice the days, each another market and under no limit: where limits end a bad day early they would leave
// few instants to draw from, and they are the Monte Carlo's to apply.
RuinBothWays ruin_of(Scenario scenario, StressOptions options) {
  const risk::Limits limits = options.core.engine.limits;
  options.core.engine.limits.drawdown_max = options.core.engine.limits.day_loss_max = options.core.engine.cash;
  std::vector<double> returns;
  const std::int64_t days = 2 * options.days;
  options.days = 1;
  for (std::int64_t i = 0; i < days; ++i) {
    ++options.seed;
    const auto day = run_scenario(scenario, options).returns;
    returns.insert(returns.end(), day.begin(), day.end());
  }
  RuinOptions resumed;
  resumed.resumed = true;
  return {probability_of_ruin(returns, options.core.engine.cash, limits, {}),
          probability_of_ruin(returns, options.core.engine.cash, limits, resumed)};
}

}  // namespace

const char* name(Scenario s) {
  static constexpr const char* kNames[kScenarios] = {"as it is", "volatility forecast 30 % too low",
                                                     "shuffled forecasts", "-10 % in a minute, once a day",
                                                     "every contract settles against us"};
  return kNames[static_cast<std::size_t>(s)];
}

CoreConfig eager(CoreConfig config) {
  config.strategy.belief.mean = {0, 0.9, 0.1, 0};
  config.strategy.shrink_by_doubt = false;
  config.strategy.flow_against_max = 1;
  config.strategy.disagreement_max = 100;
  config.engine.needed[static_cast<std::size_t>(event::Stream::kalshi_private)] = false;
  config.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = false;
  return config;
}

bool ScenarioResult::kept() const {
  const bool days_kept = std::all_of(days.begin(), days.end(),
                                     [](const Day& d) { return d.worst_lost <= d.stated && d.lost <= d.stated; });
  return days_kept && drawdown <= drawdown_stated;
}

bool StressReport::kept() const {
  return std::all_of(scenarios.begin(), scenarios.end(), [](const auto& s) { return s.kept(); });
}

ScenarioResult run_scenario(Scenario scenario, const StressOptions& options) {
  ScenarioResult result;
  result.scenario = scenario;
  const CoreConfig config = eager(options.core);
  result.drawdown_stated = config.engine.limits.drawdown_max;
  venue::sim::SimMarket market{market_of(scenario, options.seed)};
  SpoiltForecasts forecasts{scenario, options.seed};
  for (const auto& bar : market.history().bars) forecasts.learn({event::SpotVenue::simulated, 1_min, bar});
  Core core{config};
  venue::sim::SimExchange exchange{venue::sim::neutral()};
  Meter meter{core.engine(), result};
  World world{core.engine(), exchange, forecasts, {&meter}, 20_ms};
  const Time start = market.now(), end = start + Duration{(24_h).ns * options.days};
  while (market.now() < end) {
    auto next = market.next();
    if (auto* settled = std::get_if<event::Settled>(&next.what);
        settled != nullptr && scenario == Scenario::losing_days) {
      const Qty held = core.engine().ledger().net(settled->contract);
      if (held.centis != 0) settled->outcome = held.centis > 0 ? event::Outcome::no : event::Outcome::yes;
    }
    world.happen(next.at, std::move(next.what));
    if (options.progress && next.at.ns % (1_h).ns == 0)
      options.progress(name(scenario),
                       static_cast<double>((next.at - start).ns) / static_cast<double>((end - start).ns));
  }
  world.rest();
  meter.finish(core.engine().now());
  result.net = core.engine().ledger().equity_at_cost() - core.engine().ledger().start();
  return result;
}

StressReport run_stress(const StressOptions& options) {
  StressReport report;
  for (std::size_t i = 0; i < kScenarios; ++i)
    report.scenarios.push_back(run_scenario(static_cast<Scenario>(i), options));
  report.ruin_as_it_is = ruin_of(Scenario::as_it_is, options);
  report.ruin_volatility_low = ruin_of(Scenario::volatility_low, options);
  return report;
}

}  // namespace voltage::app::stress
