#pragma once
// Money that came without a trade and stands in none of the venue's lists: interest, an incentive. It is known by
// elimination: our books were found equal to the venue's, no fill and no settlement was heard since, positions are
// still equal, nothing decided waits to be paid, the lists of deposits, withdrawals and transfers were read, and the
// same credit is seen again and again. Then it is booked as what it is, neither profit nor mismatch.
//
// Never booked: a debit, and a credit above the limit. They may be an error of ours, and a person's word is needed.
#include <map>
#include <optional>
#include <string>

#include "event/event.hpp"

namespace voltage::app::live {

// One comparison of our books with a statement of the venue's.
struct Comparison {
  Time asked{};
  std::string what{};           // that differs, in words; empty: nothing
  std::optional<Money> cash{};  // theirs less ours, where nothing else differs
  bool paying{};                // the venue lists a decided contract still: paid or not, who knows
  bool lists_read{};            // of deposits and the like, before the cash
  // Theirs by shard, what rests and what is to be paid in it; absent: not all of it was told.
  std::optional<std::map<std::int32_t, Money>> on_shard{};
};

class UnlistedMoney {
 public:
  explicit UnlistedMoney(Money credit_max) : credit_max_{credit_max} {}

  // moved: the last fill or settlement that was heard. The result is to be booked, once.
  std::optional<event::CashMoved> look(const Comparison& c, Time moved);
  // Whether a listed move is a credit that was booked already, before the venue listed it. True once for each.
  bool was_booked(const event::CashMoved& listed);

 private:
  Money credit_max_;
  Time equal_{-1};  // the last comparison that found nothing
  Money seen_{};
  Time first_{};
  int times_{0};
  std::vector<Money> booked_;
};

}  // namespace voltage::app::live
