#include "forecast/members.hpp"

#include <cmath>

namespace voltage::forecast {
namespace {

// In units of the volatility that the regression expects: inside, at the shoulder, in the tail.
constexpr std::array<double, 3> kMoves{0.5, 1.0, 2.0};

}  // namespace

std::vector<event::MemberForecast> member_forecasts(const Bundle& bundle, const Forecaster& forecaster,
                                                    const Moment& moment) {
  std::vector<event::MemberForecast> out;
  for (const char* name : kMemberNames) out.push_back({name, {}});
  for (std::size_t k = 0; k < kNodes; ++k) {
    const Ahead ahead = forecaster.ahead(moment, kNodeMinutes[k]);
    const Duration horizon{static_cast<std::int64_t>(kNodeMinutes[k]) * features::kMinuteNs};
    for (std::size_t m = 0; m < kMembers; ++m) out[m].nodes.push_back({horizon, bundle.weights[k][m], {}});
    for (std::size_t i = 0; i < kMoves.size(); ++i) {
      const double move = kMoves[i] * std::exp(ahead.scale.har);
      const Answer answer = forecaster.answer(ahead, move);
      for (std::size_t m = 0; m < kMembers; ++m) out[m].nodes[k].beyond[i] = {move, answer.member[m]};
    }
  }
  return out;
}

}  // namespace voltage::forecast
