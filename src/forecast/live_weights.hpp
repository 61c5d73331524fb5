#pragma once
// The weights of the blend relearnt while trading: from the last settled forecasts, apart for each volatility regime,
// held near the bundle's own until evidence moves them. A member's weight at every node is the bundle's times a factor
// exp(g), the same for all nodes; g minimises the log loss of the regime's settled forecasts plus a quadratic pull to
// 0. A forecast counts by how little it overlaps its neighbours. Deterministic; no clock.
#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/types.hpp"
#include "event/event.hpp"
#include "forecast/bundle.hpp"

namespace voltage::forecast {

enum class Regime : std::uint8_t { calm, middle, wild };
inline constexpr std::size_t kRegimes = 3;

// Of the last half hour's volatility over the last day's: halved or doubled variance is another regime.
Regime regime_of(double log_vol_half_hour, double log_vol_day);

using NodeWeights = std::array<std::array<double, kMembers>, kNodes>;

class LiveWeights {
 public:
  explicit LiveWeights(const NodeWeights& bundle) : bundle_{bundle} {}

  // A forecast was made at the close `log_close` of the bar that ended at `at`.
  void on_forecast(Time at, double log_close, Regime regime, const std::vector<event::MemberForecast>& members);
  // A bar ended: what it settles is learnt from.
  void on_bar(Time end, double log_close);

  NodeWeights weights(Regime regime) const;
  std::size_t settled() const { return settled_; }  // forecasts whose 15 minutes are over

 private:
  static constexpr std::array<std::size_t, 3> kHorizons{2, 4, 6};  // nodes: 5, 15, 60 minutes
  static constexpr std::size_t kWindow = 4'500;                    // rows of a regime: about 500 forecasts
  struct Row {
    std::array<double, kMembers> logit{};  // NaN: no answer
    double weight{};
    std::size_t node{};
    bool moved{};
  };
  struct Open {
    Time due{};
    double log_close{};
    Regime regime{};
    std::array<std::array<double, kMembers>, 3> logit{};
    std::array<double, 3> move{};
  };

  std::array<double, kMembers> node_weights(std::size_t node, const std::array<double, kMembers>& g) const;
  void fit(Regime regime);

  NodeWeights bundle_;
  std::array<std::deque<Open>, kHorizons.size()> open_;
  std::array<std::deque<Row>, kRegimes> rows_;
  std::array<std::array<double, kMembers>, kRegimes> g_{};
  std::size_t settled_{0};
};

}  // namespace voltage::forecast
