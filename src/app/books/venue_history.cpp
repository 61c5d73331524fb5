#include "app/books/venue_history.hpp"

#include <algorithm>
#include <set>

#include "venue/kalshi/account.hpp"
#include "venue/net/http.hpp"

namespace voltage::app::books {
namespace {

namespace kalshi = venue::kalshi;

Status read_lists(kalshi::Account& account, VenueHistory& h) {
  auto positions = account.all("/portfolio/positions?count_filter=position", kalshi::decode_positions,
                               &kalshi::HeldPositions::positions);
  if (!positions) return tl::unexpected(positions.error());
  h.positions = std::move(*positions);
  std::set<std::string> seen;
  // Older ones have a list of their own.
  for (const char* list : {"/portfolio/fills", "/historical/fills"}) {
    auto fills = account.all(list, kalshi::decode_fills, &kalshi::RestFills::fills);
    if (!fills) return tl::unexpected(fills.error());
    for (auto& f : *fills) {
      if (seen.insert(f.trade_id).second) h.fills.push_back(std::move(f));
    }
  }
  auto settlements =
      account.all("/portfolio/settlements", kalshi::decode_settlements, &kalshi::VenueSettlements::settlements);
  if (!settlements) return tl::unexpected(settlements.error());
  h.settlements = std::move(*settlements);
  std::map<std::string, std::string> client_id;
  for (const char* list : {"/portfolio/orders", "/historical/orders"}) {
    auto orders = account.all(list, kalshi::decode_orders, &kalshi::RestOrders::orders);
    if (!orders) return tl::unexpected(orders.error());
    for (auto& o : *orders) {
      client_id[o.order_id] = o.client_order_id;
      if (o.state == kalshi::OrderState::resting) h.resting.push_back(std::move(o));
    }
  }
  for (auto& f : h.fills) f.client_order_id = client_id[f.order_id];
  const auto earlier = [](const auto& a, const auto& b) { return a.at < b.at; };
  // The lists come newest first; equal times keep the venue's own order.
  std::reverse(h.fills.begin(), h.fills.end());
  std::stable_sort(h.fills.begin(), h.fills.end(), earlier);
  std::reverse(h.settlements.begin(), h.settlements.end());
  std::stable_sort(h.settlements.begin(), h.settlements.end(), earlier);
  return {};
}

Status read_markets(kalshi::Account& account, VenueHistory& h) {
  std::set<std::string> tickers;
  for (const auto& f : h.fills) tickers.insert(f.ticker);
  for (const auto& s : h.settlements) tickers.insert(s.ticker);
  for (const auto& ticker : tickers) {
    const auto body = account.get("/markets/" + venue::net::percent_encoded(ticker));
    if (!body) return tl::unexpected(body.error());
    auto found = kalshi::decode_markets(*body);
    if (!found) return fail(ticker + ": " + found.error().message);
    if (found->markets.size() != 1) return fail(ticker + ": no market");
    const std::string series{found->markets[0].series()};
    h.markets.emplace(ticker, std::move(found->markets[0]));
    if (h.fees.contains(series)) continue;
    const auto about = account.get("/series/" + venue::net::percent_encoded(series));
    if (!about) return tl::unexpected(about.error());
    const auto fees = kalshi::decode_fee_terms(*about);
    if (!fees) return fail(series + ": " + fees.error().message);
    h.fees[series] = *fees;
  }
  return {};
}

}  // namespace

Result<VenueHistory> read_history(const venue::Endpoints& endpoints) {
  const auto account = kalshi::Account::make(endpoints);
  if (!account) return tl::unexpected(account.error());
  VenueHistory h;
  if (auto ok = read_lists(**account, h); !ok) return tl::unexpected(ok.error());
  if (auto ok = read_markets(**account, h); !ok) return tl::unexpected(ok.error());
  const auto body = (*account)->get("/portfolio/balance");
  if (!body) return tl::unexpected(body.error());
  auto balance = kalshi::decode_balance(*body);
  if (!balance) return tl::unexpected(balance.error());
  h.balance = std::move(*balance);
  return h;
}

}  // namespace voltage::app::books
