// What became of each request: the answers' half of the order desk.
#include <algorithm>

#include <fmt/format.h>

#include "venue/kalshi/order_desk.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr std::int64_t kListBack = 120;  // seconds before the sending from which orders are listed

}  // namespace

void OrderDesk::answered(std::uint64_t number, int status, std::string_view body, Time now) {
  const auto landed = land(number);
  if (!landed) return;
  const Flight& flight = *landed;
  if (flight.orders.empty()) return on_group(flight, status, body, now);
  if (flight.batch) return on_batch(flight, status, body, now);
  const auto id = flight.orders[0];
  Ours& ours = orders_.at(id);
  switch (flight.kind) {
    case Kind::create:
      return on_create(ours, id, status, body, now);
    case Kind::cancel:
      return on_cancel(ours, id, status, body, now);
    case Kind::renew:
      // Refused or not readable: the order ends at its old time, and the streams tell it.
      if (status == 200) ours.expires = ours.renewed_to;
      if (status != 200 && !refuses(status)) ours.renewal_open_until = now + rules_.absent_after;
      return after_renewal(ours, id, now);
    case Kind::amend:
      return on_amend(ours, id, status, body, now);
    default:
      return on_list(ours, id, status, body, now);
  }
}

void OrderDesk::not_sent(std::uint64_t number, const std::string& why, Time now) {
  const auto landed = land(number);
  if (!landed) return;
  const Flight& flight = *landed;
  if (flight.orders.empty()) return group_unanswered(flight, why, now);
  for (const auto id : flight.orders) {
    Ours& ours = orders_.at(id);
    if (flight.kind == Kind::create) {
      ours.state = State::done;
      events_.push_back(event::OrderRefused{id, "not sent: " + why});
    } else if (flight.kind == Kind::cancel) {
      cancel_again(ours, now);
    } else if (flight.kind == Kind::renew) {
      after_renewal(ours, id, now);
    } else if (flight.kind == Kind::amend) {
      not_amended(ours, id, "not sent: " + why);
    } else {
      ask_later(ours, now);
    }
  }
}

void OrderDesk::lost(std::uint64_t number, const std::string& why, Time now) {
  const auto landed = land(number);
  if (!landed) return;
  const Flight& flight = *landed;
  if (flight.orders.empty()) return group_unanswered(flight, why, now);
  for (const auto id : flight.orders) {
    Ours& ours = orders_.at(id);
    if (flight.kind == Kind::cancel) ours.cancel_out = false;
    if (flight.kind == Kind::create || flight.kind == Kind::cancel) {
      doubt(ours, id, why, now);
    } else if (flight.kind == Kind::renew) {
      // Said again in a moment: the same words twice change nothing. After an amend they would: so none goes out.
      ours.renewal_open_until = now + rules_.absent_after;
      after_renewal(ours, id, now);
    } else if (flight.kind == Kind::amend) {
      doubt_amend(ours, id, why, now);
    } else {
      ask_later(ours, now);
    }
  }
}

void OrderDesk::on_batch(const Flight& flight, int status, std::string_view body, Time now) {
  const bool create = flight.kind == Kind::create;
  const bool done = status == 200 || status == 201;
  const auto entries = done ? decode_batch_answer(body) : Result<std::vector<OrderAnswer>>{fail("")};
  for (const auto id : flight.orders) {
    Ours& ours = orders_.at(id);
    if (!done) {  // one word for all of them
      create ? on_create(ours, id, status, body, now) : on_cancel(ours, id, status, body, now);
      continue;
    }
    const OrderAnswer* mine = nullptr;
    for (std::size_t i = 0; entries && i < entries->size(); ++i) {
      const OrderAnswer& e = (*entries)[i];
      if (create ? e.client_order_id == client_id(id) : e.order_id == ours.venue_id) mine = &e;
    }
    if (!create) ours.cancel_out = false;
    if (mine == nullptr) {
      doubt(ours, id, "the batch's answer does not speak of it", now);
    } else if (!mine->error) {
      create ? created(ours, id, *mine, now) : cancelled(ours, id, *mine, now);
    } else if (!refuses(*mine->error) || (!create && mine->error->code == "not_found")) {
      doubt(ours, id, mine->error->code, now);
    } else if (create) {
      ours.state = State::done;
      events_.push_back(event::OrderRefused{id, mine->error->code + " " + mine->error->details});
    } else {
      cancel_refused(ours, id, mine->error->code, now);
    }
  }
}

void OrderDesk::doubt(Ours& ours, event::OrderId id, const std::string& why, Time now) {
  if (ours.state == State::done) return;
  if (ours.state != State::unknown) events_.push_back(event::OrderUnknown{id, why});
  ours.state = State::unknown;
  ours.absent = 0;
  ask(id, ours, now);
}

void OrderDesk::ask(event::OrderId id, Ours& ours, Time now) {
  if (ours.asking) return;
  ours.asking = true;
  ours.look_at = now + rules_.look_again;
  if (!ours.venue_id.empty()) {
    send({Kind::read, {id}}, {"GET", "/portfolio/orders/" + ours.venue_id, "", {}});
    return;
  }
  // There is no filter by client_order_id: list the contract's recent orders and look for ours.
  const auto& contract = contracts_.at(ours.terms.contract);
  send({Kind::list, {id}},
       {"GET",
        fmt::format("/portfolio/orders?ticker={}&limit=1000&min_ts={}", net::percent_encoded(contract.ticker),
                    ours.sent.ns / 1'000'000'000 - kListBack),
        "",
        {}});
}

void OrderDesk::ask_later(Ours& ours, Time now) {
  ours.asking = false;
  ours.look_at = now + rules_.look_again;
}

void OrderDesk::on_create(Ours& ours, event::OrderId id, int status, std::string_view body, Time now) {
  if (refuses(status)) {
    ours.state = State::done;
    return events_.push_back(event::OrderRefused{id, code_of(status, body)});
  }
  // 409: an order of this name exists. It is ours and nobody else's: find it.
  if (status != 201) return doubt(ours, id, code_of(status, body), now);
  const auto answer = decode_order_answer(body);
  if (!answer) return doubt(ours, id, "accepted, but the answer can't be read", now);
  created(ours, id, *answer, now);
}

void OrderDesk::created(Ours& ours, event::OrderId id, const OrderAnswer& answer, Time now) {
  if (answer.order_id.empty() || !answer.filled || !answer.remaining)
    return doubt(ours, id, "accepted, but the answer can't be read", now);
  ours.venue_id = answer.order_id;
  by_venue_id_[answer.order_id] = id;
  ours.state = answer.remaining->centis > 0 ? State::live : State::done;
  events_.push_back(event::OrderAccepted{id, answer.order_id, *answer.filled, *answer.remaining});
  if (const auto early = std::exchange(ours.early, {})) on_order(*early);
  if (ours.cancelling && ours.state == State::live) cancel(id, now);
}

void OrderDesk::on_cancel(Ours& ours, event::OrderId id, int status, std::string_view body, Time now) {
  ours.cancel_out = false;
  if (status == 200) {
    const auto answer = decode_order_answer(body);
    if (!answer) return doubt(ours, id, "cancelled, but the answer can't be read", now);
    return cancelled(ours, id, *answer, now);
  }
  if (status == 429) return cancel_again(ours, now);
  // 404 can be an order that was filled a moment ago: the order itself knows.
  if (status == 404) return doubt(ours, id, "cancel: " + code_of(status, body), now);
  if (refuses(status)) return cancel_refused(ours, id, code_of(status, body), now);
  doubt(ours, id, "cancel: " + code_of(status, body), now);
}

void OrderDesk::cancelled(Ours& ours, event::OrderId id, const OrderAnswer& answer, Time now) {
  if (!answer.reduced) return doubt(ours, id, "cancelled, but the answer can't be read", now);
  ours.state = State::done;
  events_.push_back(event::CancelDone{id, *answer.reduced});
}

// The no was said to the request: the order still rests, and goes on being cancelled until its end is known.
void OrderDesk::cancel_refused(Ours& ours, event::OrderId id, std::string code, Time now) {
  events_.push_back(event::CancelRefused{id, std::move(code)});
  cancel_again(ours, now);
}

// Nothing was done, and the order must go.
void OrderDesk::cancel_again(Ours& ours, Time now) {
  ours.cancel_out = false;
  ours.cancel_at = now + rules_.look_again;
}

void OrderDesk::found(Ours& ours, event::OrderId id, const Order& order) {
  const bool was_placed = !ours.venue_id.empty();
  ours.venue_id = order.order_id;
  by_venue_id_[order.order_id] = id;
  ours.state = order.state == OrderState::resting ? State::live : State::done;
  if (!was_placed) events_.push_back(event::OrderAccepted{id, order.order_id, order.filled, order.remaining});
  see_amend(ours, id, order);
  if (ours.cancelling && ours.state == State::live) ours.cancel_at = Time{};  // at the next tick
  if (was_placed || ours.state == State::done) {
    events_.push_back(event::OrderUpdated{id, status_of(order.state), order.filled, order.remaining});
  }
}

void OrderDesk::on_list(Ours& ours, event::OrderId id, int status, std::string_view body, Time now) {
  ours.asking = false;
  if (ours.state != State::unknown && !ours.amend_unknown()) return;
  const auto root = status == 200 ? document_.parse(body) : Result<JsonValue>{fail("")};
  const auto object = root ? decode_rest(*root, counts_) : Result<RestObject>{fail("")};
  const auto* orders = object ? std::get_if<RestOrders>(&*object) : nullptr;
  if (orders == nullptr) return ask_later(ours, now);
  for (const auto& order : orders->orders) {
    if (order.state == OrderState::unknown || ours_of(order.client_order_id, order.order_id) != id) continue;
    found(ours, id, order);
    if (!ours.amend_unknown()) return;
    // The order as it was: reads lag the engine, so this too counts only after a while, and only twice.
    ask_later(ours, now);
    if (++ours.amend->as_before >= 2 && now - ours.amend->sent >= rules_.absent_after)
      not_amended(ours, id, "the venue does not have it");
    return;
  }
  ask_later(ours, now);
  if (ours.state != State::unknown) return;
  // Reads lag the engine: absence counts only after a while, and only twice.
  if (++ours.absent >= 2 && now - ours.sent >= rules_.absent_after && orders->cursor.empty()) {
    ours.state = State::done;
    events_.push_back(event::OrderRefused{id, "the venue does not have it"});
  }
}

}  // namespace voltage::venue::kalshi
