#include "app/sim/order_path.hpp"

#include <functional>
#include <utility>

namespace voltage::app::sim {

using namespace literals;

namespace {

constexpr Duration kAnswerDeadline = 2_s;  // no answer by then: unknown

Duration seconds(double s) {
  return Duration{static_cast<std::int64_t>(s * 1e9)};
}

}  // namespace

OrderPath::OrderPath(const Canaries& canaries, std::uint64_t seed)
    : canaries_{canaries}, rng_{seed}, venue_{venue::sim::neutral()} {}

void OrderPath::submit(const event::OrderTerms& terms, Time now, const OrderFate& fate) {
  sent_[terms.order] = {fate, terms};
  if (fate.refused) {
    tell(now + 100_ms, event::OrderRefused{terms.order, "insufficient_balance"});
    return;
  }
  if (fate.request_lost || fate.answer_lost) {
    if (canaries_.lost_answer_is_refusal)
      tell(now + kAnswerDeadline, event::OrderRefused{terms.order, "timeout"});
    else
      tell(now + kAnswerDeadline, event::OrderUnknown{terms.order, "no answer in time"});
  }
  if (fate.request_lost) {
    if (!canaries_.lost_answer_is_refusal)
      tell(now + kAnswerDeadline + seconds(rng_.uniform(0.5, 20)), event::OrderRefused{terms.order, "not_found"});
    return;
  }
  venue_.submit(terms, now);
}

void OrderPath::forget() {
  due_ = {};
  cut_until_ = {};
}

// All orders here are immediate: by the time that a cancel arrives there is nothing left to cancel.
void OrderPath::cancel(event::OrderId order, Time now) {
  tell(now + 100_ms, event::CancelRefused{order, "not_found"});
}

void OrderPath::amend(const event::AmendTerms& terms, Time now) {
  tell(now + 100_ms, event::AmendRefused{terms.order, terms.revision, "not_found"});
}

std::optional<Time> OrderPath::next_due() const {
  std::optional<Time> due = venue_.next_due();
  if (!due_.empty() && (!due || due_.top().at <= *due)) due = due_.top().at;
  return due;
}

OrderPath::Step OrderPath::step() {
  Step out;
  const auto venue_due = venue_.next_due();
  if (!due_.empty() && (!venue_due || due_.top().at <= *venue_due)) {
    out.told = due_.top().what;
    due_.pop();
    return out;
  }
  const Time now = *venue_due;
  auto answer = venue_.step();
  if (!answer) return out;
  if (const auto* m = std::get_if<event::OrderAccepted>(&*answer)) {
    answered(now, *m, sent_.at(m->order));
  } else if (auto* fill = std::get_if<event::FillSeen>(&*answer)) {
    out.made.push_back(*fill);
    filled(now, *fill, sent_.at(fill->order));
  } else {
    tell(now, std::move(*answer));
  }
  return out;
}

void OrderPath::answered(Time at, const event::OrderAccepted& m, const Sent& sent) {
  if (sent.fate.answer_lost) {
    const Time found = at + kAnswerDeadline + seconds(rng_.uniform(0.5, 20));
    const auto status = m.filled == sent.terms.qty ? event::OrderStatus::executed : event::OrderStatus::canceled;
    tell(found, event::OrderUpdated{m.order, status, m.filled, Qty{}});
    return;
  }
  tell(sent.fate.fills_first ? at + 700_ms : at, m);
}

void OrderPath::filled(Time at, event::FillSeen fill, const Sent& sent) {
  Time known = at;
  if (sent.fate.fills_late) known = known + seconds(rng_.uniform(0.5, 40));
  // The private stream may know of a fill before the query answers, or the query finds it.
  if (sent.fate.answer_lost) known = known + seconds(rng_.uniform(0.1, 25));
  tell(known, fill);
  if (!sent.fate.fills_twice) return;
  if (canaries_.second_fill_is_new) fill.trade_id += "-again";
  tell(known + seconds(rng_.uniform(0, 5)), std::move(fill));
}

}  // namespace voltage::app::sim
