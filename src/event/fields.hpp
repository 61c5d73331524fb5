#pragma once
// The members of every event and effect, in the order of their bytes. A member that is added to a struct and
// not here stops the build. Changing an order or a type is a new kCodecVersion (event/codec.hpp).
#include <concepts>
#include <type_traits>
#include <utility>

#include "base/bytes.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"

namespace voltage {

// Either T or const T.
template <class M, class T>
concept Is = std::same_as<std::remove_const_t<M>, T>;

constexpr std::size_t enum_count(Side) {
  return 2;
}
template <class A, class M>
  requires(Is<M, Money> || Is<M, Qty> || Is<M, Price> || Is<M, Time> || Is<M, Duration> || Is<M, market::ContractId> ||
           Is<M, market::IndexValue> || Is<M, event::OrderId>)
void fields(A& archive, M& m) {
  auto& [value] = m;
  archive(value);
}

namespace market {

constexpr std::size_t enum_count(StrikeType) {
  return 5;
}
constexpr std::size_t enum_count(FeeType) {
  return 4;
}
template <class A>
void fields(A& archive, Is<Level> auto& m) {
  auto& [price, qty] = m;
  archive(price, qty);
}
template <class A>
void fields(A& archive, Is<Strike> auto& m) {
  auto& [type, floor, cap] = m;
  archive(type, floor, cap);
}
template <class A>
void fields(A& archive, Is<PriceRange> auto& m) {
  auto& [start, end, step] = m;
  archive(start, end, step);
}
inline void fields(ByteWriter& archive, const TickGrid& grid) {
  archive(grid.ranges());
}
inline void fields(ByteReader& archive, TickGrid& grid) {
  std::vector<PriceRange> ranges;
  archive(ranges);
  grid = TickGrid{};
  if (ranges.empty()) return;
  auto made = TickGrid::make(std::move(ranges));
  if (made)
    grid = std::move(*made);
  else
    archive.fail("ticks that no contract can have");
}
template <class A>
void fields(A& archive, Is<FeeTerms> auto& m) {
  auto& [type, multiplier] = m;
  archive(type, multiplier);
}
template <class A>
void fields(A& archive, Is<Contract> auto& m) {
  auto& [id, ticker, series, event, open, close, strike, opening_average, ticks, fees, shard] = m;
  archive(id, ticker, series, event, open, close, strike, opening_average, ticks, fees, shard);
}
template <class A>
void fields(A& archive, Is<Candle> auto& m) {
  auto& [begin, open, high, low, close, volume, trades, taker_buy] = m;
  archive(begin, open, high, low, close, volume, trades, taker_buy);
}

}  // namespace market

namespace event {

constexpr std::size_t enum_count(SpotVenue) {
  return 4;
}
constexpr std::size_t enum_count(Stream) {
  return kStreams;
}
constexpr std::size_t enum_count(Health) {
  return 4;
}
constexpr std::size_t enum_count(OrderStatus) {
  return 3;
}
constexpr std::size_t enum_count(Outcome) {
  return 2;
}
constexpr std::size_t enum_count(OperatorAction) {
  return 3;
}
constexpr std::size_t enum_count(CashMove) {
  return 6;
}
constexpr std::size_t enum_count(TimeInForce) {
  return 2;
}
constexpr std::size_t enum_count(CashReason) {
  return 4;
}

template <class A, class M>
  requires(Is<M, TimePassed> || Is<M, KillOrders>)
void fields(A&, M&) {}
template <class A, class M>
  requires(Is<M, ContractSeen> || Is<M, CancelOrder>)
void fields(A& archive, M& m) {
  auto& [a] = m;
  archive(a);
}
template <class A, class M>
  requires(Is<M, BookLost> || Is<M, ForecastFailed> || Is<M, OrderRefused> || Is<M, AmendDone> || Is<M, CancelDone> ||
           Is<M, CancelRefused> || Is<M, OperatorSaid> || Is<M, CashPlaced> || Is<M, ForecastNode> ||
           Is<M, MemberForecast> || Is<M, RequestForecast>)
void fields(A& archive, M& m) {
  auto& [a, b] = m;
  archive(a, b);
}
template <class A, class M>
  requires(Is<M, BookSnapshot> || Is<M, SpotSeen> || Is<M, CandleClosed> || Is<M, StreamHealth> || Is<M, Settled> ||
           Is<M, MemberNode> || Is<M, OrderUnknown> || Is<M, AmendRefused> || Is<M, CashMoved>)
void fields(A& archive, M& m) {
  auto& [a, b, c] = m;
  archive(a, b, c);
}
template <class A, class M>
  requires(Is<M, BookDelta> || Is<M, TradeSeen> || Is<M, TickerSeen> || Is<M, IndexSeen> || Is<M, OrderAccepted> ||
           Is<M, OrderUpdated>)
void fields(A& archive, M& m) {
  auto& [a, b, c, d] = m;
  archive(a, b, c, d);
}
template <class A>
void fields(A& archive, Is<CashChange> auto& m) {
  auto& [a, b, c, d, e] = m;
  archive(a, b, c, d, e);
}
template <class A>
void fields(A& archive, Is<ForecastReady> auto& m) {
  auto& [request, bar_close, close, model_hash, nodes, members] = m;
  archive(request, bar_close, close, model_hash, nodes, members);
}
template <class A>
void fields(A& archive, Is<FillSeen> auto& m) {
  auto& [order, trade, contract, side, price, qty, fee, maker] = m;
  archive(order, trade, contract, side, price, qty, fee, maker);
}
template <class A>
void fields(A& archive, Is<OrderTerms> auto& m) {
  auto& [order, contract, side, limit, qty, tif, post_only, expires] = m;
  archive(order, contract, side, limit, qty, tif, post_only, expires);
}
template <class A>
void fields(A& archive, Is<AmendTerms> auto& m) {
  auto& [order, revision, limit, qty, expires] = m;
  archive(order, revision, limit, qty, expires);
}
template <class A>
void fields(A& archive, Is<Quote> auto& m) {
  auto& [contract, bid, ask, fair, blend, left] = m;
  archive(contract, bid, ask, fair, blend, left);
}
constexpr std::size_t enum_count(DriftKind) {
  return kDriftKinds;
}
template <class A>
void fields(A& archive, Is<DriftAlarm> auto& m) {
  auto& [kind, sounding, statistic, bound, settled, size] = m;
  archive(kind, sounding, statistic, bound, settled, size);
}
template <class A>
void fields(A& archive, Is<Decision> auto& m) {
  auto& [contract, fair, blend, microprice, left, edge, vetoes, order] = m;
  archive(contract, fair, blend, microprice, left, edge, vetoes, order);
}

}  // namespace event
}  // namespace voltage
