// Each cause of a difference between live and backtest, provoked alone: it stands in its own column and in no other,
// and the columns add up to the micro-dollar.
#include "app/nightly/attribution.hpp"

#include <functional>
#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "app/journal/bars_before.hpp"
#include "app/journal/run_folder.hpp"
#include "app/run/baseline_edge.hpp"
#include "app/run/world.hpp"
#include "support/temp_folder.hpp"
#include "venue/sim/sim_market.hpp"

namespace voltage::app::nightly {
namespace {

using namespace literals;

const MakeForecasts kBaseline = []() -> Result<std::unique_ptr<ForecastEdge>> {
  return std::make_unique<BaselineEdge>();
};

// What was otherwise in the run than a backtest assumes.
struct Really {
  venue::sim::FillModel fills{venue::sim::neutral()};
  Money more_fee{};                     // of each fill
  double wider{1};                      // the model's spread, in its second hour
  std::optional<event::Stream> down{};  // in the second hour
};

class OtherForecasts final : public ForecastEdge {
 public:
  OtherForecasts(double wider, Time from) : wider_{wider}, from_{from} {}
  void learn(const event::CandleClosed& bar) override { baseline_.learn(bar); }
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override {
    auto answer = baseline_.forecast(request);
    if (!answer || request.bar_close < from_ || request.bar_close >= from_ + 1_h) return answer;
    for (auto& node : answer->nodes) {
      for (auto& component : node.components) component[2] *= wider_;
    }
    return answer;
  }

 private:
  BaselineEdge baseline_;
  double wider_;
  Time from_;
};

class DearOrders final : public OrderEdge {
 public:
  DearOrders(venue::sim::SimExchange& exchange, Money more) : orders_{exchange}, more_{more} {}
  void submit(const event::OrderTerms& terms, Time now) override { orders_.submit(terms, now); }
  void cancel(event::OrderId order, Time now) override { orders_.cancel(order, now); }
  void amend(const event::AmendTerms& terms, Time now) override { orders_.amend(terms, now); }
  void observe(const event::Event& e) override { orders_.observe(e); }
  std::optional<Time> next_due() const override { return orders_.next_due(); }
  std::optional<event::Payload> step() override {
    auto answer = orders_.step();
    if (answer) {
      if (auto* fill = std::get_if<event::FillSeen>(&*answer)) fill->fee += more_;
    }
    return answer;
  }

 private:
  SimOrders orders_;
  Money more_;
};

// Three hours against makers who are wrong, journaled.
std::string trade(const voltage::testing::TempFolder& temp, const Really& really) {
  venue::sim::SimMarketOptions options;
  options.seed = 11;
  options.history = 24_h;
  options.volatility_error = 2;
  venue::sim::SimMarket market{options};
  const Time start = market.now(), hour = start + 1_h;
  CoreConfig config;
  config.engine.needed[static_cast<std::size_t>(event::Stream::kalshi_private)] = false;
  config.strategy.belief.mean = {0, 0.6, 0.4, 0};
  const std::string folder = temp.path("run");
  auto journal = journal::start_run({folder, "paper", 0, start, {}}, config, {});
  EXPECT_TRUE(journal);
  Core core{config};
  venue::sim::SimExchange exchange{really.fills};
  DearOrders orders{exchange, really.more_fee};
  OtherForecasts forecasts{really.wider, hour};
  World world{core.engine(), orders, forecasts, {}, 20_ms, journal->get()};
  const auto& history = market.history();
  std::vector<event::CandleClosed> before;
  for (const auto& bar : history.bars) before.push_back({event::SpotVenue::simulated, history.interval, bar});
  for (const auto& bar : before) world.preload(bar);
  EXPECT_TRUE(journal::write_bars_before(folder, before));
  bool went = false, came = false;
  for (auto next = market.next(); next.at < start + 3_h; next = market.next()) {
    if (really.down && !went && next.at >= hour)
      world.happen(next.at, event::StreamHealth{*really.down, event::Health::down, "cut"}), went = true;
    if (really.down && !came && next.at >= hour + 40_min)
      world.happen(next.at, event::StreamHealth{*really.down, event::Health::healthy, ""}), came = true;
    world.happen(next.at, std::move(next.what));
  }
  EXPECT_TRUE((*journal)->close());
  return folder;
}

Attribution of(const std::string& folder) {
  const auto run = read(folder);
  EXPECT_TRUE(run) << run.error().message;
  EXPECT_FALSE(run->difference);
  EXPECT_GT(run->fills, 10) << "a run without fills proves little";
  const auto parts = attribute(*run, kBaseline);
  EXPECT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->backtest + parts->explained(), parts->live);
  std::printf("%s", text({{*run, *parts}}).c_str());
  return *parts;
}

// The one column that must hold something.
void only(const Attribution& a, Money Attribution::* column) {
  for (const auto part :
       {&Attribution::data, &Attribution::model, &Attribution::latency, &Attribution::queue, &Attribution::fee}) {
    if (part == column)
      EXPECT_NE((a.*part).micros, 0);
    else
      EXPECT_EQ((a.*part).micros, 0);
  }
}

TEST(Nightly, a_run_that_was_as_assumed_differs_by_nothing) {
  const voltage::testing::TempFolder temp;
  only(of(trade(temp, {})), nullptr);
}

TEST(Nightly, a_stream_that_was_down_is_data) {
  const voltage::testing::TempFolder temp;
  Really really;
  really.down = event::Stream::index;
  only(of(trade(temp, really)), &Attribution::data);
}

TEST(Nightly, a_forecast_that_was_another_is_model) {
  const voltage::testing::TempFolder temp;
  Really really;
  really.wider = 1.5;
  only(of(trade(temp, really)), &Attribution::model);
}

TEST(Nightly, orders_that_took_longer_are_latency) {
  const voltage::testing::TempFolder temp;
  Really really;
  really.fills.order_latency = 4_s;
  only(of(trade(temp, really)), &Attribution::latency);
}

TEST(Nightly, fills_that_the_venue_did_not_give_are_queue) {
  const voltage::testing::TempFolder temp;
  Really really;
  really.fills.shown_percent = 20;
  only(of(trade(temp, really)), &Attribution::queue);
}

TEST(Nightly, fees_that_are_not_the_schedules_are_fee) {
  const voltage::testing::TempFolder temp;
  Really really;
  really.more_fee = Money{1};  // so little that no size follows it
  const auto folder = trade(temp, really);
  const auto parts = of(folder);
  only(parts, &Attribution::fee);
  EXPECT_EQ(parts.fee, Money{-read(folder)->fills});
}

TEST(Nightly, damaged_bars_from_before_the_run_are_refused) {
  const voltage::testing::TempFolder temp;
  temp.write("bars-before", std::string(40, 'x'));
  const auto bars = journal::read_bars_before(temp.path());
  ASSERT_FALSE(bars);
  EXPECT_NE(bars.error().message.find("damaged"), std::string::npos) << bars.error().message;
}

}  // namespace
}  // namespace voltage::app::nightly
