#pragma once
// Evidence as a run makes it: of each contract that was traded and has settled, the net dollars a contract and the
// markout to the mid a minute after each fill, into the gate of its series (strategy and contract type). What
// earlier runs saw comes first. One contract counts once: an amended outcome does not count again.
#include <map>
#include <span>
#include <string>
#include <vector>

#include "event/event.hpp"
#include "market/books.hpp"
#include "risk/evidence.hpp"

namespace voltage::risk {

struct Observation {
  std::string series;
  double net{}, markout{};  // dollars a contract
};

class EvidenceBook {
 public:
  explicit EvidenceBook(std::span<const Observation> before, const EvidenceRules& rules = {});

  void on_fill(Time now, const event::FillSeen& fill);
  void pass_time(Time now, const market::Books& books);
  // flow: every cash change of the contract, its payout and fees in.
  void settle(const market::Contract& contract, Money flow);

  // The highest rung that the series may stand on.
  Rung allowed(const std::string& series) const;
  const EvidenceGate& gate(const std::string& series) const;
  // Made by this run, in the order of settlement.
  const std::vector<Observation>& observations() const { return made_; }

 private:
  struct Waiting {
    Time due{};
    event::ContractId contract{};
    double side{}, price{}, contracts{};
  };
  struct Traded {
    double contracts{}, marked{}, markout{};  // markout: dollars, of `marked` contracts
    bool settled{false};
  };
  void count(const Observation& o);

  EvidenceRules rules_;
  EvidenceGate none_;
  std::map<std::string, EvidenceGate> gates_;
  std::vector<Waiting> waiting_;
  std::map<event::ContractId, Traded> traded_;
  std::vector<Observation> made_;
};

}  // namespace voltage::risk
