#pragma once
// The product's strategy: one density of the settlement value from the forecasts, each contract priced from
// it, compared with its market, and the mispriced ones taken at a quarter of Kelly.
//
//   forecast surface + index nowcast -> fair = P(YES);  fair and microprice -> blend;  blend, fee -> edge, size
//
// It has no view (NaN) without a surface, a price of bitcoin of the last ten minutes and a known strike.
#include <map>
#include <optional>

#include "forecast/surface.hpp"
#include "pricing/nowcast.hpp"
#include "strategy/strategy.hpp"

namespace voltage::strategy {

struct VolatilityConfig {
  double fair_weight{0.15};      // of logit fair in the blend; the rest is the market's microprice
  double edge_min{0.01};         // dollars a contract, after the fee
  double disagreement_max{1.0};  // |logit fair − logit microprice| beyond which we doubt ourselves
  double kelly_fraction{0.25};
  Duration forecast_age_max{Duration{180'000'000'000}};
  Duration price_age_max{Duration{600'000'000'000}};
  Duration decision_interval{Duration{250'000'000}};
};

class Volatility final : public Strategy {
 public:
  explicit Volatility(const VolatilityConfig& config);

  void observe(const event::Event& e, const Context& context) override;
  View view(event::ContractId contract, const Context& context) override;
  bool wants_decision(event::ContractId contract, const Context& context) override;
  std::optional<Intent> decide(event::ContractId contract, const Context& context, event::Decision& decision) override;

 private:
  void learn(const event::ForecastReady& m);
  double fair(const market::Contract& contract, Time now) const;
  double blend(double fair, std::optional<double> microprice) const;

  VolatilityConfig config_;
  pricing::Nowcaster nowcaster_;
  std::optional<forecast::Surface> surface_;
  double variance_rate_{0};  // per second, of the next minute
  std::map<event::ContractId, Time> decided_;
};

}  // namespace voltage::strategy
