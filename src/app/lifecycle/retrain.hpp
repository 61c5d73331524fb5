#pragma once
// One round of scheduled retraining: train a challenger on all but the sealed last days, put it into the store, let it
// challenge the champion, promote it or write down why not.
#include <string>
#include <vector>

#include "app/lifecycle/challenge.hpp"
#include "model/bundle_store.hpp"
#include "model/train.hpp"

namespace voltage::app::lifecycle {

// Leaves the first `sealed` from the end of the candles for the judgement.
struct RetrainOptions {
  std::string store;
  model::TrainOptions train;
  ChallengeRules rules;
};

struct Round {
  std::string hash;  // of the challenger
  Verdict verdict;
  model::TrainSeconds seconds;
};

// now: for the history of the store alone.
Result<Round> retrain(const RetrainOptions& options, const io::Candles& candles, Time now,
                      const model::Progress& progress);

// Judges the bundle of the store and promotes or refuses it.
Result<Verdict> put_forward(model::BundleStore& store, const std::string& hash, const io::Candles& candles,
                            const ChallengeRules& rules, Time now);

}  // namespace voltage::app::lifecycle
