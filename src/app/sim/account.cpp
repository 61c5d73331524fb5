#include "app/sim/account.hpp"

#include <algorithm>
#include <cstdlib>

namespace voltage::app::sim {

bool Account::fill(const event::FillSeen& f) {
  if (!trades_.insert(f.trade_id).second) return false;
  Line& line = lines_[f.contract.v];
  const bool buys = f.side == Side::bid;
  const std::int64_t own_side = buys ? -line.position : line.position;
  const std::int64_t closes = std::clamp<std::int64_t>(own_side, 0, f.qty.centis);
  const std::int64_t opens = f.qty.centis - closes;
  const std::int64_t cost_each = buys ? f.price.pips : 10'000 - f.price.pips;
  cash_ += (10'000 - cost_each) * closes - cost_each * opens - f.fee.micros;
  if (closes > 0) line.cost -= line.cost * closes / std::abs(line.position);
  line.cost += cost_each * opens;
  line.position += buys ? f.qty.centis : -f.qty.centis;
  if (line.outcome) pay(line);
  return true;
}

void Account::settle(std::uint32_t contract, bool yes) {
  Line& line = lines_[contract];
  line.outcome = yes;
  pay(line);
}

void Account::pay(Line& line) {
  const std::int64_t right = *line.outcome ? line.position : -line.position;
  const std::int64_t due = std::max<std::int64_t>(right, 0) * 10'000;
  cash_ += due - line.paid;
  line.paid = due;
}

std::int64_t Account::position(std::uint32_t contract) const {
  const auto line = lines_.find(contract);
  return line == lines_.end() ? 0 : line->second.position;
}

bool Account::settled(std::uint32_t contract) const {
  const auto line = lines_.find(contract);
  return line != lines_.end() && line->second.outcome.has_value();
}

std::int64_t Account::cost(std::uint32_t contract) const {
  const auto line = lines_.find(contract);
  return line == lines_.end() || line->second.outcome ? 0 : line->second.cost;
}

Account Account::what_if() const {
  Account out{cash_};
  out.lines_ = lines_;
  return out;
}

std::int64_t Account::cash_and_cost() const {
  std::int64_t sum = cash_;
  for (const auto& [id, line] : lines_) sum += line.outcome ? 0 : line.cost;
  return sum;
}

}  // namespace voltage::app::sim
