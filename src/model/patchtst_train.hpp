#pragma once
// Trains a PatchTST with libtorch. libtorch lives in a module of its own (libvoltage_torch.so, beside the
// executable or where VOLTAGE_TORCH_MODULE says), loaded here when it is wanted: a machine without it trains everything
// else.
//
// Deterministic: the same input, options and seed give the same bytes, also after a kill and a resume, as
// long as the time budget does not bind (`TrainedPatchTst::time_bound` says if it did).
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "forecast/patchtst.hpp"

namespace voltage::model {

// Windows with `queries` questions each. A question is a horizon; the trainer asks it at many moves by itself,
// so what it needs is where the outcome fell: ln(|r_h| / scale), with the scale that serving will use.
struct PatchTstExamples {
  std::size_t queries{1};
  std::vector<std::uint32_t> end_bar;  // the window is the rows end_bar − window + 1 … end_bar
  std::size_t shared{0};  // the first so many numbers of a context are the same for all of a window's questions
  std::vector<float> shared_context;  // [window][shared]; NaN = unknown
  std::vector<float> context;         // [window][query][context size − shared]; NaN = unknown
  std::vector<float> outcome;         // [window][query]; −infinity if the price came back; NaN = no outcome
  std::vector<float> weight;          // [window][query], or empty for all one
  std::size_t size() const { return end_bar.size(); }
};

struct PatchTstProgress {
  std::int64_t step{};
  std::int64_t steps{};
  double train_loss{};  // log loss a move, over the steps since the last report
  double valid_loss{};  // NaN if this report has none
  double seconds{};
};

struct PatchTstTraining {
  forecast::PatchTstShape shape;           // context is filled in from context_names
  std::vector<std::string> context_names;  // its size is the context's
  std::uint64_t seed{1};
  std::int64_t steps{6000};
  std::int64_t batch{256};     // windows a step
  double learning_rate{2e-3};  // the peak; warms up over 3 % of the steps, falls to zero as a cosine
  double weight_decay{0.01};
  double blank{0.1};              // how often each channel but price is blanked in training
  double dropout{0};              // share of the head's inputs left out at each step of training
  std::int64_t valid_every{500};  // steps
  std::int64_t patience{8};       // validations without a better one, then it stops; 0 = never
  double max_seconds{0};          // 0 = none; a run that falls behind is shortened, its learning rate with it
  std::string checkpoint;         // file to write at each validation and to resume from; empty = none
  std::function<bool(const PatchTstProgress&)> progress;  // false = stop now (the checkpoint stays)
};

struct PatchTstLossPoint {
  std::int64_t step{};
  double train_loss{};
  double valid_loss{};
};

struct TrainedPatchTst {
  forecast::PatchTst network;
  std::vector<PatchTstLossPoint> curve;
  double best_valid_loss{};
  bool time_bound{};
  bool stopped_early{};
};

// Empty if the trainer can be used; else why not, ready to print.
std::string patchtst_trainer_fault();

// rows: the values of a forecast::PatchTstRows; `end_bar` is a row. Windows without a complete
// price channel are skipped. Statistics are taken from the training windows only.
Result<TrainedPatchTst> train_patchtst(const std::vector<float>& rows, const PatchTstExamples& train,
                                       const PatchTstExamples& valid, const PatchTstTraining& options);

// The whole file or nothing (temporary file and rename); loading says what is wrong with a file.
Status save_patchtst(const forecast::PatchTst& network, const std::string& path);
Result<forecast::PatchTst> load_patchtst(const std::string& path);

// The trainer's own forward pass with these weights: what the kernel is tested against.
Result<std::vector<double>> torch_probabilities(const forecast::PatchTst& network, const std::vector<float>& rows,
                                                const PatchTstExamples& examples, const std::vector<float>& lz);

}  // namespace voltage::model
