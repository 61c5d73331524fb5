#include "app/live/reconciler.hpp"

#include <fmt/format.h>

#include "base/decimal.hpp"

namespace voltage::app::live {
namespace {

std::optional<std::map<std::int32_t, Money>> cash_by_shard(const venue::kalshi::Statement& statement) {
  if (!statement.reserved_on) return std::nullopt;
  std::map<std::int32_t, Money> out;
  for (const auto& [shard, money] : statement.cash) out[static_cast<std::int32_t>(shard)] += money;
  for (const auto& [shard, money] : *statement.reserved_on) out[static_cast<std::int32_t>(shard)] += money;
  return out;
}

}  // namespace

Comparison comparison_of(const venue::kalshi::Statement& statement, const engine::Engine& engine) {
  Comparison out{.asked = statement.asked, .lists_read = statement.moves.has_value()};
  out.on_shard = cash_by_shard(statement);
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
      out.paying |= venue.centis != 0;
      if (venue.centis == 0 || !wins) continue;
      const Money due = Price{Price::kOne} * Qty{std::abs(venue.centis)};
      to_come += due;
      if (contract.exchange_index < 0) out.on_shard.reset();
      if (out.on_shard) (*out.on_shard)[contract.exchange_index] += due;
    } else if (venue != ours.net()) {
      out.what =
          fmt::format("{}: we hold {}, the venue says {}", contract.ticker, format_qty(ours.net()), format_qty(venue));
      return out;
    }
  }
  if (!theirs.empty()) {
    out.what = fmt::format("the venue has {} of {}, which we do not follow", format_qty(theirs.begin()->second),
                           theirs.begin()->first);
    return out;
  }
  const Money cash = statement.total_cash() + to_come, ours = engine.ledger().cash();
  if (cash == ours) return out;
  out.cash = cash - ours;
  out.what = fmt::format(
      "cash: ours ${}, the venue's ${}; deposits, withdrawals and transfers are looked for and booked by themselves, "
      "interest and incentives up to unlisted_credit too, anything else is taken over by a new start",
      format_money(ours), format_money(cash));
  return out;
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

std::optional<Comparison> Reconciler::compare(const venue::kalshi::Statement& statement, const engine::Engine& engine) {
  if (moved_ >= statement.asked || under_way(engine, statement.asked)) return std::nullopt;
  ++compared_;
  auto found = comparison_of(statement, engine);
  why_ = found.what;
  if (why_.empty()) {
    equal_ = true;
    equal_at_ = statement.asked;
    different_ = 0;
  } else if (++different_ >= 2) {
    equal_ = false;
  }
  return found;
}

}  // namespace voltage::app::live
