#include "features/rhythm.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::features {
namespace {

constexpr double kDaySlots = 24.0 * kHourSlots;
constexpr double kSlotHalfLife = 28 * 24;          // hours: each slot comes once in one
constexpr double kShapeHalfLife = 14 * kDaySlots;  // slots
// Hours of data that "as the bundle says" is worth. A range is known to three quarters of itself, a slot's factor
// strays by 3 % (2021 to 2024): 0.75² / 0.03².
constexpr double kPriorHours = 620;
constexpr double kRangeMax = 5;  // one crash is not the season
constexpr double kMoveMax = 6;
constexpr double kSmall = 0.3;

}  // namespace

void Rhythm::add(std::size_t slot, double range, double move) {
  static const double slot_decay = std::exp2(-1 / kSlotHalfLife);
  static const double all_decay = std::exp2(-1 / (kSlotHalfLife * kHourSlots));
  static const double shape_decay = std::exp2(-1 / kShapeHalfLife);
  const double bounded = std::min(range, kRangeMax);
  slots_[slot].fold(slot_decay, bounded);
  all_.fold(all_decay, bounded);
  const double size = std::min(move, kMoveMax);
  moves_.fold(shape_decay, size);
  squares_.fold(shape_decay, size * size);
  small_.fold(shape_decay, size < kSmall ? 1 : 0);
}

double Rhythm::log_slot(std::size_t slot) const {
  if (!(all_.sum > 0)) return 0;
  const double mean = all_.sum / all_.weight;
  const Average& s = slots_[slot];
  return std::log((s.sum / mean + kPriorHours) / (s.weight + kPriorHours));
}

double Rhythm::log_peak() const {
  if (!(squares_.sum > 0) || !(moves_.sum > 0)) return 0;
  return std::log(moves_.sum / moves_.weight) - 0.5 * std::log(squares_.sum / squares_.weight);
}

}  // namespace voltage::features
