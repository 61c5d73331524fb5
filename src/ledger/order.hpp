#pragma once
// One order of ours as the venue's messages describe it. Messages arrive late, twice and in any order, so
// the record only gathers evidence (sets, maxima, flags): every message commutes with every other and a
// second copy changes nothing. What the order is follows from all the evidence there is.
//
// An order ends by the venue's word alone: a refusal, a final status, a cancel that says how much it took
// away, or fills for all of it. Silence, a timeout or a dropped connection make it unknown, never gone.
// A final word whose fills have not all come leaves it `ending`: it rests no more, but its money is not
// settled. Evidence that contradicts itself raises `conflict`: the books then need the venue's own list.
#include <map>
#include <optional>
#include <string>

#include "base/types.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage::ledger {

enum class OrderPhase : std::uint8_t {
  sent,     // no answer yet
  unknown,  // an answer was lost: it may or may not be there
  live,     // at the venue
  ending,   // ended at the venue, fills still to come
  done,     // ended, every fill known
  refused,  // never was
};
const char* name(OrderPhase phase);

class Order {
 public:
  explicit Order(const event::OrderTerms& terms) : terms_{terms} {}

  void on(const event::OrderAccepted& m);
  void on(const event::OrderRefused& m);
  void on(const event::OrderUnknown& m);
  void on(const event::OrderUpdated& m);
  void on(const event::FillSeen& m);
  void on(const event::CancelDone& m);
  void on(const event::CancelRefused& m);

  const event::OrderTerms& terms() const { return terms_; }
  OrderPhase phase() const;
  bool ended() const { return phase() == OrderPhase::done || phase() == OrderPhase::refused; }
  Qty filled() const;     // by fills seen
  Qty open_qty() const;   // what may still be filled
  bool conflict() const;  // the evidence contradicts itself
  // The venue's own record must be asked for: the outcome is unknown, or a cancel was refused.
  bool needs_query() const;

 private:
  void ends_with(Qty filled_in_all);

  event::OrderTerms terms_;
  bool seen_{false};  // the venue spoke of it
  bool refused_{false};
  bool answer_lost_{false};
  bool cancel_refused_{false};
  bool conflicting_fill_{false};
  Qty reported_{};                  // the most that the venue said was filled
  std::optional<Qty> total_;        // filled in all, by a final word
  std::optional<Qty> total_least_;  // the least that a final word said: differs only in conflict
  std::map<std::string, Qty> fills_;
};

}  // namespace voltage::ledger
