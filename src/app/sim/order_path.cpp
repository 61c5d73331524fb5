#include "app/sim/order_path.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "venue/kalshi/order_wire.hpp"

namespace voltage::app::sim {

using namespace literals;
namespace kalshi = venue::kalshi;

namespace {

constexpr const char* kPrefix = "voltage";
constexpr Duration kAnswerTimeout = 5_s;  // of the real gateway
constexpr Duration kTick = 250_ms;
constexpr Duration kPollEvery = 3_s;  // of the real watch over the account
constexpr Duration kPollBack = 60_s;
constexpr Duration kOneWay = 5_ms;

}  // namespace

std::optional<OurOrder> our_order(std::string_view client_id) {
  const std::string prefix = std::string{kPrefix} + "-";
  if (!client_id.starts_with(prefix)) return std::nullopt;
  client_id.remove_prefix(prefix.size());
  OurOrder out;
  const auto [end, error] = std::from_chars(client_id.data(), client_id.data() + client_id.size(), out.order);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view rest = client_id.substr(static_cast<std::size_t>(end - client_id.data()));
  if (rest.starts_with("-r")) std::from_chars(rest.data() + 2, rest.data() + rest.size(), out.revision);
  return out;
}

OrderPath::OrderPath(const Canaries& canaries, const risk::Limits& limits, std::uint64_t seed, Time start)
    : canaries_{canaries}, rng_{seed} {
  rules_.group_limit = Qty{limits.order_qty_max.centis * limits.orders_per_minute_max};
  this->start({}, start);
}

Duration OrderPath::some(double least, double most) {
  return Duration{static_cast<std::int64_t>(rng_.uniform(least, most) * 1e9)};
}

void OrderPath::later(Time at, What what, bool of_process) {
  due_.push({at, ++entries_, of_process ? life_ : 0, std::move(what)});
}

void OrderPath::know(const market::Contract& contract) {
  desk_->know(contract);
}

void OrderPath::die() {
  desk_.reset();
  ++life_;
}

void OrderPath::start(std::set<std::string> told, Time now) {
  desk_ = std::make_unique<kalshi::OrderDesk>(rules_, kPrefix);
  desk_->count_as_told(std::move(told));
  waiting_.clear();
  fills_asked_.came(now);
  later(now, Tick{});
  later(now, Poll{});
}

OrderPath::Sort OrderPath::sort_of(const venue::net::Request& r) {
  if (r.target.starts_with(kalshi::kGroups)) return Sort::other;
  if (r.method == "DELETE") return Sort::cancel;
  if (r.method != "POST") return Sort::other;
  return r.target.ends_with("/amend") ? Sort::amend : Sort::create;
}

// Every fault that is due and can befall such a request befalls the first one.
OrderPath::Fate OrderPath::fate_of(Sort sort, Time now) {
  Fate fate;
  std::erase_if(waiting_, [&](const Fault& f) {
    if (f.at > now) return false;
    const auto take = [&](Sort of, FaultKind kind, bool& what) {
      if (sort != of || f.kind != kind) return false;
      return what = true;
    };
    return take(Sort::create, FaultKind::request_lost, fate.request_lost) ||
           take(Sort::create, FaultKind::answer_lost, fate.answer_lost) ||
           take(Sort::create, FaultKind::refused, fate.refused) ||
           take(Sort::create, FaultKind::fills_first, fate.answer_late) ||
           take(Sort::amend, FaultKind::amend_lost, fate.request_lost) ||
           take(Sort::amend, FaultKind::amend_answer_lost, fate.answer_lost) ||
           take(Sort::amend, FaultKind::amend_refused, fate.refused) ||
           take(Sort::cancel, FaultKind::cancel_lost, fate.request_lost) ||
           take(Sort::cancel, FaultKind::cancel_answer_lost, fate.answer_lost) ||
           take(Sort::create, FaultKind::request_late, fate.late) ||
           take(Sort::amend, FaultKind::request_late, fate.late) ||
           take(Sort::cancel, FaultKind::too_many, fate.too_many) ||
           take(Sort::create, FaultKind::too_many, fate.too_many);
  });
  return fate;
}

void OrderPath::pump(Time now) {
  if (!desk_) return;
  for (auto& request : desk_->take_requests()) carry(std::move(request), now);
  for (auto& told : desk_->take_events()) later(now, std::move(told));
}

void OrderPath::carry(kalshi::DeskRequest asked, Time now) {
  const std::uint64_t id = ++last_request_;
  const Sort sort = sort_of(asked.request);
  Sent& sent = sent_[id] = {asked.number, sort, fate_of(sort, now)};
  Fate& fate = sent.fate;
  if (now < requests_back_) {
    // A connection that is refused, or one that swallows what it is given.
    const bool never_left = rng_.below(2) == 0;
    return later(now + some(0.05, 1.0), Lost{id, never_left});
  }
  if (fate.refused)
    return later(now + 100_ms, OrderVenue::Answer{id, 400, R"({"error":{"code":"insufficient_balance"}})"});
  if (fate.too_many)
    return later(now + 50_ms, OrderVenue::Answer{id, 429, R"({"error":{"code":"too_many_requests"}})"});
  if (fate.request_lost || fate.answer_lost || fate.late) {
    disturbed_ = std::max(disturbed_, now + kAnswerTimeout);
    // A renewal keeps the order's name.
    if (sort == Sort::amend && asked.request.body.find("updated_client_order_id") != std::string::npos) ++amends_cut_;
    const Duration until = rng_.below(2) == 0 ? kAnswerTimeout : some(0.05, 5.0);
    if (!fate.late || fate.request_lost) later(now + until, Lost{id, false});
  }
  if (fate.request_lost) return;
  Time arrives = now + kOneWay + some(0.0, 0.02);
  if (fate.late) {
    arrives = now + some(1.0, 8.0);
    disturbed_ = std::max(disturbed_, arrives);
    if (fate.answer_lost || arrives - now > kAnswerTimeout) later(now + kAnswerTimeout, Lost{id, false});
  }
  later(arrives, Arrives{id, std::move(asked.request)}, false);
}

void OrderPath::on(Arrives& m, Time now) {
  if (auto answer = venue_.receive(m.id, m.request, now)) later(now + kOneWay, std::move(*answer));
}

void OrderPath::on(OrderVenue::Answer& m, Time now) {
  const auto sent = sent_.extract(m.request);
  if (!sent.empty()) desk_->answered(sent.mapped().number, m.status, m.body, now);
}

void OrderPath::on(const Lost& m, Time now) {
  const auto sent = sent_.extract(m.id);
  if (sent.empty()) return;
  const auto& [number, sort, fate] = sent.mapped();
  const bool forgotten = (sort == Sort::create && canaries_.lost_answer_is_refusal) ||
                         (sort == Sort::amend && canaries_.lost_amend_is_refusal);
  if (m.never_left || forgotten) return desk_->not_sent(number, "timeout", now);
  desk_->lost(number, "no answer", now);
}

void OrderPath::on(const Tick&, Time now) {
  desk_->tick(now);
  later(now + kTick, Tick{});
}

// As the watch over the account asks: fills since the last answer and some before, and what rests.
void OrderPath::on(const Poll&, Time now) {
  later(now + kPollEvery, Poll{});
  if (now < requests_back_) return;
  Polled said{now, {}, {}};
  const Time back = canaries_.fills_of_a_minute ? now - kPollBack : fills_asked_.from(now, kPollBack);
  fills_asked_.came(now);
  for (auto f = fills_.rbegin(); f != fills_.rend() && *f->fill.at >= back; ++f) {
    if (f->listed <= now) said.fills.push_back(f->fill);
  }
  said.resting = venue_.resting();
  later(now + 30_ms, std::move(said));
}

void OrderPath::on(const Polled& m, Time now) {
  for (const auto& f : m.fills) desk_->on_fill(f);
  desk_->on_resting(m.resting, m.asked, now);
}

bool OrderPath::sweep(Time now) {
  if (now < requests_back_) return false;
  const kalshi::Ownership ownership{std::string{kPrefix} + "-"};
  bool none = true;
  for (const auto& order : venue_.resting()) {
    if (!ownership.ours(order.client_order_id)) continue;
    none = false;
    venue::net::Request request{
        "DELETE", fmt::format("{}/{}?exchange_index=0", kalshi::kOrders, order.order_id), "", {}};
    later(now + kOneWay, Arrives{++last_request_, std::move(request)}, false);
  }
  return none;
}

// The fills of a batch's orders share the fate of its first.
void OrderPath::fill(const kalshi::Fill& made, Time now) {
  kalshi::Fill told = made;
  told.at = now;
  bool late = false, twice = false;
  std::erase_if(waiting_, [&](const Fault& f) {
    if (f.at > now || (f.kind != FaultKind::fills_late && f.kind != FaultKind::fills_twice)) return false;
    (f.kind == FaultKind::fills_late ? late : twice) = true;
    return true;
  });
  const Time listed = late ? now + some(0.5, 40) : now;
  if (late) disturbed_ = std::max(disturbed_, listed);
  fills_.push_back({listed, told});
  if (now < stream_back_) return;
  later(listed + kOneWay, told);
  if (!twice) return;
  if (canaries_.second_fill_is_new) told.trade_id += "-again";
  later(listed + some(0, 5), std::move(told));
}

void OrderPath::hear(OrderVenue::Said said, Time now, Step& out) {
  if (said.answer) {
    const auto sent = sent_.find(said.answer->request);
    if (sent != sent_.end() && !sent->second.fate.answer_lost)
      later(now + (sent->second.fate.answer_late ? 700_ms : kOneWay), std::move(*said.answer));
  }
  if (said.order && now >= stream_back_) later(now + kOneWay, std::move(*said.order));
  if (!said.fill) return;
  const auto& f = *said.fill;
  const bool by_hand = !our_order(f.client_order_id);
  out.made.push_back({{{}, f.trade_id, said.contract, f.side, f.price, f.qty, f.fee, !f.taker}, by_hand});
  fill(f, now);
}

std::optional<Time> OrderPath::next_due() const {
  std::optional<Time> due = venue_.next_due();
  if (!due_.empty() && (!due || due_.top().at <= *due)) due = due_.top().at;
  return due;
}

OrderPath::Step OrderPath::step() {
  Step out;
  const auto venue_due = venue_.next_due();
  if (due_.empty() || (venue_due && *venue_due < due_.top().at)) {
    hear(venue_.step(), *venue_due, out);
    return out;
  }
  Due next = due_.top();
  due_.pop();
  if (next.life != 0 && (next.life != life_ || !desk_)) return out;
  if (auto* told = std::get_if<event::Payload>(&next.what)) {
    out.told = std::move(*told);
    return out;
  }
  std::visit([&](auto& m) { on(m, next.at); }, next.what);
  pump(next.at);
  return out;
}

}  // namespace voltage::app::sim
