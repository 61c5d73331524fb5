// The account as a run finds it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <set>
#include <sstream>
#include <thread>

#include "app/live/session.hpp"
#include "io/atomic_file.hpp"
#include "ledger/ledger.hpp"
#include "risk/gate.hpp"
#include "venue/kalshi/order_wire.hpp"
#include "venue/kalshi/ownership.hpp"
#include "venue/net/http.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

constexpr Duration kCancelTime = 20_s;  // for what an earlier run left: after it, a person must look
constexpr Duration kRecent = 600_s;     // longer than the window that a run asks for again and again
constexpr Duration kHeldBack = 720_h;   // how far back fills of open positions are asked for
constexpr int kReadsMax = 3;            // where a fill comes in between

kalshi::Ownership ownership_of(const LiveConfig& config) {
  return {config.prefix + "-", config.exclusive_account};
}

// Cancels ours until the venue lists none any more; `touch` false: only looks whose they are.
Status clean_up(kalshi::Account& account, const kalshi::Ownership& ownership, bool touch, Opening& opening) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds{kCancelTime.ns};
  std::string why;
  for (;;) {
    const auto resting = account.resting_orders();
    if (!resting) return fail(resting.error().message);
    opening.foreign.clear();
    bool any = false;
    for (const auto& order : *resting) {
      if (!ownership.ours(order.client_order_id)) {
        opening.foreign.push_back(order);
        continue;
      }
      if (!touch) continue;
      any = true;
      if (const auto done = account.cancel(order); !done)
        why = done.error().message;
      else
        ++opening.cancelled;
    }
    if (!any) return {};
    if (std::chrono::steady_clock::now() > until)
      return fail("orders of an earlier run still rest and can't be cancelled: " + why);
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
}

// The order groups that an earlier run noted as its own. The venue lists groups without an owner, so no other is
// touched. What can't be deleted is empty and harms nobody.
void delete_groups(kalshi::Account& account, const std::string& noted) {
  const auto text = io::read_file(noted);
  if (!text) return;
  std::istringstream lines{*text};
  std::string shard, id;
  while (lines >> shard >> id) {
    static_cast<void>(account.call("DELETE", std::string{kalshi::kGroups} + "/" + venue::net::percent_encoded(id) +
                                                 "?exchange_index=" + venue::net::percent_encoded(shard)));
  }
  std::error_code error;
  std::filesystem::remove(noted, error);
}

// What the fills of open positions did to the cash, as the ledger counts it.
Result<Money> flow_of(const std::vector<kalshi::Fill>& fills) {
  ledger::Ledger scratch{Money{}};
  ledger::Ledger::Changes ignored;
  std::map<std::string, std::uint32_t> ids;
  for (const auto& fill : fills) {
    const auto id = ids.try_emplace(fill.ticker, static_cast<std::uint32_t>(ids.size())).first->second;
    const auto verdict = scratch.on(
        event::FillSeen{{}, fill.trade_id, {id}, fill.side, fill.price, fill.qty, fill.fee, !fill.taker}, ignored);
    if (verdict != ledger::FillVerdict::applied)
      return fail("fill " + fill.trade_id + " of " + fill.ticker + " can't be true");
  }
  return scratch.cash();
}

// What is held, and the fills that made it. Names the market whose fills do not add up to what is held of it: a fill
// came in between, and it must be read again.
Result<std::string> read_held(kalshi::Account& account, Opening& out) {
  out.fills.clear();
  out.tickers.clear();
  const auto before = account.fills(account.clock().now() - account.clock().ours(kRecent));
  if (!before) return fail(before.error().message);
  for (const auto& fill : *before) out.trades.insert(fill.trade_id);
  auto statement = account.statement();
  if (!statement) return fail(statement.error().message);
  out.statement = std::move(*statement);
  for (const auto& [ticker, qty] : out.statement.positions) {
    auto fills = account.fills(account.clock().now() - kHeldBack, ticker);
    if (!fills) return fail(fills.error().message);
    std::reverse(fills->begin(), fills->end());
    Qty held;
    for (const auto& fill : *fills) {
      held += fill.side == Side::bid ? fill.qty : -fill.qty;
      out.trades.insert(fill.trade_id);
    }
    if (held != qty) return ticker;
    out.tickers.push_back(ticker);
    out.fills.insert(out.fills.end(), fills->begin(), fills->end());
  }
  return std::string{};
}

}  // namespace

Result<Opening> open_account(const LiveConfig& config, bool clean) {
  auto account = kalshi::Account::make(config.endpoints);
  if (!account) return fail(account.error().message);
  Opening out;
  auto limits = (*account)->limits();
  if (!limits) return fail(limits.error().message);
  out.limits = std::move(*limits);
  if (const auto looked = clean_up(**account, ownership_of(config), clean, out); !looked)
    return fail(looked.error().message);
  if (clean) delete_groups(**account, groups_file(config));
  for (int i = 0;; ++i) {
    const auto disputed = read_held(**account, out);
    if (!disputed) return fail(disputed.error().message);
    if (disputed->empty()) break;
    if (i == kReadsMax)
      return fail(*disputed +
                  ": the venue's fills do not add up to its position; start again in a moment, or close the "
                  "position by hand");
    std::this_thread::sleep_for(std::chrono::milliseconds{300 * (i + 1)});
  }
  if (!out.foreign.empty()) {
    const auto held = (*account)->all("/portfolio/positions?count_filter=position", &kalshi::decode_positions,
                                      &kalshi::HeldPositions::positions);
    if (!held) return tl::unexpected(held.error());
    out.foreign_reserved = kalshi::resting_collateral(out.foreign, *held);
  }
  const auto flow = flow_of(out.fills);
  if (!flow) return fail(flow.error().message);
  out.cash = out.statement.total_cash() - *flow;
  return out;
}

Result<Money> moved_since(const LiveConfig& config, Time since, const std::set<std::string>& known) {
  auto account = kalshi::Account::make(config.endpoints);
  if (!account) return fail(account.error().message);
  const auto moves = (*account)->cash_moves(since);
  if (!moves) return fail(moves.error().message);
  Money sum;
  for (const auto& move : *moves) {
    if (!known.contains(move.id)) sum += move.amount;
  }
  return sum;
}

Money loss_max_today(const LiveConfig& config, Money cash, const risk::Carried& losses) {
  risk::Gate gate{config.core.engine.limits, losses};
  const ledger::Ledger ledger{cash};
  gate.follow(losses.day < 0 ? Time{} : config.endpoints.clock.now(), ledger);
  return gate.loss_max_today(ledger);
}

Status read_fees(const venue::Endpoints& endpoints, venue::LiveRules& rules) {
  auto account = kalshi::Account::make(endpoints);
  if (!account) return fail(account.error().message);
  std::set<std::string> series{rules.series.begin(), rules.series.end()};
  for (const auto& ticker : rules.tickers) series.insert(ticker.substr(0, ticker.find('-')));
  for (const auto& name : series) {
    if (rules.fees.contains(name)) continue;
    const auto fees = (*account)->fees_of(name);
    if (!fees) return fail(fees.error().message);
    rules.fees[name] = *fees;
  }
  return {};
}

}  // namespace voltage::app::live
