#include "app/live/shadow_orders.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/json_writer.hpp"
#include "venue/kalshi/order_desk.hpp"
#include "venue/kalshi/order_wire.hpp"

namespace voltage::app::live {

namespace kalshi = venue::kalshi;

namespace {

Time expiry(Time wanted, Time now) {
  return kalshi::venue_expiry(wanted, now, kalshi::DeskRules{}.expiry_max);
}

}  // namespace

ShadowOrders::ShadowOrders(venue::sim::SimExchange& exchange, std::string prefix, const std::string& file,
                           std::function<void(const std::string&)> tell)
    : fills_{exchange}, prefix_{std::move(prefix)}, path_{file}, file_{file, std::ios::trunc}, tell_{std::move(tell)} {}

void ShadowOrders::observe(const event::Event& e) {
  if (const auto* seen = std::get_if<event::ContractSeen>(&e.what)) contracts_[seen->contract.id] = seen->contract;
  fills_.observe(e);
}

std::string ShadowOrders::name(event::OrderId order) const {
  return kalshi::client_order_id(prefix_, order);
}

void ShadowOrders::write(Time now, const std::string& method, const std::string& target, const std::string& body) {
  if (failed_) return;
  io::JsonWriter w;
  w.begin_object().integer("ts_ms", now.ms()).string("method", method).string("target", target);
  if (!body.empty()) w.raw("body", body);
  file_ << w.end_object().take() << '\n' << std::flush;
  if (file_) return;
  failed_ = true;
  tell_(path_ + ": can't be written; unsent orders are noted no more");
}

void ShadowOrders::submit(const event::OrderTerms& terms, Time now) {
  orders_[terms.order] = terms;
  io::JsonWriter w;
  kalshi::write_create(w, terms, name(terms.order), contracts_.at(terms.contract), expiry(terms.expires, now), {});
  write(now, "POST", std::string{kalshi::kOrders}, w.take());
  fills_.submit(terms, now);
}

void ShadowOrders::amend(const event::AmendTerms& terms, Time now) {
  const auto& order = orders_.at(terms.order);
  io::JsonWriter w;
  w.begin_object();
  kalshi::write_amended(w, contracts_.at(order.contract), order.side, terms.limit, terms.qty,
                        expiry(terms.expires, now));
  write(now, "POST", fmt::format("{}/{}/amend", kalshi::kOrders, name(terms.order)), w.end_object().take());
  fills_.amend(terms, now);
}

void ShadowOrders::cancel(event::OrderId order, Time now) {
  write(now, "DELETE", fmt::format("{}/{}", kalshi::kOrders, name(order)), {});
  fills_.cancel(order, now);
}

}  // namespace voltage::app::live
