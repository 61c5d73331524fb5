#pragma once
// Everything the core may ask of the world. An effect is written to the journal before it leaves, and
// nothing outside happens without one. Orders carry their whole meaning: the edge adds a signature and
// the wire format, never a default.
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/types.hpp"
#include "event/event.hpp"
#include "market/contract.hpp"

namespace voltage::execution {
class Executor;
}
namespace voltage::event {

class EffectCodec;

enum class TimeInForce : std::uint8_t { immediate_or_cancel, good_till_time };

struct OrderTerms {
  OrderId order{};
  ContractId contract{};
  Side side{};
  Price limit{};
  Qty qty{};
  TimeInForce tif{};
  bool post_only{};
  Time expires{};  // good_till_time only
};

// Only the executor makes one, and it only from what risk approved: an order that went around the
// limits does not compile.
class PlaceOrder {
 public:
  const OrderTerms& terms() const { return terms_; }

 private:
  friend class execution::Executor;
  friend class EffectCodec;  // reads journals back
  explicit PlaceOrder(const OrderTerms& terms) : terms_{terms} {}
  OrderTerms terms_;
};

struct CancelOrder {
  OrderId order{};
};

// The order of that id anew: at this limit, for this many in all (what was filled already is counted), until then.
struct AmendTerms {
  OrderId order{};
  std::uint32_t revision{};  // 1, 2, … of the order
  Price limit{};
  Qty qty{};
  Time expires{};
};
class AmendOrder {
 public:
  const AmendTerms& terms() const { return terms_; }

 private:
  friend class execution::Executor;
  friend class EffectCodec;
  explicit AmendOrder(const AmendTerms& terms) : terms_{terms} {}
  AmendTerms terms_;
};

// Every order of this run by whatever the venue has to stop them together, those on their way too. The known ones
// are cancelled by id beside it.
struct KillOrders {};

struct RequestForecast {
  std::uint64_t request{};
  Time bar_close{};
};

// Why there is no order: one bit each, counted and shown.
enum class Veto : std::uint8_t {
  halted,
  book_missing,
  book_lost,
  book_crossed,
  book_one_sided,
  book_stale,
  stream_unhealthy,
  no_spot,
  no_forecast,
  forecast_stale,
  strike_unknown,
  not_open,
  final_seconds,
  market_disagrees,
  below_edge,
  size_too_small,
  order_pending,
  limit_contract,
  limit_instant,
  limit_day,
  limit_drawdown,
  limit_rate,
  cash,
  exchange_paused,
  sources_apart,
  macro_release,     // a scheduled one is near
  outside_training,  // a feature is where the model has never been
  assumption_open,   // a fact about the venue that touches money is not settled
  limit_delta,
  limit_vega,
  flow_against,  // order flow says the opposite at all its scales
  evidence,      // what was seen so far does not allow this kind of contract to risk money
  limit_path,    // what settles within an hour of it can lose too much together
};
inline constexpr std::size_t kVetoes = 33;
const char* name(Veto v);

// A set of them: bit i is Veto i.
using Vetoes = std::uint64_t;
constexpr Vetoes bit(Veto v) {
  return Vetoes{1} << static_cast<unsigned>(v);
}
static_assert(kVetoes <= 64);

// Of a probability, an edge or a price in what follows.
inline constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

// Our view of one contract at a whole minute, and the top of its book.
struct Quote {
  ContractId contract{};
  std::optional<Price> bid, ask;
  double fair{}, blend{};
  double seconds_left{};
};

// What was thought about one contract at one moment, and what came of it.
struct Decision {
  ContractId contract{};
  double fair{}, blend{}, microprice{};  // P(YES)
  double seconds_left{};
  double edge{};  // dollars a contract after the fee, on the side looked at
  Vetoes vetoes{};
  OrderId order{};  // 0: none
};

// One change of cash, with its cause. The sum of all of them is the difference of the balances.
enum class CashReason : std::uint8_t { trade, fee, settlement, deposit };
struct CashChange {
  CashReason reason{};
  ContractId contract{};
  OrderId order{};
  Money change{};
  Money balance{};
};

// The model and what happens part (sounding), or agree again. See strategy/drift.hpp.
enum class DriftKind : std::uint8_t { calibration, baseline, market, features, regime };
inline constexpr std::size_t kDriftKinds = 5;
const char* name(DriftKind kind);
struct DriftAlarm {
  DriftKind kind{};
  bool sounding{};
  double statistic{}, bound{};  // what was reached, and what it was held to
  std::int64_t settled{};       // forecasts that have settled so far
  double size{};                // what bets are multiplied with from here on
};

using Effect = std::variant<PlaceOrder, CancelOrder, RequestForecast, Quote, Decision, CashChange, DriftAlarm,
                            AmendOrder, KillOrders>;

}  // namespace voltage::event
