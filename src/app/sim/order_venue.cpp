#include "app/sim/order_venue.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/json_writer.hpp"
#include "venue/kalshi/order_wire.hpp"

namespace voltage::app::sim {
namespace {

namespace kalshi = venue::kalshi;
using kalshi::OrderState;

constexpr const char* kForeign = "by-hand-order";

}  // namespace

OrderVenue::OrderVenue() : exchange_{venue::sim::neutral()} {}

void OrderVenue::observe(const event::Event& truth) {
  shut(truth.at);
  if (const auto* seen = std::get_if<event::ContractSeen>(&truth.what)) {
    const auto& contract = seen->contract;
    if (contracts_.empty()) {
      Record& foreign = orders_[++last_order_];
      auto& o = foreign.shown;
      o.order_id = kForeign;
      o.client_order_id = "by-hand";
      o.ticker = contract.ticker;
      o.state = OrderState::resting;
      o.price = Price{100};
      o.initial = o.remaining = Qty{500};
      foreign.contract = contract.id;
      resting_.insert(last_order_);
    }
    if (!contracts_.contains(contract.id)) closes_[contract.close].push_back(contract.id);
    contracts_[contract.id] = contract;
    by_ticker_[contract.ticker] = contract.id;
  }
  exchange_.observe(truth);
}

// A market that closes takes its orders with it.
void OrderVenue::shut(Time now) {
  while (!closes_.empty() && closes_.begin()->first <= now) {
    for (const std::uint64_t number : resting_) {
      Record& record = orders_.at(number);
      const auto& closed = closes_.begin()->second;
      if (record.shown.order_id == kForeign || std::find(closed.begin(), closed.end(), record.contract) == closed.end())
        continue;
      record.cancels.emplace_back(0, 0);
      exchange_.cancel({number}, now);
    }
    closes_.erase(closes_.begin());
  }
}

void OrderVenue::trade_by_hand(market::ContractId contract, Side side, Price price, Qty qty, Time now) {
  const auto found = contracts_.find(contract);
  if (found == contracts_.end()) return;
  Said said;
  auto& f = said.fill.emplace();
  f.trade_id = fmt::format("by-hand-{}", ++trades_by_hand_);
  f.order_id = "by-hand-taken";
  f.client_order_id = "by-hand-too";
  f.ticker = found->second.ticker;
  f.side = side;
  f.price = price;
  f.qty = qty;
  f.taker = true;
  said.contract = contract;
  by_hand_.emplace_back(now, std::move(said));
}

std::optional<Time> OrderVenue::next_due() const {
  auto due = exchange_.next_due();
  if (!by_hand_.empty() && (!due || by_hand_.front().first < *due)) due = by_hand_.front().first;
  return due;
}

OrderVenue::Said OrderVenue::step() {
  const auto due = exchange_.next_due();
  if (!by_hand_.empty() && (!due || by_hand_.front().first < *due)) {
    Said said = std::move(by_hand_.front().second);
    by_hand_.pop_front();
    return said;
  }
  const auto said = exchange_.step();
  return said ? on(*said) : Said{};
}

std::vector<kalshi::Order> OrderVenue::resting() const {
  std::vector<kalshi::Order> all;
  for (const std::uint64_t number : resting_) all.push_back(orders_.at(number).shown);
  return all;
}

void OrderVenue::told_again(Record& record, Qty filled, Qty remaining, OrderState state) {
  record.shown.filled = filled;
  record.shown.remaining = remaining;
  record.shown.state = state;
}

// What is said of one order in an answer.
std::string OrderVenue::part(const Record& record, std::optional<Qty> reduced) const {
  io::JsonWriter w;
  const auto& o = record.shown;
  w.begin_object().string("order_id", o.order_id).string("client_order_id", o.client_order_id);
  if (reduced)
    w.qty("reduced_by", *reduced);
  else
    w.qty("fill_count", o.filled).qty("remaining_count", o.remaining);
  return w.end_object().take();
}

OrderVenue::Answer OrderVenue::on(const event::AmendDone& m) {
  const Amended change = amended_.extract(m.revision).mapped();
  Record& record = orders_.at(m.order.v);
  record.shown.price = change.terms.limit;
  record.shown.initial = change.terms.qty;
  record.shown.expires = change.terms.expires;
  if (!change.client_id.empty()) record.shown.client_order_id = change.client_id;
  if (record.shown.state == OrderState::resting)
    told_again(record, record.shown.filled, change.terms.qty - record.shown.filled, OrderState::resting);
  return {change.request, 200, part(record, std::nullopt)};
}

// The engine did something: who asked for it is answered, and the account's stream tells it.
OrderVenue::Said OrderVenue::on(const event::Payload& payload) {
  Said said;
  const auto of = [this](event::OrderId id) -> Record& { return orders_.at(id.v); };
  const auto settle = [&](event::OrderId id) {
    if (of(id).shown.state != OrderState::resting) resting_.erase(id.v);
    said.order = of(id).shown;
  };
  const auto cancelled = [&](event::OrderId id, int status, const std::string& body) {
    const Entry entry = of(id).cancels.front();
    of(id).cancels.pop_front();
    if (entry.first != 0) said.answer = done(entry, status, body);
  };
  const auto created = [&](event::OrderId id, int status, const std::string& body) {
    const auto entry = creates_.extract(id.v);
    if (!entry.empty()) said.answer = done(entry.mapped(), status, body);
  };
  if (const auto* m = std::get_if<event::OrderAccepted>(&payload)) {
    Record& record = of(m->order);
    const auto state = record.immediate
                           ? (m->filled == record.shown.initial ? OrderState::executed : OrderState::canceled)
                           : OrderState::resting;
    told_again(record, m->filled, m->remaining, state);
    resting_.insert(m->order.v);
    settle(m->order);
    created(m->order, 201, part(record, std::nullopt));
  } else if (const auto* refused = std::get_if<event::OrderRefused>(&payload)) {
    created(refused->order, 400, fmt::format(R"({{"error":{{"code":"{}","message":"refused"}}}})", refused->code));
  } else if (const auto* fill = std::get_if<event::FillSeen>(&payload)) {
    Record& record = of(fill->order);
    const Qty filled = record.immediate ? record.shown.filled : record.shown.filled + fill->qty;
    if (!record.immediate) {
      const Qty remaining = record.shown.initial - filled;
      told_again(record, filled, remaining, remaining.centis > 0 ? record.shown.state : OrderState::executed);
      settle(fill->order);
    }
    said.fill = kalshi::Fill{fill->trade_id,
                             record.shown.order_id,
                             record.shown.client_order_id,
                             record.shown.ticker,
                             fill->side,
                             fill->price,
                             fill->qty,
                             fill->fee,
                             !fill->maker,
                             {},
                             {},
                             {}};
    said.contract = fill->contract;
  } else if (const auto* gone = std::get_if<event::CancelDone>(&payload)) {
    Record& record = of(gone->order);
    told_again(record, record.shown.initial - gone->reduced_by, Qty{}, OrderState::canceled);
    settle(gone->order);
    cancelled(gone->order, 200, part(record, gone->reduced_by));
  } else if (const auto* kept = std::get_if<event::CancelRefused>(&payload)) {
    cancelled(kept->order, 404, R"({"error":{"code":"not_found","message":"order not found"}})");
  } else if (const auto* updated = std::get_if<event::OrderUpdated>(&payload)) {
    told_again(of(updated->order), updated->filled, Qty{}, OrderState::canceled);
    settle(updated->order);
  } else if (const auto* amended = std::get_if<event::AmendDone>(&payload)) {
    said.answer = on(*amended);
    settle(amended->order);
  } else if (const auto* unchanged = std::get_if<event::AmendRefused>(&payload)) {
    const Amended change = amended_.extract(unchanged->revision).mapped();
    said.answer = Answer{change.request, unchanged->code == "not_found" ? 404 : 400,
                         fmt::format(R"({{"error":{{"code":"{}","message":"refused"}}}})", unchanged->code)};
  }
  return said;
}

}  // namespace voltage::app::sim
