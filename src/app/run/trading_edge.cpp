#include "app/run/trading_edge.hpp"

#include <fmt/format.h>

#include "base/time.hpp"
#include "model/admission.hpp"
#include "model/bundle_files.hpp"

namespace voltage::app {

Result<std::unique_ptr<TradingEdge>> TradingEdge::open(const std::string& directory, SayModel say) {
  std::unique_ptr<TradingEdge> edge{new TradingEdge{directory, std::move(say)}};
  if (const auto loaded = edge->load(model::bundle_directory(directory)); !loaded)
    return tl::unexpected(loaded.error());
  return edge;
}

Status TradingEdge::load(const std::string& at) {
  auto bundle = model::load_bundle(at);
  if (!bundle) return tl::unexpected(bundle.error());
  auto hash = model::bundle_hash(at);
  if (!hash) return tl::unexpected(hash.error());
  bundle_ = std::make_shared<const forecast::Bundle>(std::move(*bundle));
  edge_ = std::make_unique<BundleEdge>(bundle_, *hash, Weights::relearnt);
  for (const auto& bar : bars_) edge_->learn(bar);
  loaded_ = at;
  refused_.clear();
  tell(fmt::format("forecasts from bundle {}, trained to {}, may trade until {}", *hash,
                   format_iso(bundle_->facts.trained_to), format_iso(bundle_->facts.expires)));
  return {};
}

void TradingEdge::follow() {
  const auto at = model::bundle_directory(directory_);
  if (at == loaded_ || at == refused_) return;
  const auto loaded = load(at);
  if (loaded) return;
  refused_ = at;
  tell("the new bundle is refused, the one before goes on: " + loaded.error().message);
}

void TradingEdge::tell(const std::string& what) {
  if (what != told_ && say_) say_(what);
  told_ = what;
}

void TradingEdge::learn(const event::CandleClosed& bar) {
  bars_.push_back(bar);
  if (bars_.size() > kBars) bars_.pop_front();
  edge_->learn(bar);
  baseline_.learn(bar);
}

bool TradingEdge::admit_at(Time now) {
  const auto admitted = model::admit(*bundle_, now, model::Use::trading);
  why_ = admitted ? std::string{} : admitted.error().message;
  if (!admitted) tell("the bundle is refused, the baseline stands in: " + why_);
  return admitted.has_value();
}

Result<event::ForecastReady> TradingEdge::forecast(const event::RequestForecast& request) {
  follow();
  if (!admit_at(request.bar_close)) return baseline_.forecast(request);
  auto answer = edge_->forecast(request);
  if (answer) {
    tell("the bundle answers");
    return answer;
  }
  why_ = answer.error().message;
  // What training never saw is nothing to guess at: the core hears it and takes no risk.
  if (why_.starts_with(event::kOutsideTraining)) return answer;
  tell("the bundle has no answer, the baseline stands in: " + why_);
  return baseline_.forecast(request);
}

}  // namespace voltage::app
