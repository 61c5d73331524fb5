#include <nlohmann/json.hpp>

#include "model/train.hpp"

namespace voltage::model {

std::string metrics_json(const TrainReport& report) {
  nlohmann::json network = nlohmann::json::array(), trees = nlohmann::json::array();
  for (const auto& p : report.patchtst_curve) {
    network.push_back({{"step", p.step}, {"train_log_loss", p.train_loss}, {"valid_log_loss", p.valid_loss}});
  }
  for (const auto& p : report.lightgbm_curve) {
    trees.push_back({{"round", p.round}, {"train_log_loss", p.train_loss}, {"valid_log_loss", p.valid_loss}});
  }
  auto metrics = nlohmann::json::parse(report.metrics);
  metrics["lightgbm"]["loss_curve"] = trees;
  metrics["patchtst"]["loss_curve"] = network;
  return metrics.dump(1);
}

}  // namespace voltage::model
