#include "app/journal/reason_text.hpp"

#include <cmath>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "base/time.hpp"
#include "risk/if_filled.hpp"
#include "risk/path.hpp"

namespace voltage::app::journal {
namespace {

constexpr int kLevels = 5;

const char* name(market::Trust t) {
  switch (t) {
    case market::Trust::missing:
      return "no snapshot yet";
    case market::Trust::valid:
      return "valid";
    case market::Trust::crossed:
      return "locked or crossed";
    case market::Trust::lost:
      return "lost";
  }
  return "?";
}

std::string book(const market::Listing& l, Time now) {
  std::string out = fmt::format("book      {}", name(l.trust));
  if (!l.lost_why.empty()) out += " (" + l.lost_why + ")";
  out += fmt::format(", last message {:.3f} s ago\n", (now - l.updated).seconds());
  auto bid = l.book.best(Side::bid), ask = l.book.best(Side::ask);
  for (int i = 0; i < kLevels && (bid || ask); ++i) {
    out += fmt::format("          {:>10} {:>7}   {:<7} {}\n", bid ? format_qty(bid->qty) : "",
                       bid ? format_price(bid->price) : "", ask ? format_price(ask->price) : "",
                       ask ? format_qty(ask->qty) : "");
    if (bid) bid = l.book.next(Side::bid, bid->price);
    if (ask) ask = l.book.next(Side::ask, ask->price);
  }
  return out;
}

std::string forecast(const event::ForecastReady* f) {
  if (f == nullptr) return "forecast  none yet\n";
  std::string out = fmt::format("forecast  request {} of the bar closed at {}, close {:.2f}, model {}\n", f->request,
                                format_iso(f->bar_close), f->close, f->model_hash);
  for (const auto& node : f->nodes) {
    double mean = 0, square = 0;
    for (const auto& [w, m, sd] : node.components) {
      mean += w * m;
      square += w * (sd * sd + m * m);
    }
    out += fmt::format("          {:>7}  volatility {:.4f} %\n", format_duration(node.horizon),
                       100 * std::sqrt(std::max(0.0, square - mean * mean)));
  }
  return out;
}

std::string belief(const event::Decision& d) {
  const auto p = [](double v) { return std::isnan(v) ? std::string{"unknown"} : fmt::format("{:.6f}", v); };
  return fmt::format("belief    fair {}  market {}  blend {}  edge {} $ a contract  {:.3f} s left\n", p(d.fair),
                     p(d.microprice), p(d.blend), p(d.edge), d.seconds_left);
}

struct Limit {
  const char* name;
  Money value, cap;
};

struct Room {
  std::vector<Limit> limits;
  Money in_flight;
};

// As the gate saw it: before the order itself was on the way.
Room room(const Moment& m) {
  const auto& engine = m.core.engine();
  const auto& contract = engine.books().at(m.contract).contract;
  const auto& o = *m.order;
  const strategy::Intent wish{o.contract, o.side, o.limit, o.qty, o.tif, o.post_only, o.expires};
  const Money in_flight = engine.executor().in_flight() - risk::cost_max(wish, contract.fees);
  const auto filled = risk::if_filled(wish, contract, engine.ledger());
  const auto& limits = engine.gate().limits();
  return {{{"loss of the contract", filled.contract_loss, limits.contract_loss_max},
           {"loss of the instant", filled.instant_loss + in_flight, limits.instant_loss_max},
           {"loss of the expiry path",
            risk::path_loss(contract.close, filled.instant_loss, limits.path_span, engine.ledger()) + in_flight,
            limits.path_loss_max},
           {"cash", filled.cash_needed + in_flight, engine.ledger().cash()}},
          in_flight};
}

std::string order_text(const Moment& m) {
  const auto& o = *m.order;
  std::string out = fmt::format("order     {} {} {} YES at {}\n", o.order.v, o.side == Side::bid ? "buy" : "sell",
                                format_qty(o.qty), format_price(o.limit));
  for (const auto& row : limit_rows(m))
    out += fmt::format("limit     {:<21} {} {} {}\n", row.limit, row.value, row.limit == "price" ? "in" : "of",
                       row.allowed);
  return out;
}

}  // namespace

std::vector<LimitRow> limit_rows(const Moment& m) {
  std::vector<LimitRow> out;
  for (const auto& limit : room(m).limits)
    out.push_back({limit.name, "$" + format_money(limit.value), "$" + format_money(limit.cap)});
  const auto& limits = m.core.engine().gate().limits();
  out.push_back({"size", format_qty(m.order->qty), format_qty(limits.order_qty_max)});
  out.push_back({"price", format_price(m.order->limit),
                 format_price(limits.price_min) + " to " + format_price(limits.price_max)});
  return out;
}

std::vector<std::string> veto_names(event::Vetoes vetoes) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < event::kVetoes; ++i) {
    if (((vetoes >> i) & 1U) != 0) out.emplace_back(event::name(static_cast<event::Veto>(i)));
  }
  return out;
}

std::vector<std::string> broken_limits(const Moment& m) {
  std::vector<std::string> out;
  for (const auto& limit : room(m).limits) {
    if (limit.value > limit.cap) out.emplace_back(limit.name);
  }
  const auto& limits = m.core.engine().gate().limits();
  if (m.order->qty > limits.order_qty_max) out.emplace_back("size");
  if (m.order->limit < limits.price_min || m.order->limit > limits.price_max) out.emplace_back("price");
  return out;
}

std::string describe(const Moment& m) {
  const auto& engine = m.core.engine();
  const auto& listing = engine.books().at(m.contract);
  std::string out = book(listing, engine.now());
  if (const auto cast = m.core.strategy().price_now(engine.now())) {
    out += fmt::format("bitcoin   {:.2f} ± {:.2f}, {}\n", cast->usd, cast->sd_usd,
                       cast->from_index ? "the index's own feed" : "from spot and the basis");
  } else {
    out += "bitcoin   no price at hand\n";
  }
  const auto& strike = listing.contract.strike;
  out += fmt::format("strike    {}\n", strike.floor ? fmt::format("{:.2f}", strike.floor->usd()) : "unknown");
  out += forecast(m.forecast);
  if (m.decision) out += belief(*m.decision);
  const auto& ledger = engine.ledger();
  out += fmt::format("books     position {} YES  cash ${}  worst case ${}\n", format_qty(ledger.net(m.contract)),
                     format_money(ledger.cash()), format_money(ledger.equity_worst()));
  if (m.order) out += order_text(m);
  return out;
}

}  // namespace voltage::app::journal
