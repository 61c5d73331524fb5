#include "app/live/teller.hpp"

#include <fmt/format.h>

#include "app/terminal.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"

namespace voltage::app::live {
namespace {

std::string clock(Time t) {
  return format_iso(t).substr(11, 8);
}

}  // namespace

void Teller::record(const event::Event& e) {
  ++events;
  if (const auto* health = std::get_if<event::StreamHealth>(&e.what)) {
    constexpr const char* kStates[] = {"unknown", "healthy", "stale", "down"};
    tell(fmt::format("{}  stream {}: {} {}", clock(e.at), static_cast<int>(health->stream),
                     kStates[static_cast<std::size_t>(health->health)], health->why));
  } else if (const auto* ready = std::get_if<event::ForecastReady>(&e.what)) {
    ++forecasts;
    baseline_forecasts += ready->model_hash == "baseline-ewma";
  } else if (std::holds_alternative<event::BookSnapshot>(e.what)) {
    ++snapshots;
  } else if (const auto* refusal = std::get_if<event::OrderRefused>(&e.what)) {
    ++refused;
    tell(fmt::format("{}  order {} refused: {}", clock(e.at), refusal->order.v, refusal->code));
  } else if (const auto* lost = std::get_if<event::OrderUnknown>(&e.what)) {
    ++unknown;
    tell(fmt::format("{}  order {} unknown: {}", clock(e.at), lost->order.v, lost->why));
  } else if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) {
    ++fills;
    tell(fmt::format("{}  {}  {} {} at ${} fee ${}{}", clock(e.at), ticker(fill->contract),
                     fill->side == Side::bid ? "bought" : "sold", format_qty(fill->qty), format_price(fill->price),
                     format_money(fill->fee), fill->order.v == 0 ? " (not by an order of this run)" : ""));
  } else if (const auto* moved = std::get_if<event::CashMoved>(&e.what)) {
    constexpr const char* kKinds[] = {"deposit",   "withdrawal", "interest",
                                      "incentive", "transfer",   "credit that no list shows"};
    tell(fmt::format("{}  {} of ${}: neither profit nor loss", clock(e.at),
                     kKinds[static_cast<std::size_t>(moved->kind)], format_money(moved->amount)));
  } else if (const auto* placed = std::get_if<event::CashPlaced>(&e.what)) {
    tell(fmt::format("{}  cash on shard {}: ${}", clock(e.at), placed->shard, format_money(placed->amount)));
  } else if (const auto* s = std::get_if<event::Settled>(&e.what)) {
    ++settled;
    tell(fmt::format("{}  {}  settled {}", clock(e.at), ticker(s->contract),
                     s->outcome == event::Outcome::yes ? "YES" : "NO"));
  }
}

void Teller::record(const event::Event& cause, const event::Effect& fx) {
  if (std::holds_alternative<event::PlaceOrder>(fx)) ++orders;
  const auto* q = std::get_if<event::Quote>(&fx);
  if (q == nullptr || !(q->fair >= 0)) return;
  const auto price = [](const std::optional<Price>& p) { return p ? format_price(*p) : std::string{"-"}; };
  tell(fmt::format("{}  {}  {:.0f} s left  market {} / {}  fair {:.3f}", clock(cause.at), ticker(q->contract),
                   q->seconds_left, price(q->bid), price(q->ask), q->fair));
}

}  // namespace voltage::app::live
