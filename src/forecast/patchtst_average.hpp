#pragma once
// Networks that differ in their seed alone, asked together: the mean of their probabilities. In a market that training
// has not seen, two such networks differ by more than a network is worth (decisions/029); their mean does not. A mean
// of mixtures is a mixture, so what is asked of the curve stays the same and still cannot rise with the move.
#include <optional>
#include <span>
#include <vector>

#include "forecast/patchtst.hpp"

namespace voltage::forecast {

class PatchTstAverage {
 public:
  using Embedding = std::vector<PatchTstEmbedding>;  // one a network

  // At least one; all of one shape and with the same inputs.
  explicit PatchTstAverage(std::vector<PatchTst> networks);

  const std::vector<PatchTst>& networks() const { return networks_; }
  const PatchTstShape& shape() const { return networks_.front().shape(); }

  // As PatchTst::embed and PatchTst::head.
  std::optional<Embedding> embed(std::span<const float> window) const;
  PatchTstCurve head(const Embedding& embedding, std::span<const float> context) const;

 private:
  std::vector<PatchTst> networks_;
};

}  // namespace voltage::forecast
