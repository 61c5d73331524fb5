// The alarm of a new regime against a forecast that is known: what sounds it, what does not.
#include "strategy/drift.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "forecast/answer.hpp"

namespace voltage::strategy {
namespace {

using namespace literals;
using event::DriftKind;

constexpr double kMinuteSd = 0.0005;

// A market of one size of move a minute, up and down in turn, and a model that expects kMinuteSd.
class Regime : public ::testing::Test {
 protected:
  // Minutes with moves of so many times what is expected; alarms as "+settled minutes" and "-…".
  void minutes(int n, double factor) {
    for (int i = 0; i < n; ++i) {
      const double before = close_;
      up_ = !up_;
      close_ *= std::exp((up_ ? 1 : -1) * factor * kMinuteSd);
      bar(before);
    }
  }
  void jump(double log_return) {
    const double before = close_;
    close_ *= std::exp(log_return);
    bar(before);
  }
  bool sounds() const { return drift_.sounding(DriftKind::regime); }

  Drift drift_;

 private:
  void bar(double before) {
    const market::Candle candle{at_, before, std::max(before, close_), std::min(before, close_), close_, 1, 1, 0.5};
    drift_.on({event::SpotVenue::simulated, 1_min, candle});
    at_ = at_ + 1_min;
    event::ForecastReady ready{++request_, at_, close_, "plain", {}, {}};
    ready.nodes.push_back(forecast::to_event({120_min, forecast::Density::make(0, kMinuteSd * std::sqrt(120.0), 0.0)}));
    drift_.on(at_, ready);
  }

  Time at_{Time{1'772'323'200'000'000'000}};
  double close_{90'000};
  bool up_{false};
  std::uint64_t request_{0};
};

TEST_F(Regime, silent_while_two_hours_are_as_expected) {
  minutes(2000, 1);
  EXPECT_FALSE(sounds());
  EXPECT_TRUE(drift_.take_news().empty());
}

TEST_F(Regime, sounds_when_volatility_doubles_and_ends_when_it_returns) {
  minutes(300, 1);
  minutes(120, 2);
  EXPECT_TRUE(sounds());
  EXPECT_DOUBLE_EQ(drift_.size(), 0.5);
  minutes(120, 1);
  EXPECT_FALSE(sounds());
  const auto news = drift_.take_news();
  ASSERT_EQ(news.size(), 2U);
  EXPECT_TRUE(news[0].sounding);
  EXPECT_FALSE(news[1].sounding);
  EXPECT_DOUBLE_EQ(drift_.size(), 1);
}

TEST_F(Regime, sounds_when_volatility_falls_to_a_third) {
  minutes(300, 1);
  minutes(120, 0.33);
  EXPECT_TRUE(sounds());
}

TEST_F(Regime, one_jump_is_no_new_regime) {
  minutes(300, 1);
  jump(100 * kMinuteSd);
  minutes(300, 1);
  EXPECT_TRUE(drift_.take_news().empty());
}

TEST_F(Regime, says_nothing_of_its_first_two_hours) {
  minutes(119, 4);
  EXPECT_FALSE(sounds());
  minutes(2, 4);
  EXPECT_TRUE(sounds());
}

}  // namespace
}  // namespace voltage::strategy
