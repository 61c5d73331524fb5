// The core, event by event, over a simulated hour.
#include <algorithm>
#include <cmath>

#include "app/bench/benchmark.hpp"
#include "app/bench/session.hpp"
#include "app/run/baseline_edge.hpp"
#include "app/run/world.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::bench {
namespace {

using namespace literals;

class Keeper final : public Recorder {
 public:
  explicit Keeper(Session& session) : session_{session} {}
  void record(const event::Event& e) override { session_.events.push_back(e); }
  void record(const event::Event&, const event::Effect& fx) override {
    if (std::holds_alternative<event::PlaceOrder>(fx)) session_.order = fx;
  }

 private:
  Session& session_;
};

Session make_session() {
  Session s;
  s.config.engine.needed[static_cast<std::size_t>(event::Stream::kalshi_private)] = false;
  s.config.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = false;
  s.config.strategy.belief.mean = {0, 0.6, 0.4, 0};
  venue::sim::SimMarketOptions options;
  options.history = 240_min;
  options.volatility_error = 0.7;  // makers who are wrong, so that there is something to decide and to trade
  venue::sim::SimMarket market{options};
  Core core{s.config};
  venue::sim::SimExchange exchange{venue::sim::neutral()};
  BaselineEdge forecasts;
  Keeper keeper{s};
  World world{core.engine(), exchange, forecasts, {&keeper}, 20_ms};
  const auto& history = market.history();
  for (const auto& bar : history.bars) world.preload({event::SpotVenue::simulated, history.interval, bar});
  const Time start = market.now();
  world.happen(start, event::CandleClosed{event::SpotVenue::simulated, history.interval, history.bars.back()});
  for (auto next = market.next(); next.at - start < 60_min; next = market.next())
    world.happen(next.at, std::move(next.what));
  return s;
}

// Times the events whose effects `counts` says to count.
template <class Counts>
Result<Figures> run_core(const Input& input, Counts counts) {
  const Session& s = session();
  Samples samples{s.events.size()};
  for (int again = input.quick ? 1 : 5; again > 0; --again) {
    Core core{s.config};
    for (const auto& e : s.events) {
      const auto begin = Samples::Clock::now();
      const auto effects = core.engine().on(e);
      const auto took = Samples::Clock::now() - begin;
      if (counts(effects)) samples.add(took);
    }
  }
  if (samples.empty()) return fail("the simulated hour had none");
  return samples.figures();
}

}  // namespace

const Session& session() {
  static const Session made = make_session();
  return made;
}

Result<Figures> core_event(const Input& input) {
  return run_core(input, [](auto) { return true; });
}

Result<Figures> core_decision(const Input& input) {
  return run_core(input, [](std::span<const event::Effect> effects) {
    return std::any_of(effects.begin(), effects.end(), [](const event::Effect& fx) {
      const auto* d = std::get_if<event::Decision>(&fx);
      return d != nullptr && std::isfinite(d->fair);
    });
  });
}

Result<Figures> core_order(const Input& input) {
  return run_core(input, [](std::span<const event::Effect> effects) {
    return std::any_of(effects.begin(), effects.end(),
                       [](const event::Effect& fx) { return std::holds_alternative<event::PlaceOrder>(fx); });
  });
}

}  // namespace voltage::app::bench
