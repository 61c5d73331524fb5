#include "risk/evidence_book.hpp"

#include <algorithm>

namespace voltage::risk {
namespace {

constexpr Duration kLater{60'000'000'000};

}  // namespace

EvidenceBook::EvidenceBook(std::span<const Observation> before, const EvidenceRules& rules)
    : rules_{rules}, none_{rules} {
  for (const auto& o : before) count(o);
}

void EvidenceBook::count(const Observation& o) {
  gates_.try_emplace(o.series, rules_).first->second.on_market(o.net, o.markout);
}

void EvidenceBook::on_fill(Time now, const event::FillSeen& fill) {
  // By hand, or of a run before: what the contract then earns is not this run's doing alone.
  if (fill.order.v == 0) traded_[fill.contract].settled = true;
  const double contracts = fill.qty.contracts();
  traded_[fill.contract].contracts += contracts;
  waiting_.push_back(
      {now + kLater, fill.contract, static_cast<double>(sign(fill.side)), fill.price.dollars(), contracts});
}

// A book that is not to be believed at the minute is waited for.
void EvidenceBook::pass_time(Time now, const market::Books& books) {
  std::erase_if(waiting_, [&](const Waiting& w) {
    if (w.due > now) return false;
    const auto& listing = books.at(w.contract);
    const auto mid = listing.trust == market::Trust::valid ? listing.book.mid() : std::nullopt;
    if (!mid) return listing.contract.close <= now;
    Traded& t = traded_[w.contract];
    t.markout += w.contracts * w.side * (*mid - w.price);
    t.marked += w.contracts;
    return true;
  });
}

void EvidenceBook::settle(const market::Contract& contract, Money flow) {
  const auto found = traded_.find(contract.id);
  if (found == traded_.end() || found->second.settled || !(found->second.contracts > 0)) return;
  Traded& t = found->second;
  t.settled = true;
  // Without a mid to mark to, nothing is said for or against.
  made_.push_back({contract.series, flow.dollars() / t.contracts, t.marked > 0 ? t.markout / t.marked : 0});
  count(made_.back());
}

Rung EvidenceBook::allowed(const std::string& series) const {
  return gate(series).allowed();
}

const EvidenceGate& EvidenceBook::gate(const std::string& series) const {
  const auto found = gates_.find(series);
  return found == gates_.end() ? none_ : found->second;
}

}  // namespace voltage::risk
