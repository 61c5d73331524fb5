#include "app/books/rebuild.hpp"

#include <algorithm>
#include <deque>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::app::books {
namespace {

namespace kalshi = venue::kalshi;

struct Made {
  ledger::Ledger ledger{Money{}};
  std::vector<std::string> tickers;
};

std::optional<event::Outcome> outcome_of(kalshi::MarketResult r) {
  if (r == kalshi::MarketResult::yes) return event::Outcome::yes;
  if (r == kalshi::MarketResult::no) return event::Outcome::no;
  return std::nullopt;
}

Result<Made> make(const VenueHistory& h, const std::function<bool(const kalshi::Fill&)>& wanted) {
  Made made;
  ledger::Ledger::Changes ignored;
  std::map<std::string, event::ContractId> ids;
  for (const auto& f : h.fills) {
    if (!wanted(f)) continue;
    const auto [entry, fresh] =
        ids.try_emplace(f.ticker, event::ContractId{static_cast<std::uint32_t>(made.tickers.size())});
    if (fresh) made.tickers.push_back(f.ticker);
    const event::FillSeen fill{{}, f.trade_id, entry->second, f.side, f.price, f.qty, f.fee, !f.taker};
    if (made.ledger.on(fill, ignored) != ledger::FillVerdict::applied)
      return fail("fill " + f.trade_id + " of " + f.ticker + " can't be true");
  }
  for (const auto& s : h.settlements) {
    const auto id = ids.find(s.ticker);
    const auto outcome = outcome_of(s.result);
    if (id == ids.end()) continue;
    if (!outcome) return fail(s.ticker + ": settled to neither YES nor NO; look at it by hand");
    made.ledger.on(event::Settled{id->second, *outcome, std::nullopt}, ignored);
  }
  return made;
}

}  // namespace

std::vector<Line> lines_of(const ledger::Ledger& ledger, const std::vector<std::string>& tickers) {
  std::vector<Line> out;
  for (std::size_t i = 0; i < tickers.size(); ++i) {
    const auto& p = ledger.position({static_cast<std::uint32_t>(i)});
    if (!p.traded()) continue;
    out.push_back({tickers[i], p.outcome ? Qty{} : p.net(), p.flow, p.fees, p.realised(), p.outcome.has_value()});
  }
  std::sort(out.begin(), out.end(), [](const Line& a, const Line& b) { return a.ticker < b.ticker; });
  return out;
}

std::vector<std::string> compare(const std::vector<Line>& old, const std::vector<Line>& now) {
  std::vector<std::string> out;
  for (const Line& was : old) {
    const auto is = std::find_if(now.begin(), now.end(), [&](const Line& l) { return l.ticker == was.ticker; });
    if (is == now.end()) {
      out.push_back(was.ticker + ": not at the venue");
    } else if (!(*is == was)) {
      out.push_back(fmt::format(
          "{}: held {} flow {} fees {} realised {}{}, the venue says held {} flow {} fees {} realised {}{}", was.ticker,
          format_qty(was.held), format_money(was.flow), format_money(was.fees), format_money(was.realised),
          was.settled ? " settled" : "", format_qty(is->held), format_money(is->flow), format_money(is->fees),
          format_money(is->realised), is->settled ? " settled" : ""));
    }
  }
  return out;
}

Result<Books> rebuild(const VenueHistory& h, const kalshi::Ownership& ownership) {
  const auto is_ours = [&](const kalshi::Fill& f) { return ownership.ours(f.client_order_id); };
  const auto ours = make(h, is_ours);
  if (!ours) return tl::unexpected(ours.error());
  const auto all = make(h, [](const kalshi::Fill&) { return true; });
  if (!all) return tl::unexpected(all.error());
  Books out;
  out.ours = lines_of(ours->ledger, ours->tickers);
  out.fees = ours->ledger.fees();
  out.realised = ours->ledger.realised();
  out.flow = ours->ledger.cash();
  out.fills = std::count_if(h.fills.begin(), h.fills.end(), is_ours);
  out.foreign_fills = static_cast<std::int64_t>(h.fills.size()) - out.fills;
  std::map<std::string, Qty> theirs;
  for (const auto& p : h.positions) theirs[p.ticker] = p.qty;
  for (const auto& line : lines_of(all->ledger, all->tickers)) {
    const Qty there = theirs[line.ticker];
    theirs.erase(line.ticker);
    if (there != line.held)
      out.differences.push_back(fmt::format("{}: the fills make {}, the venue holds {}", line.ticker,
                                            format_qty(line.held), format_qty(there)));
  }
  for (const auto& [ticker, qty] : theirs) {
    if (qty.centis != 0)
      out.differences.push_back(ticker + ": the venue holds " + format_qty(qty) + ", and no fill says how");
  }
  return out;
}

namespace {

// What is left of a fill: bought YES (bid) or NO (ask) at `each`, with its share of the fee.
struct Lot {
  Time at{};
  Side side{};
  Price each;
  Qty left;
  Money fee;  // of what is left
};

Money take_fee(Lot& lot, Qty part) {
  const Money share = part == lot.left ? lot.fee : Money{lot.fee.micros * part.centis / lot.left.centis};
  lot.fee -= share;
  lot.left -= part;
  return share;
}

void row(std::string& out, const std::string& ticker, const Lot& lot, Time at, Qty qty, Price proceeds_each, Money fees,
         const char* how) {
  const Money cost = lot.each * qty, proceeds = proceeds_each * qty;
  out += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", format_iso(at), format_iso(lot.at), ticker,
                     lot.side == Side::bid ? "YES" : "NO", format_qty(qty), format_money(cost), format_money(proceeds),
                     format_money(fees), format_money(proceeds - cost - fees), how);
}

}  // namespace

std::string tax_csv(const VenueHistory& h, const kalshi::Ownership& ownership) {
  std::string out = "disposed_utc,acquired_utc,contract,side,quantity,cost,proceeds,fees,gain,how\n";
  std::map<std::string, std::deque<Lot>> lots;
  for (const auto& f : h.fills) {
    if (!ownership.ours(f.client_order_id)) continue;
    auto& queue = lots[f.ticker];
    const Time at = f.at.value_or(Time{});
    Lot fresh{at, f.side, f.side == Side::bid ? f.price : f.price.complement(), f.qty, f.fee};
    while (fresh.left.centis > 0 && !queue.empty() && queue.front().side != f.side) {
      Lot& old = queue.front();
      const Qty part = min(old.left, fresh.left);
      const Lot before = old;
      const Money fees = take_fee(old, part) + take_fee(fresh, part);
      // YES and NO make a dollar: what is sold brings a dollar less the price of the other side.
      row(out, f.ticker, before, at, part, fresh.each.complement(), fees, "closed");
      if (old.left.centis == 0) queue.pop_front();
    }
    if (fresh.left.centis > 0) queue.push_back(fresh);
  }
  for (const auto& s : h.settlements) {
    const auto outcome = outcome_of(s.result);
    const auto found = lots.find(s.ticker);
    if (!outcome || found == lots.end()) continue;
    for (Lot& lot : found->second) {
      const bool won = (lot.side == Side::bid) == (*outcome == event::Outcome::yes);
      const Lot before = lot;
      const Qty qty = lot.left;
      row(out, s.ticker, before, s.at, qty, Price{won ? Price::kOne : 0}, take_fee(lot, qty), "settled");
    }
    lots.erase(found);
  }
  return out;
}

}  // namespace voltage::app::books
