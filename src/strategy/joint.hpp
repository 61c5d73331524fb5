#pragma once
// All contracts that settle on one average are one bet, sized together: expected log wealth over the density
// of the settlement value and every level on offer, with what is held.
//
// The quarter. For one contract at cost c, a quarter of Kelly is exactly Kelly for p′ = ¼p + ¾c, c being
// what the market says. Jointly: ¼ our measure + ¾ the market's, where the market's is the measure nearest
// to ours under which nothing on offer is a gain. Both say the same for one contract, to the last count.
// A position already held counts: sized again it asks for nothing more. docs/SIZING.md has the argument.
#include <span>
#include <vector>

#include "base/types.hpp"
#include "ledger/exposure.hpp"
#include "ledger/fees.hpp"
#include "pricing/asian.hpp"

namespace voltage::strategy {

inline constexpr double kKellyQuarter = 0.25;

// Dollars a contract, fee included, of buying YES at `price` (bid) or of selling YES there, which is buying
// NO at one dollar less the price (ask).
double cost_per_contract(Side side, Price price, const market::FeeTerms& fees,
                         ledger::Liquidity liquidity = ledger::Liquidity::taker);

// One price level on offer to us. `group` names the contract and side it belongs to: levels of one group
// stand together in the list, cheapest first.
struct Offer {
  std::size_t group{};
  market::CentRange pays;  // of YES
  Side side{};             // bid: we buy YES
  double cost{};           // dollars a contract, fee included
  Qty available{};
};

// P(YES) of a contract where it is to differ from the density (the blend with the market).
struct Tilt {
  market::CentRange pays;
  double p{};
};

struct InstantBet {
  Money cash;                         // all that settles elsewhere or not at all: the bankroll apart from `held`
  Money budget;                       // the most to spend now
  std::vector<ledger::Holding> held;  // positions of the instant, resting orders counted as filled
  std::vector<Offer> offers;
  std::vector<Tilt> tilts;
  double fraction{kKellyQuarter};  // less where our own probabilities are in doubt
};

// Contracts to buy of each offer, rounded down to 0.01. Nothing if held positions could leave no wealth.
std::vector<Qty> size_instant(const pricing::SettlementLaw& law, const InstantBet& bet);

}  // namespace voltage::strategy
