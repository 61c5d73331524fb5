#include "features/releases.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "features/season.hpp"

namespace voltage::features {
namespace {

using namespace literals;

// Days as yyyymmdd. Sources: the release calendars of the Bureau of Labor Statistics, postponements of the shutdown of
// autumn 2025 included, and the Federal Open Market Committee's meeting calendar. Each of 2021 to May 2025 shows in
// Bitcoin's own minutes.
constexpr std::array kPrices{20210113, 20210210, 20210310, 20210413, 20210512, 20210610, 20210713, 20210811, 20210914,
                             20211013, 20211110, 20211210, 20220112, 20220210, 20220310, 20220412, 20220511, 20220610,
                             20220713, 20220810, 20220913, 20221013, 20221110, 20221213, 20230112, 20230214, 20230314,
                             20230412, 20230510, 20230613, 20230712, 20230810, 20230913, 20231012, 20231114, 20231212,
                             20240111, 20240213, 20240312, 20240410, 20240515, 20240612, 20240711, 20240814, 20240911,
                             20241010, 20241113, 20241211, 20250115, 20250212, 20250312, 20250410, 20250513, 20250611,
                             20250715, 20250812, 20250911, 20251024, 20251218, 20260113, 20260213, 20260311, 20260410,
                             20260512, 20260610, 20260714, 20260812, 20260911, 20261014, 20261110, 20261210};
constexpr std::array kJobs{20210108, 20210205, 20210305, 20210402, 20210507, 20210604, 20210702, 20210806, 20210903,
                           20211008, 20211105, 20211203, 20220107, 20220204, 20220304, 20220401, 20220506, 20220603,
                           20220708, 20220805, 20220902, 20221007, 20221104, 20221202, 20230106, 20230203, 20230310,
                           20230407, 20230505, 20230602, 20230707, 20230804, 20230901, 20231006, 20231103, 20231208,
                           20240105, 20240202, 20240308, 20240405, 20240503, 20240607, 20240705, 20240802, 20240906,
                           20241004, 20241101, 20241206, 20250110, 20250207, 20250307, 20250404, 20250502, 20250606,
                           20250703, 20250801, 20250905, 20251120, 20251216, 20260109, 20260211, 20260306, 20260403,
                           20260508, 20260605, 20260702, 20260807, 20260904, 20261002, 20261106, 20261204};
constexpr std::array kRates{20210127, 20210317, 20210428, 20210616, 20210728, 20210922, 20211103, 20211215,
                            20220126, 20220316, 20220504, 20220615, 20220727, 20220921, 20221102, 20221214,
                            20230201, 20230322, 20230503, 20230614, 20230726, 20230920, 20231101, 20231213,
                            20240131, 20240320, 20240501, 20240612, 20240731, 20240918, 20241107, 20241218,
                            20250129, 20250319, 20250507, 20250618, 20250730, 20250917, 20251029, 20251210,
                            20260128, 20260318, 20260429, 20260617, 20260729, 20260916, 20261028, 20261209};

constexpr Minute kHalfPastEight = 8 * 60 + 30;
constexpr Minute kTwo = 14 * 60;

Minute utc_minute(int day, Minute new_york_minute) {
  using namespace std::chrono;
  const sys_days date{year{day / 10000} / (day / 100 % 100) / (day % 100)};
  const Minute winter = Minute{date.time_since_epoch().count()} * 24 * 60 + new_york_minute + 300;
  return winter - 300 + new_york_behind(winter);
}

}  // namespace

std::span<const Release> releases() {
  static const auto all = [] {
    std::vector<Release> out;
    for (const int day : kPrices) out.push_back({utc_minute(day, kHalfPastEight), ReleaseKind::prices});
    for (const int day : kJobs) out.push_back({utc_minute(day, kHalfPastEight), ReleaseKind::jobs});
    for (const int day : kRates) out.push_back({utc_minute(day, kTwo), ReleaseKind::rates});
    std::sort(out.begin(), out.end(), [](const Release& a, const Release& b) { return a.at < b.at; });
    return out;
  }();
  return all;
}

ReleaseProfile flat_profile() {
  ReleaseProfile profile{};
  for (auto& kind : profile) kind.fill(1);
  return profile;
}

std::vector<market::QuietSpan> quiet_around_releases() {
  std::vector<market::QuietSpan> out;
  for (const Release& r : releases()) {
    const bool rates = r.kind == ReleaseKind::rates;
    const auto at = [](Minute m) { return Time{m * (1_min).ns}; };
    out.push_back({at(r.at - (rates ? 30 : 20)), at(r.at + (rates ? 90 : 40))});
  }
  return out;
}

const Release* release_before(Minute minute) {
  const auto all = releases();
  const auto next =
      std::upper_bound(all.begin(), all.end(), minute, [](Minute m, const Release& r) { return m < r.at; });
  return next == all.begin() ? nullptr : &*(next - 1);
}

}  // namespace voltage::features
