#pragma once
// The product's strategy: one density of the settlement value from the forecasts, each contract priced from
// it, compared with its market, and the mispriced ones taken at a quarter of Kelly.
//
//   forecast surface + index nowcast -> fair = P(YES);  fair, microprice, flow -> blend;  blend, fee -> edge;
//   all mispriced contracts of the settlement instant, their depth and what is held -> size
//
// It has no view (NaN) without a surface and a price of bitcoin of the last ten minutes. A strike that is
// the average at the open and not published yet is computed; without prices of that minute it is a coin's
// throw, and no trade.
#include <map>
#include <optional>

#include "forecast/surface.hpp"
#include "pricing/asian.hpp"
#include "pricing/nowcast.hpp"
#include "strategy/belief.hpp"
#include "strategy/drift.hpp"
#include "strategy/flow.hpp"
#include "strategy/joint.hpp"
#include "strategy/maker.hpp"
#include "strategy/strategy.hpp"

namespace voltage::strategy {

struct VolatilityConfig {
  BeliefPrior belief{};
  bool learn_from_settlements{false};  // off where outcomes must not reach a later price (backtests)
  double edge_min{0.01};               // dollars a contract, after the fee
  double disagreement_max{1.0};        // |logit fair − logit microprice| beyond which we doubt ourselves
  double kelly_fraction{0.25};
  // Less of it where the belief itself is in doubt: edge² / (edge² + its variance), Baker & McHale 2013.
  bool shrink_by_doubt{true};
  // No entry against order flow that agrees at 1, 5 and 15 minutes and is stronger than this; 1: never in the way.
  double flow_against_max{0.5};
  MakerConfig maker{};
  int levels_max{5};  // of a book, to take at once
  Duration forecast_age_max{Duration{180'000'000'000}};
  Duration price_age_max{Duration{600'000'000'000}};
  Duration decision_interval{Duration{250'000'000}};
};

class Volatility final : public Strategy {
 public:
  // edge_min must not be negative: both sides of a book would be worth taking.
  explicit Volatility(const VolatilityConfig& config);

  void observe(const event::Event& e, const Context& context) override;
  View view(event::ContractId contract, const Context& context) override;
  bool wants_decision(event::ContractId contract, const Context& context) override;
  std::optional<Intent> decide(event::ContractId contract, const Context& context, event::Decision& decision) override;
  const std::vector<Leg>& companions() const override { return companions_; }
  std::optional<Intent> alone(const Intent& wish) const override { return companions_.empty() ? wish : alone_; }
  std::optional<Intent> quote(event::ContractId contract, const Context& context) override;
  Duration rest_min() const override { return config_.maker.rest_min; }
  std::optional<pricing::Greeks> greeks(event::ContractId contract, const Context& context) override;
  // The law of what settles at `close`, as the prices are computed with; for reports.
  std::optional<pricing::SettlementLaw> law(Time close, Time now) const;
  std::vector<event::DriftAlarm> take_alarms() override { return drift_.take_news(); }
  const Drift& drift() const { return drift_; }
  // The index now, as the prices are computed with; for explanations.
  std::optional<pricing::Nowcast> price_now(Time now) const { return nowcaster_.now(now, variance_rate_); }

 private:
  void learn(const event::ForecastReady& m);
  std::optional<pricing::SettlementView> settlement_view(Time close, Time now) const;
  double fair(const market::Contract& contract, Time now) const;
  double blend(const market::Contract& contract, Time now, double fair, std::optional<double> microprice) const;
  // Everything mispriced that settles with `contract`, as one bet; its own offers come first.
  struct SizedBet {
    InstantBet bet;
    std::vector<event::ContractId> contracts;  // of each group
  };
  SizedBet instant_bet(const market::Listing& listing, double blend, const Context& context) const;
  // What the sized bet wants of one group: the sum of its levels, at the price of the last one taken.
  std::optional<Intent> wish_of(const SizedBet& sized, const std::vector<Qty>& counts, std::size_t group,
                                const Context& context) const;
  void collect_companions(const SizedBet& sized, const std::vector<Qty>& counts, const Context& context);
  // The bet's first contract without the others.
  static SizedBet first_alone(const SizedBet& sized);
  // Orders without an end count as filled: at their cost, whether they pay or not where they settle elsewhere.
  void hold_what_is_on_the_way(InstantBet& bet, Time close, const Context& context) const;
  // What would stop the contract by itself stops it as a companion.
  bool may_accompany(const market::Listing& listing, double fair, double microprice, Side side) const;
  bool against(Side side, const OrderFlow& flow) const;
  // The part of the Kelly fraction that the doubt about the belief leaves, in (0, 1].
  double confidence(const BeliefInput& in, double p, double edge) const;
  BeliefInput belief_input(const market::Contract& contract, Time now, double fair, double microprice) const;
  // True if there are any.
  bool add_offers(const market::Listing& listing, double blend, SizedBet& sized) const;

  VolatilityConfig config_;
  pricing::Nowcaster nowcaster_;
  std::optional<forecast::Surface> surface_;
  bool outside_training_{false};
  double variance_rate_{0};  // per second, of the next minute
  Belief belief_;
  FillMarkouts fill_markouts_;
  Drift drift_;
  std::map<event::ContractId, OrderFlow> flows_;
  std::map<event::ContractId, Time> decided_, sampled_;
  std::vector<Leg> companions_;
  std::optional<Intent> alone_;  // with companions
};

}  // namespace voltage::strategy
