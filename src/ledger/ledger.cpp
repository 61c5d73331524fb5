#include "ledger/ledger.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "ledger/fees.hpp"

namespace voltage::ledger {
namespace {

constexpr Price kOne{Price::kOne};
// A run has a few hundred contracts a day; more is an edge handing out ids that are not its own.
constexpr std::uint32_t kContractsMax = 10'000'000;

// Takes `part` of `whole` out of the basis and returns its share.
Money take_share(Money& basis, Qty part, Qty whole) {
  const Money share{static_cast<std::int64_t>(Int128{basis.micros} * part.centis / whole.centis)};
  basis -= share;
  return share;
}

}  // namespace

Money Position::unrealised(Price yes_price) const {
  if (outcome) return {};
  return yes_price * yes + yes_price.complement() * no - basis();
}

Ledger::Ledger(Money cash, Netting netting) : start_{cash}, cash_{cash}, netting_{netting} {}

void Ledger::know(const market::Contract& contract) {
  CHECK(contract.id.v < kContractsMax);
  if (terms_.size() <= contract.id.v) terms_.resize(contract.id.v + 1);
  terms_[contract.id.v] = {contract.close, contract.strike, contract.exchange_index, true};
}

Position& Ledger::at(ContractId id) {
  CHECK(id.v < kContractsMax);
  if (positions_.size() <= id.v) positions_.resize(id.v + 1);
  return positions_[id.v];
}

const Position& Ledger::position(ContractId id) const {
  static const Position none{};
  return id.v < positions_.size() ? positions_[id.v] : none;
}

void Ledger::book(event::CashReason reason, ContractId id, event::OrderId order, Money change, Changes& out) {
  if (change.micros == 0) return;
  cash_ += change;
  const std::int32_t shard = reason == event::CashReason::deposit || id.v >= terms_.size() ? -1 : terms_[id.v].shard;
  if (shard >= 0 && !placed_.empty()) placed_[shard] += change;
  out.push_back({reason, id, order, change, cash_});
}

Money net_pairs(Position& p) {
  const Qty pairs = min(p.yes, p.no);
  if (pairs.centis == 0) return {};
  const Money released = kOne * pairs;
  p.netted += released - take_share(p.basis_yes, pairs, p.yes) - take_share(p.basis_no, pairs, p.no);
  p.yes -= pairs;
  p.no -= pairs;
  return released;
}

FillVerdict Ledger::on(const event::FillSeen& fill, Changes& out) {
  const bool sane = fill.qty.centis > 0 && fill.qty <= kQtyMax && fill.price.pips > 0 && fill.price < kOne &&
                    fill.fee.micros >= 0 && !fill.trade_id.empty() && fill.contract.v < kContractsMax;
  if (!sane) return FillVerdict::invalid;
  const Trade trade{fill.contract, fill.side, fill.price, fill.qty};
  const auto [known, fresh] = trades_.try_emplace(fill.trade_id, trade);
  if (!fresh) return known->second == trade ? FillVerdict::duplicate : FillVerdict::conflict;

  Position& p = at(fill.contract);
  const bool buys_yes = fill.side == Side::bid;
  const Money cost = (buys_yes ? fill.price : fill.price.complement()) * fill.qty;
  (buys_yes ? p.yes : p.no) += fill.qty;
  (buys_yes ? p.basis_yes : p.basis_no) += cost;
  const Money released = netting_ == Netting::immediate && !p.outcome ? net_pairs(p) : Money{};
  p.flow += released - cost - fill.fee;
  p.fees += fill.fee;
  fees_ += fill.fee;
  book(event::CashReason::trade, fill.contract, fill.order, released - cost, out);
  book(event::CashReason::fee, fill.contract, fill.order, -fill.fee, out);
  if (p.outcome) settle(fill.contract, p, fill.order, out);
  return FillVerdict::applied;
}

void Ledger::on(const event::Settled& settled, Changes& out) {
  Position& p = at(settled.contract);
  p.outcome = settled.outcome;
  settle(settled.contract, p, {}, out);
}

void Ledger::settle(ContractId id, Position& p, event::OrderId order, Changes& out) {
  const Money due = kOne * (*p.outcome == event::Outcome::yes ? p.yes : p.no);
  const Money change = due - p.paid;
  p.paid = due;
  p.flow += change;
  book(event::CashReason::settlement, id, order, change, out);
}

void Ledger::on(const event::CashMoved& moved, Changes& out) {
  if (!moves_.insert(moved.id).second) return;
  deposits_ += moved.amount;
  book(event::CashReason::deposit, {}, {}, moved.amount, out);
}

void Ledger::on(const event::CashPlaced& placed) {
  placed_[placed.shard] = placed.amount;
}

Money Ledger::cash_on(std::int32_t shard) const {
  if (placed_.empty() || shard < 0) return cash_;
  const auto found = placed_.find(shard);
  // Money that was drawn out since may have been this shard's.
  return found == placed_.end() ? Money{} : min(found->second, cash_);
}

Money Ledger::realised() const {
  Money sum;
  for (const Position& p : positions_) sum += p.realised();
  return sum;
}

std::vector<Holding> Ledger::holdings(Time close) const {
  std::vector<Holding> out;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const Position& p = positions_[i];
    if (!p.held()) continue;
    const Terms terms = i < terms_.size() ? terms_[i] : Terms{};
    if (terms.close != close) continue;
    const bool strike_known = terms.known && terms.strike.known();
    out.push_back({strike_known ? market::paying_range(terms.strike) : market::CentRange{}, strike_known, p.yes, p.no});
  }
  return out;
}

std::vector<Time> Ledger::instants() const {
  std::vector<Time> out;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    if (positions_[i].held()) out.push_back(i < terms_.size() ? terms_[i].close : Time{});
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Money Ledger::at_cost(Time close) const {
  Money sum;
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    const Time instant = i < terms_.size() ? terms_[i].close : Time{};
    if (positions_[i].held() && instant == close) sum += positions_[i].basis();
  }
  return sum;
}

Money Ledger::loss_max(Time close) const {
  return max(at_cost(close) - payouts(holdings(close)).worst, Money{});
}

Money Ledger::equity_worst() const {
  Money sum = cash_;
  for (const Time close : instants()) sum += payouts(holdings(close)).worst;
  return sum;
}

Money Ledger::equity_at_cost() const {
  Money sum = cash_;
  for (const Position& p : positions_) {
    if (p.held()) sum += p.basis();
  }
  return sum;
}

std::vector<ContractId> Ledger::awaiting_settlement(Time now) const {
  std::vector<ContractId> out;
  for (std::size_t i = 0; i < positions_.size() && i < terms_.size(); ++i) {
    if (positions_[i].held() && terms_[i].known && terms_[i].close <= now) {
      out.push_back(ContractId{static_cast<std::uint32_t>(i)});
    }
  }
  return out;
}

}  // namespace voltage::ledger
