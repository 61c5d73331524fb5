// How markets were decided: asked for after their close, and again until the venue calls the outcome final, since it
// may be amended until then.
#include "venue/kalshi/feed.hpp"
#include "venue/net/http.hpp"

namespace voltage::venue::kalshi {

void Feed::on_result(Tracked& t, const Market& m, Time now) {
  const bool decided = m.result == MarketResult::yes || m.result == MarketResult::no;
  if (!decided || now < t.contract.close) return;
  t.final = m.status == MarketStatus::finalized;
  if (t.settled && t.result == m.result) return;
  if (!t.settled) lose(t, "settled", now);
  t.settled = true;
  t.result = m.result;
  t.look_again_at = now + rules_.amend_poll;
  events_.push_back(event::Settled{
      t.contract.id, m.result == MarketResult::yes ? event::Outcome::yes : event::Outcome::no, m.expiration_value});
}

void Feed::ask_results(Time now) {
  const bool due = now >= settle_at_;
  if (due) settle_at_ = now + rules_.settle_poll;
  for (auto& [ticker, t] : tracked_) {
    const bool strikeless = !t.contract.strike.known() && now >= t.contract.open;
    const bool wanted = due && ((!t.settled && now >= t.contract.close) || strikeless);
    const bool again = t.settled && !t.final && now >= t.look_again_at && now < t.contract.close + rules_.amend_until;
    if (again) t.look_again_at = now + rules_.amend_poll;
    if (wanted || again) get("/markets/" + net::percent_encoded(ticker));
  }
}

// A run lasts for weeks: what can't change any more is let go. Markets that were asked for by name would be asked for
// again.
void Feed::forget_final(Time now) {
  std::erase_if(tracked_, [&](const auto& entry) {
    const auto& [ticker, t] = entry;
    const bool over = t.settled && (t.final || now >= t.contract.close + rules_.amend_until);
    if (!over || by_name(ticker)) return false;
    subscribed_.erase(ticker);
    return true;
  });
}

}  // namespace voltage::venue::kalshi
