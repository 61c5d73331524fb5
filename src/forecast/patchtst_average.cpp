#include "forecast/patchtst_average.hpp"

#include <utility>

#include "base/check.hpp"

namespace voltage::forecast {

PatchTstAverage::PatchTstAverage(std::vector<PatchTst> networks) : networks_{std::move(networks)} {
  CHECK(!networks_.empty());
  for (const auto& n : networks_) {
    CHECK(n.shape().window == shape().window && n.shape().series() == shape().series());
    CHECK(n.card().context == networks_.front().card().context);
  }
}

std::optional<PatchTstAverage::Embedding> PatchTstAverage::embed(std::span<const float> window) const {
  Embedding out;
  for (const auto& n : networks_) {
    auto one = n.embed(window);
    if (!one) return std::nullopt;
    out.push_back(std::move(*one));
  }
  return out;
}

PatchTstCurve PatchTstAverage::head(const Embedding& embedding, std::span<const float> context) const {
  CHECK(embedding.size() == networks_.size());
  PatchTstCurve all;
  for (std::size_t i = 0; i < networks_.size(); ++i) {
    for (auto& unit : networks_[i].head(embedding[i], context).units) {
      unit.weight /= static_cast<double>(networks_.size());
      all.units.push_back(unit);
    }
  }
  return all;
}

}  // namespace voltage::forecast
