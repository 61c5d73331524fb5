#pragma once
// What a resting order should say. A maker is filled when somebody wants to trade with him, and mostly by those who
// know better: what counts is P(win | filled), our probability less what the mid is expected to move against a fill.
// What is held already makes more of it worth less: the price at which one more contract neither helps nor hurts
// (indifference, at the risk aversion of a quarter of Kelly) moves away from the side that is full. Pure.
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "base/types.hpp"
#include "event/event.hpp"
#include "ledger/fees.hpp"
#include "market/books.hpp"

namespace voltage::strategy {

struct MakerConfig {
  bool on{false};
  Qty qty_max{2'000};
  double edge_min{0.004};                       // dollars a contract, after fee, expected markout and inventory
  double aversion{4};                           // relative, of the indifference price: 4 is about a quarter of Kelly
  double adverse_prior{0.01};                   // dollars that the mid moves against a fill, until fills say otherwise
  double toxic_flow{0.6};                       // one-minute imbalance against the quote beyond which it is withdrawn
  Duration rest_min{Duration{2'000'000'000}};   // before a quote is moved
  Duration rest_max{Duration{20'000'000'000}};  // then it expires at the venue by itself
};

// The probability that a contract must have for one more of it to be worth nothing to us: below p where we are long
// (held > 0) and above it where we are short. wealth in dollars, > 0 in both outcomes; else p.
double indifference(double p, double wealth, double held, double aversion);

// How far the mid moves against our resting orders after their fills: ten seconds later, dollars a contract, an
// exponential mean that starts as if twenty fills had met the prior.
class FillMarkouts {
 public:
  explicit FillMarkouts(double prior) : adverse_{prior} {}
  void on_fill(Time now, const event::FillSeen& fill);
  void pass_time(Time now, const market::Books& books);
  double adverse() const { return adverse_; }
  // The last five fills lost more than twice what was expected: somebody knows something. For a minute.
  bool toxic(Time now) const { return now < toxic_until_; }

 private:
  struct Waiting {
    Time due{};
    event::ContractId contract{};
    double side{}, price{};
  };
  double adverse_;
  std::vector<Waiting> waiting_;
  std::deque<double> last_;
  Time toxic_until_{};
};

struct MakerView {
  double p{};        // P(YES)
  double adverse{};  // dollars, expected against a fill
  double wealth{};   // dollars
  double held{};     // contracts of YES, signed
  market::Level bid, ask;
  double flow{};  // one-minute imbalance, positive: pressure to buy YES
};
struct MakerQuote {
  Side side{};
  Price price{};
  double win{};   // P(our side pays | filled)
  double edge{};  // dollars a contract
};
// The better of the two sides: at the touch or one tick inside it, never crossing, on the grid. Empty where neither
// is worth it.
std::optional<MakerQuote> best_quote(const MakerView& view, const market::TickGrid& ticks, const market::FeeTerms& fees,
                                     const MakerConfig& config);

}  // namespace voltage::strategy
