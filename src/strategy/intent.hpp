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

// A resting order of ours as it should be instead: `to.qty` is what should rest then.
struct Amend {
  event::OrderId order{};
  Intent to;
};

}  // namespace voltage::strategy
