#pragma once
// What a strategy wants to do. It is not an order: risk must approve it first.
#include "base/types.hpp"
#include "event/effect.hpp"

namespace voltage::strategy {

struct Intent {
  event::ContractId contract{};
  Side side{};
  Price limit{};
  Qty qty{};
  event::TimeInForce tif{};
  bool post_only{};
  Time expires{};  // good_till_time only
};

}  // namespace voltage::strategy
