#pragma once
// Forecasts for those who risk money (paper, live). The bundle answers while model::admit lets it trade at that bar;
// when it expires, or has no answer yet, the baseline stands in and says so by its name in ForecastReady. A store is
// followed: a promotion or a rollback takes effect with the next forecast, without a restart.
#include <deque>
#include <memory>
#include <string>

#include "app/run/baseline_edge.hpp"
#include "app/run/bundle_edge.hpp"
#include "app/run/models.hpp"

namespace voltage::app {

class TradingEdge final : public ForecastEdge {
 public:
  static Result<std::unique_ptr<TradingEdge>> open(const std::string& directory, SayModel say);

  void learn(const event::CandleClosed& bar) override;
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override;
  std::string standing() const override { return edge_->standing(); }
  // May the bundle trade then? If not, why() says so.
  bool admit_at(Time now);
  // Why the baseline answers; empty: it does not.
  const std::string& why() const { return why_; }

 private:
  TradingEdge(std::string directory, SayModel say) : directory_{std::move(directory)}, say_{std::move(say)} {}
  Status load(const std::string& at);
  void follow();
  void tell(const std::string& what);

  // Four weeks of minutes: what a bundle that comes in the middle of a run is taught first.
  static constexpr std::size_t kBars = 40'320;

  std::string directory_, loaded_, refused_, told_, why_;
  SayModel say_;
  std::shared_ptr<const forecast::Bundle> bundle_;
  std::unique_ptr<BundleEdge> edge_;
  BaselineEdge baseline_;
  std::deque<event::CandleClosed> bars_;
};

}  // namespace voltage::app
