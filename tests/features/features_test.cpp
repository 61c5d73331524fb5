// The features are a function of the bars up to their minute, the same live and in batch, and say NaN
// rather than make a number up.
#include <gmock/gmock.h>

#include <cstring>

#include "base/rng.hpp"
#include "features/assemble.hpp"
#include "features/paths.hpp"
#include "features/schema.hpp"

namespace voltage::features {
namespace {

std::vector<float> row_at(const History& history, std::size_t slot, Blank blank = {}) {
  std::vector<float> row(moment_feature_count());
  moment_features(View{history, slot, blank}, row);
  return row;
}

// Equal to the bit, NaN included.
bool identical(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::size_t column(const std::string& name) {
  const auto& specs = schema();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name == name) return i;
  }
  ADD_FAILURE() << "no feature " << name;
  return 0;
}

TEST(Features, streaming_gives_the_bits_that_batch_gives_and_later_bars_change_nothing) {
  auto bars = testing::walk(12'000, 7);
  bars.bars.erase(bars.bars.begin() + 6'000, bars.bars.begin() + 6'040);  // an outage
  const auto batch = assemble(bars, {}, Season{});
  ASSERT_TRUE(batch.has_value());
  History live{Season{}};
  for (const auto& bar : bars.bars) {
    ASSERT_TRUE(live.append(bar, bars.interval).has_value());
    const std::size_t slot = live.size() - 1;
    if (slot % 97 != 0 && slot < live.size() - 2) continue;
    ASSERT_TRUE(identical(row_at(live, slot), row_at(*batch, slot))) << "slot " << slot;
  }
}

TEST(Features, an_unfinished_window_and_an_outage_are_missing_not_zero) {
  auto bars = testing::walk(3'000, 8);
  bars.bars.erase(bars.bars.begin() + 2'000, bars.bars.begin() + 2'030);
  const auto history = assemble(bars, {}, Season{});
  ASSERT_TRUE(history.has_value());
  const auto early = row_at(*history, 100);
  EXPECT_TRUE(std::isnan(early[column("realised5_180m")]));
  EXPECT_FALSE(std::isnan(early[column("realised5_60m")]));
  const auto after = row_at(*history, 2'035);  // six minutes after the outage
  EXPECT_TRUE(std::isnan(after[column("realised1_15m")]));
  EXPECT_TRUE(std::isnan(after[column("return_15m")]));
  EXPECT_FALSE(std::isnan(after[column("realised1_5m")]));
  EXPECT_FALSE(std::isnan(after[column("realised1_1440m")])) << "30 of 1440 minutes may be missing";
}

// A recording that begins in the middle of five minutes leaves such holes; so does a feed that was away for a moment.
TEST(Features, a_hole_of_a_few_minutes_does_not_hide_what_is_known_around_it) {
  auto bars = testing::walk(3'000, 8);
  const auto whole = assemble(bars, {}, Season{});
  bars.bars.erase(bars.bars.begin() + 2'012, bars.bars.begin() + 2'016);
  const auto holed = assemble(bars, {}, Season{});
  ASSERT_TRUE(whole && holed);
  const View a{*whole, 2'029}, b{*holed, 2'029};
  for (const std::size_t w : {30, 60}) {
    EXPECT_NEAR(std::log(b.var5(w) / a.var5(w)), 0, 0.5) << w;
    EXPECT_NEAR(std::log(b.range1(w) / a.range1(w)), 0, 0.5) << w;
  }
  EXPECT_TRUE(std::isnan(View(*holed, 2'017).range1(5))) << "two minutes are not five";
}

TEST(Features, empty_optional_columns_blank_their_own_features_and_no_others) {
  auto bars = testing::walk(2'000, 9);
  const auto full = assemble(bars, {}, Season{});
  for (auto& bar : bars.bars) bar.trades = bar.taker_buy = View::kNaN;
  const auto poor = assemble(bars, {}, Season{});
  const auto a = row_at(*full, 1'999);
  const auto b = row_at(*poor, 1'999);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Group group = schema()[i].group;
    if (group == Group::trades || group == Group::taker) {
      EXPECT_TRUE(std::isnan(b[i])) << schema()[i].name;
    } else {
      EXPECT_EQ(std::memcmp(&a[i], &b[i], sizeof(float)), 0) << schema()[i].name;
    }
  }
}

TEST(Features, five_minute_bars_give_the_same_volatility_without_bias_and_no_one_minute_features) {
  const auto bars = testing::walk(20'160, 10);
  const auto fine = assemble(bars, {}, Season{});
  const auto coarse = assemble({}, coarsen(bars), Season{});
  ASSERT_TRUE(fine.has_value() && coarse.has_value());
  double ratio = 0;
  int n = 0;
  for (std::size_t slot = 10'084; slot < 20'160; slot += 60) {
    ASSERT_EQ((fine->minute_of(slot) + 1) % 5, 0);
    const View a{*fine, slot};
    const View b{*coarse, slot};
    EXPECT_TRUE(a.fine());
    EXPECT_FALSE(b.fine());
    EXPECT_TRUE(std::isnan(b.var1(60)));
    ratio += std::log(b.var5(1440) / a.var5(1440)) + std::log(b.range5(1440) / a.range5(1440));
    n += 2;
  }
  EXPECT_NEAR(ratio / n, 0, 0.02);
  const auto row = row_at(*coarse, 20'159);
  EXPECT_TRUE(std::isnan(row[column("realised1_60m")]));
  EXPECT_EQ(row[column("resolution")], 5.0F);
}

TEST(Features, a_cold_start_says_which_resolution_it_stands_on_until_the_minutes_fill_in) {
  const auto bars = testing::walk(20'160, 12);
  const auto alone = assemble(bars, {}, Season{});
  // A week of quarter hours, two days of five minutes, twelve hours of minutes, as one after a cold start.
  History cold{Season{}};
  const auto merge = [&](std::size_t first, std::size_t n) {
    market::Candle c = bars.bars[first];
    for (std::size_t i = 1; i < n; ++i) {
      const auto& next = bars.bars[first + i];
      c.high = std::max(c.high, next.high);
      c.low = std::min(c.low, next.low);
      c.close = next.close;
      c.volume += next.volume;
    }
    return c;
  };
  std::size_t at = 0;
  while (bars.bars[at].begin.ns % 900'000'000'000 != 0) ++at;
  const std::size_t first = at;
  for (; at < 16'000; at += 15) ASSERT_TRUE(cold.append(merge(at, 15), Duration{900'000'000'000}));
  EXPECT_EQ(View(cold, cold.size() - 1).resolution(), 15);
  for (; at < 19'000; at += 5) ASSERT_TRUE(cold.append(merge(at, 5), Duration{300'000'000'000}));
  const auto fives = static_cast<std::int32_t>(cold.size() + first);
  EXPECT_EQ(View(cold, cold.size() - 1).resolution(), 5);
  for (; at < 20'160; ++at) ASSERT_TRUE(cold.append(bars.bars[at], Duration{60'000'000'000}));
  const View now{cold, cold.size() - 1};
  EXPECT_EQ(now.resolution(), 1);
  const auto week = cold.standing(cold.size() - 1, 10'080);
  EXPECT_EQ(week.one, 20'160 - fives);
  EXPECT_EQ(week.one + week.five + week.fifteen, 10'080);
  EXPECT_GT(week.fifteen, 5'000);
  EXPECT_EQ(cold.standing(cold.size() - 1, 60).one, 60);
  EXPECT_EQ(cold.standing(cold.size() - 1, 30'000).none, 30'000 - static_cast<std::int32_t>(cold.size()));
  // The long volatilities are there at once, and those of the minutes they would have been but for noise.
  const View full{*alone, 20'159};
  EXPECT_NEAR(std::log(now.var5(10'080) / full.var5(10'080)), 0, 0.1);
  EXPECT_NEAR(std::log(now.range5(10'080) / full.range5(10'080)), 0, 0.1);
  EXPECT_FALSE(cold.append(bars.bars[0], Duration{600'000'000'000}));
}

TEST(Features, the_finer_bar_wins_where_both_exist) {
  const auto bars = testing::walk(600, 11);
  auto coarse = coarsen(bars);
  for (auto& bar : coarse.bars) bar.close *= 1.5, bar.high *= 1.5;  // seen at once if it were used
  const auto mixed = assemble(bars, coarse, Season{});
  const auto alone = assemble(bars, {}, Season{});
  EXPECT_TRUE(identical(row_at(*mixed, 599), row_at(*alone, 599)));
}

TEST(Features, features_are_free_of_the_price_level) {
  auto bars = testing::walk(3'000, 12);
  const auto a = assemble(bars, {}, Season{});
  for (auto& bar : bars.bars) bar.open *= 8, bar.high *= 8, bar.low *= 8, bar.close *= 8;
  const auto b = assemble(bars, {}, Season{});
  const auto x = row_at(*a, 2'999);
  const auto y = row_at(*b, 2'999);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i])) continue;
    EXPECT_NEAR(x[i], y[i], 1e-4) << schema()[i].name;
  }
}

TEST(Features, every_feature_has_a_name_of_its_own_and_a_unit) {
  std::vector<std::string> names;
  for (const auto& f : schema()) {
    EXPECT_FALSE(f.name.empty());
    EXPECT_FALSE(f.unit.empty()) << f.name;
    names.push_back(f.name);
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  EXPECT_EQ(schema_hash().size(), 64U);
}

// Bars whose moves are `calm` times as large in the last five minutes of each quarter of an hour.
market::CandleSeries with_calm_ends(market::CandleSeries bars, double calm) {
  double last = std::log(bars.bars.front().open);
  for (auto& bar : bars.bars) {
    const Minute minute = bar.begin.ns / kMinuteNs;
    const double k = minute % 15 >= 10 ? calm : 1;
    const double open = std::log(bar.open), from = last;
    for (double* p : {&bar.open, &bar.high, &bar.low, &bar.close}) *p = std::exp(from + k * (std::log(*p) - open));
    last = std::log(bar.close);
  }
  return bars;
}

TEST(Features, calmer_five_minutes_of_the_hour_are_found_in_weeks_from_both_kinds_of_bar) {
  const auto bars = with_calm_ends(testing::walk(42 * 1440, 21, 5e-4, 6), 0.7);
  const auto fine = assemble(bars, {}, Season{});
  const auto coarse = assemble({}, coarsen(bars), Season{});
  ASSERT_TRUE(fine && coarse);
  for (const auto* history : {&*fine, &*coarse}) {
    const auto excess = View{*history, history->size() - 1}.slot_excess();
    double sum = 0;
    for (const double e : excess) sum += e;
    EXPECT_NEAR(sum, 0, 1e-9);
    for (std::size_t slot = 0; slot < kHourSlots; ++slot) {
      // Six weeks are worth about as much as the prior: between none and all of 0.7 against 1.
      if (slot % 3 == 2)
        EXPECT_LT(excess[slot], -0.15) << slot;
      else
        EXPECT_GT(excess[slot], 0.02) << slot;
    }
  }
  const auto young = assemble(testing::walk(6 * 1440, 21), {}, Season{});
  for (const double e : View{*young, young->size() - 1}.slot_excess())
    EXPECT_EQ(e, 0) << "less than a week says nothing";
}

TEST(Features, what_the_bundle_knows_of_the_minutes_is_no_news) {
  auto flat = flat_minutes();
  for (std::size_t m = 0; m < flat.size(); ++m) flat[m] = m % 15 >= 10 ? 0.49 : 1;
  const Season season{std::vector<double>(kSeasonBins, 1.0), flat_profile(), flat};
  const auto history = assemble(with_calm_ends(testing::walk(42 * 1440, 21, 5e-4, 6), 0.7), {}, season);
  ASSERT_TRUE(history);
  for (const double e : View{*history, history->size() - 1}.slot_excess()) EXPECT_NEAR(e, 0, 0.08);
}

TEST(Features, a_peaked_law_of_moves_is_told_from_a_normal_one) {
  const auto shape = [](market::CandleSeries bars) {
    const auto history = assemble(bars, {}, Season{});
    const View view{*history, history->size() - 1};
    return std::pair{view.small_share(), view.log_peak()};
  };
  const auto plain = shape(testing::walk(30 * 1440, 22, 5e-4, 4));
  auto bars = testing::walk(30 * 1440, 22, 5e-4, 4);
  Rng rng{3};
  double last = std::log(bars.bars.front().open), k = 1;
  for (auto& bar : bars.bars) {
    if (bar.begin.ns / kMinuteNs % 5 == 0)
      k = rng.chance(0.1) ? 2.5 : 0.5;  // most five minutes are calm, a few are not
    const double open = std::log(bar.open), from = last;
    for (double* p : {&bar.open, &bar.high, &bar.low, &bar.close}) *p = std::exp(from + k * (std::log(*p) - open));
    last = std::log(bar.close);
  }
  const auto peaked = shape(bars);
  EXPECT_NEAR(plain.first, 0.24, 0.05);
  EXPECT_GT(peaked.first, plain.first + 0.08);
  EXPECT_LT(peaked.second, plain.second - 0.05);
}

TEST(Features, a_bar_out_of_order_is_refused) {
  const auto bars = testing::walk(10, 13);
  History history{Season{}};
  ASSERT_TRUE(history.append(bars.bars[5], bars.interval).has_value());
  EXPECT_FALSE(history.append(bars.bars[5], bars.interval).has_value());
  EXPECT_FALSE(history.append(bars.bars[4], bars.interval).has_value());
  EXPECT_FALSE(history.append(bars.bars[6], Duration{120'000'000'000}).has_value());
}

// Parkinson (1980): on a continuous walk the range estimator has a fifth of the variance of the squared
// return. A walk of finitely many steps sees a little less than the full range, which costs some of it.
TEST(Volatility, parkinson_is_about_five_times_as_efficient_as_squared_returns) {
  Rng rng{99};
  constexpr int paths = 20'000;
  constexpr int steps = 1'000;
  double parkinson = 0, parkinson_square = 0, squared = 0, squared_square = 0;
  for (int p = 0; p < paths; ++p) {
    double x = 0, high = 0, low = 0;
    for (int s = 0; s < steps; ++s) {
      x += rng.normal() / std::sqrt(static_cast<double>(steps));
      high = std::max(high, x);
      low = std::min(low, x);
    }
    const double range = (high - low) * (high - low) / (4 * std::log(2.0));
    parkinson += range / paths;
    parkinson_square += range * range / paths;
    squared += x * x / paths;
    squared_square += x * x * x * x / paths;
  }
  EXPECT_NEAR(parkinson, 1, 0.07);
  EXPECT_NEAR(squared, 1, 0.05);
  const double relative_parkinson = (parkinson_square - parkinson * parkinson) / (parkinson * parkinson);
  const double relative_squared = (squared_square - squared * squared) / (squared * squared);
  EXPECT_GT(relative_squared / relative_parkinson, 4.5);
  EXPECT_LT(relative_squared / relative_parkinson, 5.6);
}

TEST(Season, follows_new_york_through_daylight_saving) {
  const auto minute = [](std::int64_t unix_s) { return unix_s / 60; };
  // 2024-03-08 14:30 UTC is 09:30 in New York (winter); 2024-03-11 13:30 UTC is 09:30 (summer). Monday is day 0.
  EXPECT_EQ(new_york_week_minute(minute(1'709'908'200)), 4U * 1440 + 570);
  EXPECT_EQ(new_york_week_minute(minute(1'710'163'800)), 0U * 1440 + 570);
  // 2024-11-03 06:00 UTC: clocks go back, 02:00 becomes 01:00 on Sunday.
  EXPECT_EQ(new_york_week_minute(minute(1'730'613'540)), 6U * 1440 + 119);
  EXPECT_EQ(new_york_week_minute(minute(1'730'613'600)), 6U * 1440 + 60);
}

TEST(Season, one_made_of_its_own_factors_is_the_same_to_the_last_bit) {
  Rng rng{8};
  for (int round = 0; round < 20; ++round) {
    std::vector<double> factors(kSeasonBins);
    MinuteProfile minutes{};
    for (double& f : factors) f = std::exp(rng.normal());
    for (double& f : minutes) f = std::exp(0.2 * rng.normal());
    const Season season{factors, flat_profile(), minutes};
    const Season again{season.factors(), season.release_profile(), season.minutes()};
    EXPECT_EQ(season.factors(), again.factors());
    EXPECT_EQ(season.minutes(), again.minutes());
  }
}

TEST(Season, mean_over_a_window_is_the_mean_of_its_minutes) {
  std::vector<double> factors(kSeasonBins);
  for (std::size_t i = 0; i < kSeasonBins; ++i) factors[i] = 0.5 + static_cast<double>(i % 7);
  MinuteProfile minutes{};
  for (std::size_t i = 0; i < kHourMinutes; ++i) minutes[i] = 1 + 0.1 * static_cast<double>(i % 13);
  const Season season{factors, flat_profile(), minutes};
  const Minute begin = 28'000'003;
  double sum = 0;
  for (Minute m = begin; m < begin + 400; ++m) sum += season.at(m);
  EXPECT_NEAR(season.mean_over(begin, 400), sum / 400, 1e-12);
  EXPECT_NEAR(season.mean_over(begin, kWeekMinutes), 1, 1e-12);
}

TEST(Season, the_minutes_of_the_hour_are_found_again) {
  auto bars = testing::walk(9 * 10'080, 22, 4e-4, 4);
  // Half the volatility in the last five minutes of each quarter of an hour.
  double log_price = 0;
  for (auto& b : bars.bars) {
    const bool last = b.begin.ns / kMinuteNs % 15 >= 10;
    const double r = std::log(b.close / b.open) * (last ? 0.5 : 1.0);
    b.open = std::exp(log_price);
    b.close = std::exp(log_price += r);
    b.high = std::max(b.open, b.close);
    b.low = std::min(b.open, b.close);
  }
  const auto flat = assemble(bars, {}, Season{});
  ASSERT_TRUE(flat);
  const MinuteProfile found = learn_minutes(*flat, flat->size());
  const Season season{learn_season(*flat, flat->size()).factors(), flat_profile(), found};
  const Minute quarter = 28'000'005;  // divisible by 15
  EXPECT_NEAR(season.mean_over(quarter + 10, 5) / season.mean_over(quarter, 10), 0.25, 0.05);
  EXPECT_NEAR(season.mean_over(quarter, kWeekMinutes), 1, 1e-9);
}

TEST(Season, a_taught_rhythm_is_found_again) {
  auto bars = testing::walk(9 * 10'080, 21, 4e-4, 4);
  // Twice the volatility between 09:00 and 12:00 in New York.
  double log_price = 0;
  for (std::size_t i = 0; i < bars.bars.size(); ++i) {
    auto& b = bars.bars[i];
    const std::size_t hour = new_york_week_minute(b.begin.ns / kMinuteNs) % 1440 / 60;
    const double k = hour >= 9 && hour < 12 ? 2 : 1;
    const double r = k * std::log(b.close / b.open);
    b.open = b.high = b.low = 40'000 * std::exp(log_price);
    log_price += r;
    b.close = 40'000 * std::exp(log_price);
    b.high = std::max(b.open, b.close);
    b.low = std::min(b.open, b.close);
  }
  const auto history = assemble(bars, {}, Season{});
  const Season season = learn_season(*history, history->size());
  const auto at = [&](int hour) {
    double sum = 0;
    for (std::size_t i = 0; i < kSeasonBins; ++i)
      sum += i % 96 / 4 == static_cast<std::size_t>(hour) ? season.factors()[i] : 0;
    return sum / 28;
  };
  EXPECT_NEAR(at(10) / at(3), 4, 0.8);
}

}  // namespace
}  // namespace voltage::features
