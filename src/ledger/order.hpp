#pragma once
// One order of ours as the venue's messages describe it. Messages arrive late, twice and in any order, so
// the record only gathers evidence (sets, maxima, flags): every message commutes with every other and a
// second copy changes nothing. What the order is follows from all the evidence there is.
//
// An order ends by the venue's word alone: a refusal, a final status, a cancel that says how much it took
// away, or fills for all of it. Silence, a timeout or a dropped connection make it unknown, never gone.
// A final word whose fills have not all come leaves it `ending`: it rests no more, but its money is not
// settled. An order can be amended: each revision that we ask for is one more piece of evidence, answered or not, and
// until it is, the order may be filled as before or as the revision says. Evidence that contradicts itself raises
// `conflict`: the books then need the venue's own list.
#include <map>
#include <optional>
#include <string>
#include <vector>

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
  explicit Order(const event::OrderTerms& terms) : first_{terms}, terms_{terms} {}

  // Our own act, before anything that is said of it: revision 1, 2, … The one before is answered.
  void amend(const event::AmendTerms& terms);

  void on(const event::OrderAccepted& m);
  void on(const event::OrderRefused& m);
  void on(const event::OrderUnknown& m);
  void on(const event::OrderUpdated& m);
  void on(const event::FillSeen& m);
  void on(const event::CancelDone& m);
  void on(const event::CancelRefused& m);
  void on(const event::AmendDone& m);
  void on(const event::AmendRefused& m);

  // As the venue is known to have it: with the last revision that it said yes to.
  const event::OrderTerms& terms() const { return terms_; }
  OrderPhase phase() const;
  bool ended() const { return phase() == OrderPhase::done || phase() == OrderPhase::refused; }
  Qty filled() const;    // by fills seen
  Qty open_qty() const;  // what may still be filled at terms()
  // The revision without an answer; none: null. What may be filled as it says.
  const event::AmendTerms* pending() const;
  Qty pending_qty() const;
  std::uint32_t revisions() const { return static_cast<std::uint32_t>(revisions_.size()); }
  bool amend_refused() const;  // at least once
  // A cancel finds it: the venue spoke of it, and not of its end.
  bool cancellable() const { return seen_ && !refused_ && !ended(); }
  bool conflict() const;  // the evidence contradicts itself
  // The venue's own record must be asked for: the outcome is unknown, or a cancel was refused.
  bool needs_query() const;

 private:
  struct Revision {
    event::AmendTerms terms;
    bool done{false}, refused{false}, lost{false};
    bool answered() const { return done || refused; }
  };
  struct Totals {
    Qty least, most;
  };
  void ends_with(Qty filled_in_all);
  void follow_revisions();
  std::optional<Totals> totals() const;
  Qty ever_most() const;

  event::OrderTerms first_, terms_;
  std::vector<Revision> revisions_;
  bool seen_{false};  // the venue spoke of it
  bool refused_{false};
  bool answer_lost_{false};
  bool cancel_refused_{false};
  bool conflicting_fill_{false};
  Qty reported_{};                 // the most that the venue said was filled
  std::optional<Totals> total_;    // filled in all, by final words: they differ only in conflict
  std::optional<Totals> reduced_;  // by cancels: what they left unfilled
  std::map<std::string, Qty> fills_;
};

}  // namespace voltage::ledger
