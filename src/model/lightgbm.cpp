#include "model/lightgbm.hpp"

#include <array>
#include <memory>
#include <utility>

#include <LightGBM/c_api.h>
#include <fmt/format.h>

namespace voltage::model {
namespace {

struct FreeDataset {
  void operator()(void* d) const { LGBM_DatasetFree(d); }
};
struct FreeBooster {
  void operator()(void* b) const { LGBM_BoosterFree(b); }
};
using Dataset = std::unique_ptr<void, FreeDataset>;
using Booster = std::unique_ptr<void, FreeBooster>;

void say_nothing(const char*) {}

Status check(int code, const char* step) {
  if (code == 0) return {};
  return fail(fmt::format("LightGBM could not {}: {}", step, LGBM_GetLastError()));
}

}  // namespace

std::string lightgbm_parameters(const TreeRows& rows, const TreeOptions& o) {
  std::string falling;
  for (std::size_t i = 0; i < rows.names.size(); ++i) falling += i == rows.falling ? ",-1" : ",0";
  return fmt::format(
      "objective=binary is_unbalance={} num_leaves={} learning_rate={} min_data_in_leaf={} lambda_l2={} "
      "feature_fraction={} bagging_fraction={} bagging_freq=1 max_bin={} num_threads={} seed={} deterministic=true "
      "force_row_wise=true monotone_constraints={} monotone_constraints_method=basic verbosity=-1",
      o.is_unbalance, o.leaves, o.learning_rate, o.leaf_rows_min, o.l2, o.column_share, o.row_share, o.bins, o.threads,
      o.seed, falling.substr(1));
}

namespace {

Result<Dataset> make_dataset(const TreeRows& rows, const std::string& text, DatasetHandle binned_as = nullptr) {
  DatasetHandle handle = nullptr;
  const auto n = static_cast<std::int32_t>(rows.labels.size());
  const auto columns = static_cast<std::int32_t>(rows.names.size());
  auto status = check(LGBM_DatasetCreateFromMat(rows.values.data(), C_API_DTYPE_FLOAT32, n, columns, 1, text.c_str(),
                                                binned_as, &handle),
                      "bin the rows");
  if (!status) return fail(status.error().message);
  Dataset dataset{handle};
  std::vector<const char*> names;
  for (const auto& name : rows.names) names.push_back(name.c_str());
  status = check(LGBM_DatasetSetFeatureNames(handle, names.data(), columns), "name the features");
  if (!status) return fail(status.error().message);
  status = check(LGBM_DatasetSetField(handle, "label", rows.labels.data(), n, C_API_DTYPE_FLOAT32), "take the labels");
  if (!status) return fail(status.error().message);
  status = check(LGBM_DatasetSetField(handle, "init_score", rows.start.data(), n, C_API_DTYPE_FLOAT64),
                 "take the start scores");
  if (!status) return fail(status.error().message);
  if (rows.weights.empty()) return dataset;
  status =
      check(LGBM_DatasetSetField(handle, "weight", rows.weights.data(), n, C_API_DTYPE_FLOAT32), "take the weights");
  if (!status) return fail(status.error().message);
  return dataset;
}

Status note_losses(BoosterHandle booster, int round, TreeWatch& watch) {
  std::array<double, 2> loss{};  // of the training rows and of the others
  for (int data = 0; data < 2; ++data) {
    int n = 0;
    if (auto s = check(LGBM_BoosterGetEval(booster, data, &n, &loss[static_cast<std::size_t>(data)]), "score"); !s) {
      return s;
    }
  }
  watch.curve.push_back({round, loss[0], loss[1]});
  return {};
}

}  // namespace

Result<std::string> train_trees(const TreeRows& rows, const TreeOptions& options,
                                const std::function<bool(int)>& progress, TreeWatch* watch) {
  LGBM_RegisterLogCallback(say_nothing);
  const std::string text = lightgbm_parameters(rows, options);
  auto dataset = make_dataset(rows, text);
  if (!dataset) return fail(dataset.error().message);
  BoosterHandle handle = nullptr;
  if (auto s = check(LGBM_BoosterCreate(dataset->get(), text.c_str(), &handle), "start"); !s) {
    return fail(s.error().message);
  }
  const Booster booster{handle};
  Dataset valid;
  if (watch != nullptr && watch->valid != nullptr) {
    auto others = make_dataset(*watch->valid, text, dataset->get());
    if (!others) return fail(others.error().message);
    valid = std::move(*others);
    if (auto s = check(LGBM_BoosterAddValidData(handle, valid.get()), "take the held-out rows"); !s) {
      return fail(s.error().message);
    }
  }
  for (int round = 0; round < options.rounds; ++round) {
    int finished = 0;
    if (auto s = check(LGBM_BoosterUpdateOneIter(handle, &finished), "grow a tree"); !s) return fail(s.error().message);
    if (valid && ((round + 1) % watch->every == 0 || finished != 0)) {
      if (auto s = note_losses(handle, round + 1, *watch); !s) return fail(s.error().message);
    }
    if (progress && !progress(round + 1)) return fail("stopped while the trees were growing");
    if (finished != 0) break;
  }
  std::int64_t size = 0;
  std::string model(1 << 22, '\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto room = static_cast<std::int64_t>(model.size());
    auto s =
        check(LGBM_BoosterSaveModelToString(handle, 0, -1, C_API_FEATURE_IMPORTANCE_GAIN, room, &size, model.data()),
              "write the model");
    if (!s) return fail(s.error().message);
    const bool fits = size <= room;
    model.resize(static_cast<std::size_t>(size));
    if (fits) break;
  }
  while (!model.empty() && model.back() == '\0') model.pop_back();
  return model;
}

Result<std::vector<double>> lightgbm_raw(const std::string& model, std::span<const float> values, std::size_t columns) {
  LGBM_RegisterLogCallback(say_nothing);
  BoosterHandle handle = nullptr;
  int rounds = 0;
  if (auto s = check(LGBM_BoosterLoadModelFromString(model.c_str(), &rounds, &handle), "read the model"); !s) {
    return fail(s.error().message);
  }
  const Booster booster{handle};
  const std::size_t n = values.size() / columns;
  std::vector<double> out(n);
  std::int64_t written = 0;
  auto s = check(LGBM_BoosterPredictForMat(handle, values.data(), C_API_DTYPE_FLOAT32, static_cast<std::int32_t>(n),
                                           static_cast<std::int32_t>(columns), 1, C_API_PREDICT_RAW_SCORE, 0, -1,
                                           "num_threads=1", &written, out.data()),
                 "predict");
  if (!s) return fail(s.error().message);
  return out;
}

}  // namespace voltage::model
