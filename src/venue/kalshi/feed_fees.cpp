// What trading costs, while it changes: an event's own fees come on the stream; those of a series are announced and
// asked for. All are read again and again, and after every reconnection.
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
  charge_scheduled(now);
  if (!series_fees_at_) series_fees_at_ = now + rules_.fees_every;
  const bool series_due = now >= *series_fees_at_;
  if (!series_due && now < event_fees_at_) return;
  event_fees_at_ = now + rules_.fees_every;
  if (series_due) series_fees_at_ = now + rules_.fees_every;
  using For = Asked::For;
  for (const auto& [series, terms] : rules_.fees_of_series) {
    const auto name = net::percent_encoded(series);
    if (series_due) get("/series/" + name, {For::series_fees, series, now});
    get("/series/fee_changes?series_ticker=" + name, {For::fee_schedule, series, now});
    for (const char* status : {"open", "unopened"})
      get(fmt::format("/events?status={}&limit=200&series_ticker={}", status, name), {For::event_fees, series, now});
  }
}

// What was announced is charged from its second on, whenever the series is asked next.
void Feed::charge_scheduled(Time now) {
  bool changed = false;
  for (auto& [series, ahead] : fees_ahead_) {
    for (; !ahead.empty() && ahead.begin()->first <= now; ahead.erase(ahead.begin())) {
      fees_charged_at_[series] = ahead.begin()->first;
      rules_.fees_of_series[series] = ahead.begin()->second;
      changed = true;
    }
  }
  if (changed) apply_fees();
}

void Feed::on_series_fees(const Asked& asked, std::string_view body) {
  const auto terms = decode_fee_terms(body);
  if (!terms) {
    ++undecodable_;
    return;
  }
  const auto charged = fees_charged_at_.find(asked.series);
  if (charged != fees_charged_at_.end() && asked.at < charged->second) return;  // what was before the change
  rules_.fees_of_series[asked.series] = *terms;
  apply_fees();
}

// The whole of what is ahead: a change that is no longer listed was called off.
void Feed::on_fee_schedule(const Asked& asked, std::string_view body) {
  const auto changes = decode_fee_schedule(body);
  if (!changes) {
    ++undecodable_;
    return;
  }
  auto& ahead = fees_ahead_[asked.series];
  ahead.clear();
  for (const auto& change : *changes) {
    if (change.series == asked.series && change.at > asked.at) ahead[change.at] = change.terms;
  }
}

void Feed::on_event_fees(const Asked& asked, std::string_view body) {
  const auto listed = decode_event_fees(body);
  if (!listed) {
    ++undecodable_;
    return;
  }
  for (const auto& event : listed->events) {
    // What the stream said since is newer than this answer.
    const auto told = fees_told_at_.find(event.event_ticker);
    if (told == fees_told_at_.end() || told->second < asked.at) fee_overrides_[event.event_ticker] = event;
  }
  apply_fees();
}

}  // namespace voltage::venue::kalshi
