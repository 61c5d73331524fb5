// Orders that rest and are changed: renewals of their end, and amends of their price and size. One at a time.
#include <algorithm>

#include <fmt/format.h>

#include "io/json_writer.hpp"
#include "venue/kalshi/order_desk.hpp"

namespace voltage::venue::kalshi {
namespace {

// Fewer of the same at the same price, and not over sooner than the venue has it: a decrease says that, which can't
// raise the risk whatever became of the order meanwhile, and keeps the place in the queue.
bool only_lowers(const event::OrderTerms& now, Time end_at_venue, const event::AmendTerms& wish) {
  return wish.limit == now.limit && wish.qty < now.qty && wish.expires >= end_at_venue;
}

}  // namespace

// The same order with a later end: count is what was filled and what rests, so a fill on the way changes nothing.
void OrderDesk::renew(event::OrderId id, Ours& ours, Time now) {
  if (!take_tokens(kCreateCost, rules_.cancel_reserve, now)) return;
  const auto& contract = contracts_.at(ours.terms.contract);
  ours.renewed_to = expiry(ours.terms, now);
  io::JsonWriter w;
  w.begin_object();
  write_amended(w, contract, ours.terms.side, ours.terms.limit, ours.terms.qty, ours.renewed_to);
  ours.renewing = true;
  send({Kind::renew, {id}}, {"POST", fmt::format("{}/{}/amend", kOrders, ours.venue_id), w.end_object().take(), {}});
}

void OrderDesk::after_renewal(Ours& ours, event::OrderId id, Time now) {
  ours.renewing = false;
  if (!ours.amend || ours.amend->state != Revision::State::waiting) return;
  if (now < ours.renewal_open_until) return not_amended(ours, id, "local: a renewal is without an answer");
  send_amend(id, ours, now);
}

void OrderDesk::amend(const event::AmendTerms& terms, Time now) {
  const auto refuse = [&](const char* why) {
    events_.push_back(event::AmendRefused{terms.order, terms.revision, std::string{"local: "} + why});
  };
  const auto found = orders_.find(terms.order);
  if (found == orders_.end()) return refuse("no such order");
  Ours& ours = found->second;
  if (ours.state != State::live || ours.cancelling) return refuse("the order is not resting");
  if (ours.amend) return refuse("another amend is on its way");
  if (now < ours.renewal_open_until) return refuse("a renewal is without an answer");
  if (!take_tokens(kCreateCost, rules_.cancel_reserve, now)) return refuse("rate limit, the rest is kept for cancels");
  ours.amend = Revision{.terms = terms};
  if (!ours.renewing) send_amend(terms.order, ours, now);
}

void OrderDesk::send_amend(event::OrderId id, Ours& ours, Time now) {
  Revision& r = *ours.amend;
  r.sent = now;
  r.state = Revision::State::sending;
  if (only_lowers(ours.terms, ours.expires, r.terms)) return send_decrease(id, ours);
  const std::string name = client_id(id, r.terms.revision);
  by_client_id_[name] = id;
  event::OrderTerms terms = ours.terms;
  terms.expires = r.terms.expires;
  r.expires = expiry(terms, now);
  io::JsonWriter w;
  w.begin_object();
  write_amended(w, contracts_.at(terms.contract), terms.side, r.terms.limit, r.terms.qty, r.expires);
  w.string("client_order_id", client_id(id, ours.revision)).string("updated_client_order_id", name);
  send({Kind::amend, {id}}, {"POST", fmt::format("{}/{}/amend", kOrders, ours.venue_id), w.end_object().take(), {}});
}

// By how much, not to how much: a fill on the way takes nothing away from what is meant in all.
void OrderDesk::send_decrease(event::OrderId id, Ours& ours) {
  const auto& contract = contracts_.at(ours.terms.contract);
  io::JsonWriter w;
  w.begin_object().qty("reduce_by", ours.terms.qty - ours.amend->terms.qty).string("market_ticker", contract.ticker);
  name_shard(w, contract);
  send({Kind::amend, {id}}, {"POST", fmt::format("{}/{}/decrease", kOrders, ours.venue_id), w.end_object().take(), {}});
}

void OrderDesk::on_amend(Ours& ours, event::OrderId id, int status, std::string_view body, Time now) {
  if (!ours.amend) return;  // a stream was quicker
  if (status == 200) {
    const auto answer = decode_order_answer(body);
    amended(ours, id);
    // Filled by the amend itself, or not readable: the order itself knows.
    if (!answer || (answer->remaining && answer->remaining->centis == 0)) doubt(ours, id, "amended, and gone", now);
    return;
  }
  if (!refuses(status)) return doubt_amend(ours, id, "amend: " + code_of(status, body), now);
  not_amended(ours, id, code_of(status, body));
  if (status == 404) doubt(ours, id, "amend: " + code_of(status, body), now);
}

void OrderDesk::amended(Ours& ours, event::OrderId id) {
  const Revision r = *ours.amend;
  ours.amend.reset();
  const bool lowered = only_lowers(ours.terms, ours.expires, r.terms);
  ours.terms.limit = r.terms.limit;
  ours.terms.qty = r.terms.qty;
  ours.terms.expires = r.terms.expires;
  if (!lowered) {  // a decrease leaves the name and the end as they were
    ours.revision = r.terms.revision;
    ours.expires = r.expires;
  }
  events_.push_back(event::AmendDone{id, r.terms.revision});
}

void OrderDesk::not_amended(Ours& ours, event::OrderId id, std::string code) {
  if (!ours.amend) return;
  events_.push_back(event::AmendRefused{id, ours.amend->terms.revision, std::move(code)});
  ours.amend.reset();
}

void OrderDesk::doubt_amend(Ours& ours, event::OrderId id, const std::string& why, Time now) {
  if (!ours.amend) return;
  ours.amend->state = Revision::State::unknown;
  events_.push_back(event::OrderUnknown{id, why, ours.amend->terms.revision});
  ask(id, ours, now);
}

// The order as the venue shows it: under the new name it has been amended, with the new number in all it has been
// decreased; one that has ended otherwise is past it.
void OrderDesk::see_amend(Ours& ours, event::OrderId id, const Order& order) {
  if (!ours.amend || ours.amend->state == Revision::State::waiting) return;
  const auto& wish = ours.amend->terms;
  const bool has_it = only_lowers(ours.terms, ours.expires, wish)
                          ? order.state != OrderState::canceled && order.filled + order.remaining == wish.qty
                          : order.client_order_id == client_id(id, wish.revision);
  if (has_it) return amended(ours, id);
  if (order.state != OrderState::resting && ours.amend_unknown()) not_amended(ours, id, "the order had ended");
}

}  // namespace voltage::venue::kalshi
