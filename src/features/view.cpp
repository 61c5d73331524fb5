#include "features/view.hpp"

#include <algorithm>

namespace voltage::features {

std::array<double, kHourSlots> View::slot_excess() const {
  std::array<double, kHourSlots> factor{};
  if (!covered(10080, &Sums::n5)) return factor;
  const Minute last = minute() - (minute() + 1) % kSlotMinutes;  // where the last whole slot ended
  double sum = 0;
  for (std::size_t back = 0; back < kHourSlots; ++back) {
    const Minute end = last - kSlotMinutes * static_cast<Minute>(back);
    const auto slot = history_->slot_of(end);
    const double log_slot = slot >= 0 ? history_->point(static_cast<std::size_t>(slot)).log_slot : 0;
    factor[hour_slot(end)] = std::exp(2 * log_slot);
    sum += factor[hour_slot(end)];
  }
  const double mean = sum / static_cast<double>(kHourSlots);
  for (double& f : factor) f = f / mean - 1;
  return factor;
}

}  // namespace voltage::features
