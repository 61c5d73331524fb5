#pragma once
// One simulated hour as it goes: the world, the faults, the core's life (or lives: it may be killed and started
// again) and the auditor beside it. The public face is simulation.hpp.
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/guard/watch.hpp"
#include "app/run/baseline_edge.hpp"
#include "app/run/core.hpp"
#include "app/sim/auditor.hpp"
#include "app/sim/feed.hpp"
#include "app/sim/order_path.hpp"
#include "app/sim/simulation.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::sim {

using namespace literals;

inline constexpr Duration kHistory = 2_h;
inline constexpr Duration kDrain = 10_min;    // after the hour: what is under way comes home
inline constexpr Duration kWatchdog = 3_s;    // a stream silent for longer is stale
inline constexpr Duration kForecast = 50_ms;  // request to answer
inline constexpr Duration kStarting = 1_s;    // of the process, at least
inline constexpr int kStrikes = 3;            // contracts of each instant
inline constexpr Time kNever{std::numeric_limits<std::int64_t>::max()};

inline constexpr std::array<event::Stream, 3> kPlain{event::Stream::index, event::Stream::spot, event::Stream::candles};

// Trades as often as it can, to give the faults something to break. Most seeds quote as well as take; some quotes
// live long enough to be renewed.
CoreConfig eager_config(std::uint64_t seed);

class Hour {
 public:
  Hour(std::uint64_t seed, const SimOptions& options, std::vector<Fault> faults, Rng rng)
      : options_{options},
        faults_{std::move(faults)},
        rng_{rng.next()},
        market_{market_options(seed, rng)},
        config_{eager_config(seed)},
        core_{std::make_unique<Core>(core_config_of(options, config_))},
        auditor_{config_.engine, config_.strategy.forecast_age_max},
        feed_{options.canaries.gaps_ignored},
        orders_{options.canaries, config_.engine.limits, rng.next(), market_.now()},
        guarded_{rng.below(2) == 0},
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
    o.strikes = kStrikes;
    return o;
  }
  static CoreConfig core_config_of(const SimOptions& options, CoreConfig config) {
    const auto& bug = options.canaries;
    auto& limits = config.engine.limits;
    if (bug.caps_ignored) limits.contract_loss_max = limits.instant_loss_max = Money{400 * kDollar.micros};
    if (bug.caps_ignored || bug.path_ignored) limits.path_loss_max = Money{800 * kDollar.micros};
    if (bug.delta_ignored) limits.delta_1pct_max = 1e9;
    if (bug.vega_ignored) limits.vega_point_max = 1e9;
    if (bug.forecast_age_ignored) config.strategy.forecast_age_max = 1_h;
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
  void trade_by_hand(const Fault& f);
  void guard(Time now);
  void audit_resting(Time now) {
    auditor_.check_resting(now, orders_.venue(), {down_since_, guarded_, orders_.undisturbed_since()});
  }
  void forecast(Time at, const event::RequestForecast& request);
  void step_to_next();
  // hour_restart.cpp
  bool wrote();
  void crash(Time at, Time until, const event::Payload* unread = nullptr);
  void restart(Time at);
  void keep_for_replay(const event::Event& e, std::span<const event::Effect> effects);
  void check_replay();

  SimOptions options_;
  std::vector<Fault> faults_;
  Rng rng_;
  venue::sim::SimMarket market_;
  CoreConfig config_;
  std::unique_ptr<Core> core_;
  Auditor auditor_;
  Feed feed_;
  OrderPath orders_;
  bool guarded_;
  guard::Watch guard_{{.stalls_an_hour = 0}};
  BaselineEdge forecasts_;
  Time start_, end_;
  std::optional<venue::sim::Happening> next_;
  std::map<std::pair<Time, std::uint64_t>, event::Payload> queue_;  // to the core, by time
  std::vector<std::pair<Time, event::Payload>> venue_later_;        // true changes of the book to come, by time
  std::uint64_t entries_{0}, seq_{0}, truth_seq_{0};
  std::size_t fault_{0};
  Time next_second_{};
  Time clock_off_until_{};
  Duration clock_off_{};
  Time forecast_late_until_{}, forecast_fails_until_{}, forecast_told_{};  // told: the bar it stands on
  std::optional<Fault> amend_;
  std::array<Time, event::kStreams> silent_until_{}, last_said_{};
  std::array<event::Health, event::kStreams> told_health_{};
  // One run of the process: from its start to a crash or to the end, for the replay check.
  struct Life {
    CoreConfig config;
    std::vector<event::Event> events;
    std::vector<std::string> effects;  // as bytes
  };
  std::vector<Life> lives_;
  std::vector<event::ContractSeen> seen_;            // every contract that the venue listed, by id
  std::vector<event::FillSeen> at_venue_;            // every fill that the venue made, in order
  std::map<std::uint32_t, event::Settled> settled_;  // by contract: what the venue decided
  std::vector<event::ContractId> windows_;           // open now
  Time window_close_{};
  std::optional<Time> down_until_, down_since_;       // the process is dead then
  std::optional<event::CandleClosed> forecasts_bar_;  // the last one: what a started process asks a forecast at
  std::uint64_t writes_{0};
  std::string halted_why_;  // of the life before
  SimResult result_;
};

}  // namespace voltage::app::sim
