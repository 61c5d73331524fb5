#pragma once
// The models on a thread of their own, with a deadline. Whoever asks gets an answer or a refusal in time: a model
// that hangs or throws costs one forecast, and a fresh one, taught the bars of the run again, takes its place. The
// thread that hangs is left to itself; it holds nothing that anybody else needs.
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "app/run/models.hpp"
#include "app/watch/heartbeats.hpp"

namespace voltage::app::watch {

class ForecastWorker final : public ForecastEdge {
 public:
  // Fails if no model can be made. `beat` outlives the worker; `say` gets a line for each replacement.
  static Result<std::unique_ptr<ForecastWorker>> start(MakeForecasts make, Duration deadline, Heartbeat& beat,
                                                       std::function<void(const std::string&)> say);
  ~ForecastWorker() override;

  void learn(const event::CandleClosed& bar) override;
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override;
  // As of the last task that the thread has done.
  std::string standing() const override;

  struct Thread;

 private:
  ForecastWorker(MakeForecasts make, Duration deadline, Heartbeat& beat, std::function<void(const std::string&)> say);
  Status begin();
  void replace(const std::string& why);

  static constexpr std::size_t kBars = 40'320;  // four weeks of minutes

  MakeForecasts make_;
  Duration deadline_;
  Heartbeat& beat_;
  std::function<void(const std::string&)> say_;
  std::deque<event::CandleClosed> bars_;
  std::shared_ptr<Thread> thread_;
};

}  // namespace voltage::app::watch
