#pragma once
// Positions, cash and profit, to the micro-dollar. It believes fills (each trade id once) and settlements,
// nothing else: no order and no book is known here. Every change of cash is handed out as a CashChange
// with the balance after it, so start + Σ changes = cash at every moment.
//
// A fill on the bid side takes YES at its price; one on the ask side takes NO at one dollar minus it.
// YES and NO of one contract make a dollar together. When the venue gives that dollar back is the one
// thing not yet proven on a real account:
//   immediate      as soon as both are held (one signed position: what the venue's `position_fp` says)
//   at_settlement  not before the contract settles; both legs stay on the books
// Settlement is paid once; when the venue amends an outcome the difference is booked. A fill that arrives
// after its settlement is settled on the spot, so the order of messages does not matter.
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/types.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"
#include "ledger/exposure.hpp"
#include "market/contract.hpp"

namespace voltage::ledger {

using event::ContractId;

enum class Netting : std::uint8_t { immediate, at_settlement };

// `basis` is what was paid for the leg as it stands, fees apart (average cost; a part sold takes its
// share rounded down, the last part takes the rest).
struct Position {
  Qty yes, no;
  Money basis_yes, basis_no;
  Money netted;  // profit of pairs given back before settlement
  Money fees;
  Money flow;  // sum of all cash changes of this contract
  std::optional<event::Outcome> outcome;
  Money paid;  // by settlement

  Qty net() const { return yes - no; }
  Money basis() const { return basis_yes + basis_no; }
  bool held() const { return !outcome && (yes.centis != 0 || no.centis != 0); }
  bool traded() const { return flow.micros != 0 || yes.centis != 0 || no.centis != 0; }
  // Profit that no price can change any more, after fees.
  Money realised() const { return netted - fees + (outcome ? paid - basis() : Money{}); }
  // What the held legs are worth at a YES price beyond what they cost.
  Money unrealised(Price yes_price) const;
};

// Gives YES and NO held together back for a dollar a pair, the profit to `netted`; what was given back.
Money net_pairs(Position& position);

enum class FillVerdict : std::uint8_t {
  applied,
  duplicate,  // this trade id is on the books: nothing changed
  conflict,   // this trade id is on the books with other terms: nothing changed, someone is wrong
  invalid,    // a size, price or fee that no fill can have
};

class Ledger {
 public:
  using Changes = std::vector<event::CashChange>;

  explicit Ledger(Money cash, Netting netting = Netting::immediate);

  // The contract's settlement instant, strike and shard; again when a strike is published.
  void know(const market::Contract& contract);

  FillVerdict on(const event::FillSeen& fill, Changes& out);
  void on(const event::Settled& settled, Changes& out);
  // Cash that came or went without a trade: neither profit nor loss. Negative: it went.
  void on(const event::CashMoved& moved, Changes& out);
  void on(const event::CashPlaced& placed);

  Netting netting() const { return netting_; }
  Money start() const { return start_; }
  Money deposits() const { return deposits_; }
  Money cash() const { return cash_; }
  // What an order on this shard can use. All cash, until the venue said where it lies, and where a market's shard is
  // not known (negative); never more than there is.
  Money cash_on(std::int32_t shard) const;
  const std::map<std::int32_t, Money>& placed() const { return placed_; }  // by shard; empty: not told
  Money fees() const { return fees_; }
  Money realised() const;
  std::size_t fills() const { return trades_.size(); }

  const Position& position(ContractId id) const;  // all zero if never traded
  Qty net(ContractId id) const { return position(id).net(); }
  std::span<const Position> positions() const { return positions_; }  // index: ContractId::v

  // Held positions that settle at this instant: what they cost and what they can pay.
  std::vector<Holding> holdings(Time close) const;
  std::vector<Time> instants() const;  // ascending, those with a held position
  Money at_cost(Time close) const;
  // The most that the instant can still lose of what its positions cost; never negative.
  Money loss_max(Time close) const;
  // Cash and the least that all held positions can pay: what is left in the worst of all cases.
  Money equity_worst() const;
  // Cash and all held positions at what they cost.
  Money equity_at_cost() const;
  // Held contracts whose close has passed: paid for, not yet paid out.
  std::vector<ContractId> awaiting_settlement(Time now) const;

 private:
  struct Terms {
    Time close{};
    market::Strike strike;
    std::int32_t shard{-1};
    bool known{false};
  };
  struct Trade {
    ContractId contract;
    Side side;
    Price price;
    Qty qty;
    bool operator==(const Trade&) const = default;
  };

  Position& at(ContractId id);
  void settle(ContractId id, Position& p, event::OrderId order, Changes& out);
  void book(event::CashReason reason, ContractId id, event::OrderId order, Money change, Changes& out);

  Money start_, cash_, deposits_, fees_;
  std::set<std::string> moves_;  // ids
  std::map<std::int32_t, Money> placed_;
  Netting netting_;
  std::vector<Position> positions_;
  std::vector<Terms> terms_;
  std::unordered_map<std::string, Trade> trades_;
};

}  // namespace voltage::ledger
