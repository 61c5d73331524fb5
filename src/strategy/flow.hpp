#pragma once
// Order flow at the touch of one contract's book: the signed change of size at the best quotes (Cont,
// Kukanov & Stoikov 2014), over one, five and fifteen minutes. Each is a ratio in [−1, 1], net over gross,
// so it has no scale; positive is pressure to buy YES. Old flow fades exponentially.
#include <array>
#include <optional>

#include "base/types.hpp"
#include "market/book.hpp"

namespace voltage::strategy {

class OrderFlow {
 public:
  static constexpr std::array<double, 3> kMinutes{1, 5, 15};

  // The top of the book after a change. An empty side ends the comparison until both are back.
  void on_top(Time at, std::optional<market::Level> bid, std::optional<market::Level> ask);
  // Taker flow, where prints are at hand: counted as the touch that they lift or hit.
  void on_trade(Time at, Side taker, Qty qty);

  double imbalance(std::size_t window) const;  // index into kMinutes; 0 before anything is seen
  // One side dominating at all three scales: the weakest of the three where they agree in sign, else 0.
  double persistence() const;

 private:
  void add(Time at, double signed_contracts);

  struct Window {
    double net{}, gross{};
  };
  std::array<Window, 3> windows_{};
  std::optional<market::Level> bid_, ask_;
  Time at_{};
};

}  // namespace voltage::strategy
