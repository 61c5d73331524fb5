#include "strategy/flow.hpp"

#include <algorithm>
#include <cmath>

namespace voltage::strategy {
namespace {

// What the bid's change says of demand: a better price brings its whole size, a worse one takes the old away.
double demand(const market::Level& before, const market::Level& after) {
  double e = 0;
  if (after.price >= before.price) e += after.qty.contracts();
  if (after.price <= before.price) e -= before.qty.contracts();
  return e;
}
double supply(const market::Level& before, const market::Level& after) {
  double e = 0;
  if (after.price <= before.price) e += after.qty.contracts();
  if (after.price >= before.price) e -= before.qty.contracts();
  return e;
}

}  // namespace

void OrderFlow::add(Time at, double signed_contracts) {
  const double minutes = std::max((at - at_).seconds(), 0.0) / 60;
  for (std::size_t i = 0; i < windows_.size(); ++i) {
    const double keep = std::exp(-minutes / kMinutes[i]);
    windows_[i].net = windows_[i].net * keep + signed_contracts;
    windows_[i].gross = windows_[i].gross * keep + std::abs(signed_contracts);
  }
  at_ = std::max(at_, at);
}

void OrderFlow::on_top(Time at, std::optional<market::Level> bid, std::optional<market::Level> ask) {
  if (bid == bid_ && ask == ask_) return;
  if (bid && ask && bid_ && ask_) {
    const double change = demand(*bid_, *bid) - supply(*ask_, *ask);
    if (change != 0) add(at, change);
  }
  bid_ = bid;
  ask_ = ask;
}

void OrderFlow::on_trade(Time at, Side taker, Qty qty) {
  add(at, taker == Side::bid ? qty.contracts() : -qty.contracts());
}

double OrderFlow::imbalance(std::size_t window) const {
  const Window& w = windows_[window];
  return w.gross > 0 ? w.net / w.gross : 0;
}

double OrderFlow::persistence() const {
  const double a = imbalance(0), b = imbalance(1), c = imbalance(2);
  if (a > 0 && b > 0 && c > 0) return std::min({a, b, c});
  if (a < 0 && b < 0 && c < 0) return std::max({a, b, c});
  return 0;
}

}  // namespace voltage::strategy
