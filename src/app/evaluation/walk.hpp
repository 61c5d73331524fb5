#pragma once
// Walk-forward and ablations: what a bundle's parts are worth out of sample.
#include <string>
#include <vector>

#include "app/evaluation/evaluate.hpp"
#include "model/train.hpp"

namespace voltage::app {

// The span cut into equal folds; for each, a model trained on what lies before it, less a day's embargo, answers it.
// Purging is the training's own: no outcome reaches over the end of what it was given. `train_days`: 0 for all before.
struct WalkOptions {
  int folds{3};
  std::int64_t train_days{0};
  model::TrainOptions train;
};
struct FoldCurve {
  Time from{};  // of the fold
  std::vector<model::PatchTstLossPoint> patchtst;
  std::vector<model::TreeLossPoint> lightgbm;
};
struct Walk {
  Answers answers;
  std::vector<FoldCurve> curves;
};
using WalkShown = std::function<void(const std::string& step, double done)>;
Result<Walk> walk_forward(const io::Candles& candles, const EvaluateSpan& span, const WalkOptions& options,
                          const WalkShown& shown);

// One thing left out, everything else as it is.
struct Variant {
  std::string name;
  Answers answers;
  std::size_t column{kEnsemble};  // of which it is told
};
// From one bundle, without training: inputs taken away as they go missing when served, members without weight,
// calibration skipped. The first is the whole.
std::vector<Variant> ablate(const forecast::Bundle& bundle, const io::Candles& candles, const EvaluateSpan& span,
                            const WalkShown& shown);
// By training again in each fold: is_unbalance off, the trees without each group of features, and PatchTST's windows
// normalised each by itself.
Result<std::vector<Variant>> ablate_training(const io::Candles& candles, const EvaluateSpan& span,
                                             const WalkOptions& options, const WalkShown& shown);

// The ensemble of each variant (or the member that it is about) against that of the first: log loss, its change in
// percent, and the t of daily sums.
std::string ablation_text(const std::vector<Variant>& variants);
std::string ablation_html(const std::vector<Variant>& variants);
std::string ablation_json(const std::vector<Variant>& variants);
std::string curves_html(const std::vector<FoldCurve>& curves);

}  // namespace voltage::app
