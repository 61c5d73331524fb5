#include "model/held_out_metrics.hpp"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "forecast/forecaster.hpp"
#include "forecast/scores.hpp"

namespace voltage::model {

std::string held_out_metrics(const std::vector<HeldOut>& answers, const forecast::Bundle& bundle) {
  using forecast::kMembers;
  const forecast::Forecaster ask{bundle};
  struct Column {
    std::vector<double> p;
    std::vector<std::uint8_t> y;
  };
  std::array<std::array<Column, kMembers + 1>, forecast::kNodes> columns;
  for (const auto& a : answers) {
    const auto place = forecast::node_place(forecast::kNodeMinutes[a.node]);
    const auto logits = ask.calibrated(place, a.raw);
    const auto note = [&](std::size_t c, double logit) {
      if (std::isnan(logit)) return;
      columns[a.node][c].p.push_back(forecast::logistic(logit));
      columns[a.node][c].y.push_back(a.moved ? 1 : 0);
    };
    for (std::size_t m = 0; m < kMembers; ++m) note(m, logits[m]);
    note(kMembers, ask.blend(place, logits));
  }
  nlohmann::json out = nlohmann::json::object();
  for (std::size_t node = 0; node < forecast::kNodes; ++node) {
    for (std::size_t c = 0; c <= kMembers; ++c) {
      const auto& column = columns[node][c];
      if (column.p.empty()) continue;
      const auto s = forecast::score_binary(column.p, column.y);
      out["held_out"][fmt::format("{}m", forecast::kNodeMinutes[node])]
         [c < kMembers ? forecast::kMemberNames[c] : "ensemble"] = {
             {"n", s.n}, {"log_loss", s.log_loss}, {"skill", s.skill}, {"calibration_error", s.calibration_error}};
    }
  }
  return out.dump(1);
}

}  // namespace voltage::model
