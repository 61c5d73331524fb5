#pragma once
// Bars of both resolutions into one history: the finer wins where both exist. A 5-minute bar is taken
// where none of its five minutes has a 1-minute bar.
#include "base/result.hpp"
#include "features/history.hpp"

namespace voltage::features {

// Both series sorted, times unique. Fails as History::append does, and when there is no bar at all.
Result<History> assemble(const market::CandleSeries& fine, const market::CandleSeries& coarse, Season season);

// 1-minute bars as 5-minute bars would have shown them; only blocks whose five minutes are all there.
market::CandleSeries coarsen(const market::CandleSeries& fine);

// The season of a history built with a flat one, from its slots in [0, end): the mean of each quarter
// hour's volatility over the trailing week's, squared, younger weeks counting more (half-life a year).
// Flat where less than four weeks are there.
Season learn_season(const History& history, std::size_t end);

// The factors of the minutes of an hour, in slots [0, end) of the same history: the mean of each minute's absolute
// return over the trailing week's volatility, squared, younger ones counting more (half-life a year). Flat where
// less than two weeks are there.
MinuteProfile learn_minutes(const History& history, std::size_t end);

// The profile of the releases in slots [0, end) of the same history: variance around a release over that of the day
// before, against the same minutes a week earlier. Means of roots, so that no one release decides; younger ones count
// more (half-life a year). Flat for a kind with fewer than eight.
ReleaseProfile learn_releases(const History& history, std::size_t end);

}  // namespace voltage::features
