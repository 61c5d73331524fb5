#include "app/live/reconciler.hpp"

#include <fmt/format.h>

#include "base/decimal.hpp"

namespace voltage::app::live {

std::string difference(const venue::kalshi::Statement& statement, const engine::Engine& engine) {
  auto theirs = statement.positions;
  Money to_come;
  for (const auto& listing : engine.books().all()) {
    const auto& contract = listing.contract;
    const auto& ours = engine.ledger().position(contract.id);
    const auto found = theirs.find(contract.ticker);
    const Qty venue = found == theirs.end() ? Qty{} : found->second;
    if (found != theirs.end()) theirs.erase(found);
    if (ours.outcome) {
      // Decided, perhaps not paid: the venue still lists what it will pay for.
      const bool wins = (*ours.outcome == event::Outcome::yes) == (venue.centis > 0);
      if (venue.centis != 0 && wins) to_come += Price{Price::kOne} * Qty{std::abs(venue.centis)};
    } else if (venue != ours.net()) {
      return fmt::format("{}: we hold {}, the venue says {}", contract.ticker, format_qty(ours.net()),
                         format_qty(venue));
    }
  }
  if (!theirs.empty())
    return fmt::format("the venue has {} of {}, which we do not follow", format_qty(theirs.begin()->second),
                       theirs.begin()->first);
  const Money cash = statement.total_cash() + to_come;
  if (cash != engine.ledger().cash())
    return fmt::format(
        "cash: ours ${}, the venue's ${}; deposits, withdrawals and transfers are looked for and booked by themselves, "
        "anything else (interest, an incentive) is taken over by a new start",
        format_money(engine.ledger().cash()), format_money(cash));
  return {};
}

bool agrees(const venue::kalshi::Position& told, const engine::Engine& engine) {
  for (const auto& listing : engine.books().all()) {
    if (listing.contract.ticker != told.ticker) continue;
    const auto& ours = engine.ledger().position(listing.contract.id);
    return ours.outcome || ours.net() == told.qty;
  }
  return told.qty.centis == 0;
}

namespace {

// An order whose place is not known, or that changed it since: what is held back for it can't be told.
bool under_way(const engine::Engine& engine, Time asked) {
  for (const auto& [id, tracked] : engine.executor().orders()) {
    if (tracked.order.ended()) continue;
    if (tracked.order.pending() != nullptr) return true;
    if (tracked.order.phase() != ledger::OrderPhase::live || tracked.sent >= asked) return true;
  }
  return false;
}

}  // namespace

void Reconciler::compare(const venue::kalshi::Statement& statement, const engine::Engine& engine) {
  if (moved_ >= statement.asked || under_way(engine, statement.asked)) return;
  ++compared_;
  std::string found = difference(statement, engine);
  if (found.empty()) {
    equal_ = true;
    equal_at_ = statement.asked;
    different_ = 0;
    why_.clear();
    return;
  }
  why_ = std::move(found);
  if (++different_ >= 2) equal_ = false;
}

}  // namespace voltage::app::live
