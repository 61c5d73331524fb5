#pragma once
// What a restart must not forget: how much was already lost. Equity is of the account, cash and positions at cost,
// so that it means the same in the run before and in this one.
#include <cstdint>

#include "base/types.hpp"

namespace voltage::risk {

struct Carried {
  std::int64_t day{-1};  // days since 1970, UTC; negative: nothing is carried
  Money day_start;       // equity when the day began
  Money highest;         // equity at its highest ever

  // Money that came or went without a trade is neither gain nor loss.
  void deposit(Money amount) {
    day_start += amount;
    highest += amount;
  }
};

}  // namespace voltage::risk
