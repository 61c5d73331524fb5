// What trading costs, while it changes: an event's own fees come on the stream, those of a series only where they are
// asked for. Both are read again and again, and after every reconnection.
#include <fmt/format.h>

#include "venue/kalshi/feed.hpp"
#include "venue/kalshi/portfolio.hpp"
#include "venue/net/http.hpp"

namespace voltage::venue::kalshi {

// An event's own fees stand before those of its series, until they are cleared.
market::FeeTerms Feed::fees_of(const std::string& event, std::string_view series) const {
  const auto found = rules_.fees_of_series.find(std::string{series});
  market::FeeTerms out = found == rules_.fees_of_series.end() ? rules_.fees : found->second;
  const auto override = fee_overrides_.find(event);
  if (override == fee_overrides_.end()) return out;
  if (!override->second.fee_type.empty()) out.type = fee_type(override->second.fee_type);
  if (override->second.multiplier_e6) out.multiplier_e6 = *override->second.multiplier_e6;
  return out;
}

void Feed::apply_fees() {
  for (auto& [ticker, t] : tracked_) {
    const auto fees = fees_of(t.contract.event, t.contract.series);
    if (fees == t.contract.fees || t.settled) continue;
    t.contract.fees = fees;
    events_.push_back(event::ContractSeen{t.contract});
  }
}

void Feed::on_fees(const FeeUpdate& m, Time now) {
  fee_overrides_[m.event_ticker] = m;
  fees_told_at_[m.event_ticker] = now;
  apply_fees();
}

// Only of series whose fees were read before the start: what is not known there is the caller's to assume.
void Feed::ask_fees(Time now) {
  if (!series_fees_at_) series_fees_at_ = now + rules_.fees_every;
  const bool series_due = now >= *series_fees_at_;
  if (!series_due && now < event_fees_at_) return;
  event_fees_at_ = now + rules_.fees_every;
  if (series_due) series_fees_at_ = now + rules_.fees_every;
  for (const auto& [series, terms] : rules_.fees_of_series) {
    const auto name = net::percent_encoded(series);
    if (series_due) get("/series/" + name, {series, false, now});
    for (const char* status : {"open", "unopened"})
      get(fmt::format("/events?status={}&limit=200&series_ticker={}", status, name), {series, true, now});
  }
}

void Feed::answered_fees(const std::string& series, bool of_events, std::string_view body, Time asked) {
  if (!of_events) {
    const auto terms = decode_fee_terms(body);
    if (!terms) {
      ++undecodable_;
      return;
    }
    rules_.fees_of_series[series] = *terms;
    return apply_fees();
  }
  const auto listed = decode_event_fees(body);
  if (!listed) {
    ++undecodable_;
    return;
  }
  for (const auto& event : listed->events) {
    // What the stream said since is newer than this answer.
    const auto told = fees_told_at_.find(event.event_ticker);
    if (told == fees_told_at_.end() || told->second < asked) fee_overrides_[event.event_ticker] = event;
  }
  apply_fees();
}

}  // namespace voltage::venue::kalshi
