#pragma once
// The moments at which Bitcoin jumps by appointment: US consumer prices and employment (08:30 in New York)
// and the Federal Reserve's decision (14:00). Their dates are published long before, so a forecast may know
// them. A kind has a profile: how many times the variance of an ordinary minute there is around its moment.
//
// The table is a calendar, not a market's history; it ends with 2026 (docs/FORECASTS.md says how it is
// prolonged). Past its end the answer is that of ordinary time, no error.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "market/quiet.hpp"

namespace voltage::features {

// Minutes since the Unix epoch, UTC: the grid that everything in features stands on.
using Minute = std::int64_t;

enum class ReleaseKind : std::uint8_t { prices, jobs, rates };
inline constexpr std::size_t kReleaseKinds = 3;
inline constexpr std::array<const char*, kReleaseKinds> kReleaseNames{"consumer_prices", "employment", "fed_decision"};

struct Release {
  Minute at{};
  ReleaseKind kind{};
};

std::span<const Release> releases();  // ascending

// A profile is constant between these minutes, counted from the release.
inline constexpr std::array<int, 14> kReleaseEdges{-5, 0, 1, 2, 5, 10, 15, 30, 45, 60, 90, 120, 180, 240};
inline constexpr std::size_t kReleaseBins = kReleaseEdges.size() - 1;
// One row a kind, each factor >= 1.
using ReleaseProfile = std::array<std::array<double, kReleaseBins>, kReleaseKinds>;
ReleaseProfile flat_profile();

// Where nothing new is risked around each of them: 20 minutes before and 40 after; 30 and 90 around the Federal
// Reserve's, whose press conference follows half an hour later.
std::vector<market::QuietSpan> quiet_around_releases();

// The last release at or before a minute, nullptr if the table has none.
const Release* release_before(Minute minute);

}  // namespace voltage::features
