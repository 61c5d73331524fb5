#pragma once
// A trained model, whole: what `train` writes and everything that answers stands on. Plain values; files
// are read and written by model/bundle_files. Immutable once loaded.
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/types.hpp"
#include "features/season.hpp"
#include "forecast/curves.hpp"
#include "forecast/patchtst_average.hpp"
#include "forecast/scale.hpp"
#include "forecast/trees.hpp"

namespace voltage::forecast {

enum Member : std::size_t { kEwma, kHar, kLightgbm, kPatchtst };
inline constexpr std::size_t kMembers = 4;
inline constexpr std::array<const char*, kMembers> kMemberNames{"ewma", "har", "lightgbm", "patchtst"};

struct BundleFacts {
  std::string schema_hash;
  std::string data_hash;
  Time trained_from{};  // first and last bar that training saw
  Time trained_to{};
  Time held_out_from{};  // members were fitted before, calibrators and weights after this time
  Time expires{};        // paper and live refuse it from then on
  std::uint64_t seed{};
  bool is_unbalance{};
};

struct Bundle {
  BundleFacts facts;
  features::Season season;
  ScaleModel scale;
  // Logit of P(|r| > x) by ln(x / scale): the empirical law of past moves in units of their scale.
  std::array<CurveTable, 2> law;                               // of kEwma (quick scale) and kHar (its own scale)
  Trees trees;                                                 // corrects the logit of kHar
  std::shared_ptr<const PatchTstAverage> patchtst;             // null: trained without
  std::array<CurveTable, kMembers> calibration;                // raw logit to calibrated logit
  std::array<std::array<double, kMembers>, kNodes> weights{};  // >= 0, each row sums to one
  CurveTable blend_calibration;
};

}  // namespace voltage::forecast
