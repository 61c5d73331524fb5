#pragma once
// What five minutes have been like in the last weeks, in units of the volatility known when they began. Two things
// drift from year to year that no average of volatility tells:
//
//   slots  how wide each five minutes of the hour are against the others. What a bundle's minute profile has is
//          taken out before, so a slot's factor is 1 where the bundle is still right. Averages of four weeks'
//          half-life, held near 1 as long as they are young (empirical Bayes: after four weeks about half is believed;
//          see docs/FORECASTS.md).
//   shape  how peaked the law of a five-minute move is: the share of the moves that are next to nothing, and mean over
//          root mean square. Averages of two weeks' half-life.
//
// Numbers are free of unit. It is fed at the end of each five minutes and never looks back.
#include <array>
#include <cstddef>

#include "features/season.hpp"

namespace voltage::features {

inline constexpr std::size_t kHourSlots = 12;
inline constexpr Minute kSlotMinutes = 5;

// Of the five minutes that end with this minute.
constexpr std::size_t hour_slot(Minute minute) {
  const Minute hour = kSlotMinutes * static_cast<Minute>(kHourSlots);
  return static_cast<std::size_t>((minute % hour + hour) % hour / kSlotMinutes);
}

class Rhythm {
 public:
  // Five minutes ended: their range and the size of their move, both over the root of the variance expected of them.
  void add(std::size_t slot, double range, double move);

  double log_slot(std::size_t slot) const;  // ln of its range over that of all slots; 0 before anything is known
  double small_share() const { return moves_.weight > 0 ? small_.sum / small_.weight : 0; }
  double log_peak() const;  // ln(mean over root mean square); about −0.31 for Bitcoin, −0.23 for a normal law
  double slots_seen() const { return moves_.weight; }

 private:
  struct Average {
    double sum{};
    double weight{};
    void fold(double decay, double value) {
      sum = decay * sum + value;
      weight = decay * weight + 1;
    }
  };
  std::array<Average, kHourSlots> slots_{};
  Average all_, small_, moves_, squares_;
};

}  // namespace voltage::features
