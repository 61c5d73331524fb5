#include "app/demo/demo_model.hpp"

#include <filesystem>

#include "base/hash.hpp"
#include "model/bundle_files.hpp"
#include "model/train.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::demo {

using namespace literals;

Status train_model(const std::string& directory, const std::function<void(const std::string&, double)>& progress) {
  constexpr std::uint64_t kTrainingSeed = 0x7EAC4;
  progress("simulating a history", 0);
  venue::sim::SimMarketOptions options;
  options.seed = kTrainingSeed;
  options.history = 24_h * 150;
  const venue::sim::SimMarket market{options};
  io::Candles candles;
  candles.fine = market.history();
  candles.hash = sha256_hex("simulated history " + std::to_string(kTrainingSeed));
  model::TrainOptions train;
  train.held_out = 24_h * 45;
  train.trees.rounds = 60;
  const auto bundle = model::train(candles, train, progress);
  if (!bundle) return tl::unexpected(bundle.error());
  std::error_code ec;
  std::filesystem::create_directories(std::filesystem::path{directory}.parent_path(), ec);
  return model::save_bundle(*bundle, directory, "");
}

}  // namespace voltage::app::demo
