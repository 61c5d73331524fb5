#include "app/backtest/record.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "base/decimal.hpp"

namespace voltage::app::backtest {
namespace {

using namespace literals;

std::string cell(double v, const char* format) {
  return std::isnan(v) ? std::string{} : fmt::format(fmt::runtime(format), v);
}

}  // namespace

PassRecorder::PassRecorder(const Tickers& tickers, const Core& core)
    : tickers_{tickers}, engine_{core.engine()}, flow_{core.engine()}, parts_{core} {
  pass_.quotes_csv = "ts_ms,market,seconds_left,yes_bid,yes_ask,fair,blend,strike\n";
  pass_.orders_csv = "ts_ms,market,order_id,side,limit,count,fair,blend,edge\n";
}

std::optional<double> PassRecorder::mid(event::ContractId id) const {
  const auto& listing = engine_.books().at(id);
  if (listing.trust != market::Trust::valid) return std::nullopt;
  return listing.book.mid();
}

void PassRecorder::record(const event::Event& e) {
  run_markouts(e.at);
  flow_.on(e);
  parts_.before(e);
  if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) {
    const std::size_t index = pass_.fills.size();
    pass_.fills.push_back({e.at, *fill, mid(fill->contract), {}, {}, {}});
    markouts_.push_back({e.at + 1_s, index, &FillRow::mid_1s});
    markouts_.push_back({e.at + 10_s, index, &FillRow::mid_10s});
    markouts_.push_back({e.at + 60_s, index, &FillRow::mid_60s});
  } else if (const auto* settled = std::get_if<event::Settled>(&e.what)) {
    pass_.settled[settled->contract] = settled->outcome;
  } else if (std::holds_alternative<event::OrderRefused>(e.what)) {
    ++pass_.refused;
  } else if (const auto* ready = std::get_if<event::ForecastReady>(&e.what)) {
    pass_.model_hash = ready->model_hash;
  }
}

void PassRecorder::run_markouts(Time now) {
  std::erase_if(markouts_, [&](const Markout& m) {
    if (m.due > now) return false;
    FillRow& row = pass_.fills[m.fill];
    row.*m.field = mid(row.fill.contract);
    return true;
  });
}

void PassRecorder::record(const event::Event& cause, const event::Effect& fx) {
  flow_.on(cause, fx);
  if (const auto* q = std::get_if<event::Quote>(&fx)) quote(cause.at, *q);
  if (const auto* o = std::get_if<event::PlaceOrder>(&fx)) order(cause.at, *o);
  if (const auto* d = std::get_if<event::Decision>(&fx); d != nullptr && d->order.v != 0) {
    pass_.orders_csv +=
        fmt::format("{},{},{}\n", cell(d->fair, "{:.6f}"), cell(d->blend, "{:.6f}"), cell(d->edge, "{:.6f}"));
  }
  if (const auto* c = std::get_if<event::CashChange>(&fx)) {
    pass_.cash.push_back(*c);
    pass_.equity.emplace_back(cause.at, engine_.ledger().equity_at_cost());
  }
}

void PassRecorder::quote(Time at, const event::Quote& q) {
  const auto& contract = engine_.books().at(q.contract).contract;
  const auto price = [](const std::optional<Price>& p) { return p ? format_price(*p) : std::string{}; };
  const auto& strike = contract.strike.floor;
  pass_.quotes_csv += fmt::format("{},{},{},{},{},{},{},{}\n", at.ms(), contract.ticker, std::llround(q.seconds_left),
                                  price(q.bid), price(q.ask), cell(q.fair, "{:.6f}"), cell(q.blend, "{:.6f}"),
                                  strike ? format_fixed(strike->e8 / 1'000'000, 2) : std::string{});
}

// The decision that follows in the same breath fills the rest of the line.
void PassRecorder::order(Time at, const event::PlaceOrder& o) {
  const auto& terms = o.terms();
  ++pass_.orders;
  if (engine_.books().at(terms.contract).trust != market::Trust::valid) ++pass_.crossed_decisions;
  pass_.orders_csv +=
      fmt::format("{},{},{},{},{},{},", at.ms(), tickers_.name(terms.contract), terms.order.v,
                  terms.side == Side::bid ? "bid" : "ask", format_price(terms.limit), format_qty(terms.qty));
}

Pass PassRecorder::take() {
  pass_.parts = parts_.settled();
  pass_.flow = flow_.rows();
  return std::move(pass_);
}

std::string fills_csv(const Pass& pass, const Tickers& tickers) {
  std::string out = "ts_ms,market,order_id,side,price,count,fee,maker\n";
  for (const auto& row : pass.fills) {
    out += fmt::format("{},{},{},{},{},{},{},{}\n", row.at.ms(), tickers.name(row.fill.contract), row.fill.order.v,
                       row.fill.side == Side::bid ? "bid" : "ask", format_price(row.fill.price),
                       format_qty(row.fill.qty), format_money(row.fill.fee), row.fill.maker ? 1 : 0);
  }
  return out;
}

}  // namespace voltage::app::backtest
