#pragma once
// Everything that can happen to the core. An edge decodes the outside world into one of these; the
// sequencer gives it `seq` (the only order there is) and `at` (the only time the core knows). All prices
// are on the YES axis. The core believes nothing that is not here.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/types.hpp"
#include "market/book.hpp"
#include "market/candle.hpp"
#include "market/contract.hpp"

namespace voltage::event {

using market::ContractId;

// Ours: derived from the run and a counter, written down before the order is sent.
struct OrderId {
  std::uint64_t v{};
  constexpr auto operator<=>(const OrderId&) const = default;
};

// --- Market data -----------------------------------------------------------------------------------
// A contract appeared, or something about it changed (its strike was published, its ticks changed).
struct ContractSeen {
  market::Contract contract;
};
struct BookSnapshot {
  ContractId contract{};
  std::vector<market::Level> bids, asks;
};
struct BookDelta {
  ContractId contract{};
  Side side{};
  Price price{};
  Qty change{};
};
// The edge can no longer vouch for the book: a sequence gap, a dead socket, an impossible delta.
struct BookLost {
  ContractId contract{};
  std::string reason;
};
struct TradeSeen {
  ContractId contract{};
  Price price{};
  Qty qty{};
  Side taker{};
};
// The venue's own word on the top of the book: an independent witness.
struct TickerSeen {
  ContractId contract{};
  std::optional<Price> last, bid, ask;
};
// One value of the settlement index. `average` is the running mean of the settlement minute where the
// venue publishes it, of `average_count` values.
struct IndexSeen {
  Time value_time{};
  market::IndexValue value{};
  std::optional<market::IndexValue> average;
  std::int32_t average_count{};
};
enum class SpotVenue : std::uint8_t { kraken, coinbase, binance, simulated };
// A trade or a quote of bitcoin elsewhere, in USD (model input: double).
struct SpotSeen {
  SpotVenue venue{};
  Time exchange_time{};
  double price{};
};
struct CandleClosed {
  SpotVenue venue{};
  Duration interval{};
  market::Candle candle;
};

// --- Health ----------------------------------------------------------------------------------------
// journal: our own, which a full or stalled disk makes unhealthy.
enum class Stream : std::uint8_t { kalshi_market, kalshi_private, index, spot, candles, journal };
inline constexpr std::size_t kStreams = 6;
enum class Health : std::uint8_t { unknown, healthy, stale, down };
struct StreamHealth {
  Stream stream{};
  Health health{};
  std::string why;
};

// --- Forecasts -------------------------------------------------------------------------------------
// The answer to RequestForecast. Components as forecast::Surface holds them; plain numbers here so that
// the event can be journaled and compared bit by bit without any model library.
struct ForecastNode {
  Duration horizon{};
  std::array<std::array<double, 3>, 5> components{};  // weight, mean, sd of a log return
};
// What one member of the ensemble said, before the weights: P(|r| > move) at a small, a middle and a large move
// of each horizon. For explanations; the core does not read it.
struct MemberNode {
  Duration horizon{};
  double weight{};                                // its share of the blend
  std::array<std::array<double, 2>, 3> beyond{};  // move, probability (NaN: no answer)
};
struct MemberForecast {
  std::string name;
  std::vector<MemberNode> nodes;
};
struct ForecastReady {
  std::uint64_t request{};
  Time bar_close{};
  double close{};
  std::string model_hash;
  std::vector<ForecastNode> nodes;
  std::vector<MemberForecast> members{};  // none: a model of one piece
};
// How the reason of a failure begins when the model was asked about what it never saw in training.
inline constexpr const char* kOutsideTraining = "outside the training range: ";
struct ForecastFailed {
  std::uint64_t request{};
  std::string reason;
};

// --- Orders ----------------------------------------------------------------------------------------
struct OrderAccepted {
  OrderId order{};
  std::string venue_id;
  Qty filled{}, remaining{};
};
struct OrderRefused {
  OrderId order{};
  std::string code;
};
// No answer, or one that does not say: the order may or may not be there. revision: of the amend that was not
// answered; 0: the order itself.
struct OrderUnknown {
  OrderId order{};
  std::string why;
  std::uint32_t revision{};
};
enum class OrderStatus : std::uint8_t { resting, canceled, executed };
struct OrderUpdated {
  OrderId order{};
  OrderStatus status{};
  Qty filled{}, remaining{};
};
struct FillSeen {
  OrderId order{};
  std::string trade_id;  // the identity: a second fill with it is the same fill
  ContractId contract{};
  Side side{};
  Price price{};
  Qty qty{};
  Money fee{};
  bool maker{};
};
struct CancelDone {
  OrderId order{};
  Qty reduced_by{};
};
struct CancelRefused {
  OrderId order{};
  std::string code;
};

// The order stands as the revision said; or it never came to that, and stands as before.
struct AmendDone {
  OrderId order{};
  std::uint32_t revision{};
};
struct AmendRefused {
  OrderId order{};
  std::uint32_t revision{};
  std::string code;
};

// --- Settlement and the rest -----------------------------------------------------------------------
enum class Outcome : std::uint8_t { yes, no };
struct Settled {
  ContractId contract{};
  Outcome outcome{};
  std::optional<market::IndexValue> value;
};
// Cash that came (positive) or went without a trade: neither profit nor loss. The id is the venue's: a second one
// with it is the same.
// credit: interest or an incentive that no list shows, known by elimination.
enum class CashMove : std::uint8_t { deposit, withdrawal, interest, incentive, transfer, credit };
struct CashMoved {
  CashMove kind{};
  Money amount{};
  std::string id;
};
// So much of the cash lies on this shard of the exchange, by the venue's word; it moved within the account or was
// there.
struct CashPlaced {
  std::int32_t shard{};
  Money amount{};
};
struct TimePassed {};  // nothing but the time: deadlines are met although no stream says anything
// pause: nothing new; kill: nothing new, and what is open is cancelled; resume: ends both.
enum class OperatorAction : std::uint8_t { kill, resume, pause };
struct OperatorSaid {
  OperatorAction action{};
  std::string reason;
};

using Payload = std::variant<ContractSeen, BookSnapshot, BookDelta, BookLost, TradeSeen, TickerSeen, IndexSeen,
                             SpotSeen, CandleClosed, StreamHealth, ForecastReady, ForecastFailed, OrderAccepted,
                             OrderRefused, OrderUnknown, OrderUpdated, FillSeen, CancelDone, CancelRefused, Settled,
                             TimePassed, OperatorSaid, AmendDone, AmendRefused, CashMoved, CashPlaced>;

struct Event {
  std::uint64_t seq{};
  Time at{};
  Payload what;
};

}  // namespace voltage::event
