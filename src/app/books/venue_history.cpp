#include "app/books/venue_history.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <thread>

#include "venue/kalshi/signed_rest.hpp"
#include "venue/net/http.hpp"

namespace voltage::app::books {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

constexpr int kTries = 6;
constexpr int kPagesMax = 500;

class Asker {
 public:
  static Result<std::unique_ptr<Asker>> make(const venue::Endpoints& endpoints) {
    auto asker = std::make_unique<Asker>();
    auto rest = kalshi::SignedRest::make(asker->loop_, endpoints);
    if (!rest) return tl::unexpected(rest.error());
    asker->rest_ = std::move(*rest);
    return asker;
  }

  Result<std::string> get(const std::string& target) {
    std::string why;
    for (int i = 0; i < kTries; ++i) {
      if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds{300 * i});
      venue::net::Outcome out;
      loop_.post([&] {
        rest_->send("GET", target, "", 10_s, [&](const venue::net::Outcome& o) {
          out = o;
          loop_.stop();
        });
      });
      loop_.run();
      if (out.delivery == venue::net::Delivery::answered && out.response.status == 200) return out.response.body;
      if (out.delivery == venue::net::Delivery::answered) {
        const auto e = kalshi::decode_error(out.response.body);
        why = std::to_string(out.response.status) + " " + (e.code.empty() ? e.message : e.code);
        if (out.response.status != 429 && out.response.status < 500) break;
      } else {
        why = out.why;
      }
    }
    return fail("GET " + target + ": " + why);
  }

  // All pages of a list; `take` gives the cursor of the next one.
  Status pages(const std::string& target, const std::function<Result<std::string>(const std::string& body)>& take) {
    std::string cursor;
    for (int i = 0; i < kPagesMax; ++i) {
      std::string page = target + (target.find('?') == std::string::npos ? "?" : "&") + "limit=1000";
      if (!cursor.empty()) page += "&cursor=" + venue::net::percent_encoded(cursor);
      const auto body = get(page);
      if (!body) return tl::unexpected(body.error());
      auto next = take(*body);
      if (!next) return fail("GET " + target + ": " + next.error().message);
      if (next->empty()) return {};
      cursor = std::move(*next);
    }
    return fail("GET " + target + ": more pages than anybody can have");
  }

 private:
  venue::net::Loop loop_;
  std::unique_ptr<kalshi::SignedRest> rest_;
};

Status read_lists(Asker& asker, VenueHistory& h) {
  auto ok =
      asker.pages("/portfolio/positions?count_filter=position", [&](const std::string& body) -> Result<std::string> {
        auto page = kalshi::decode_positions(body);
        if (!page) return tl::unexpected(page.error());
        for (auto& p : page->positions) h.positions.push_back(std::move(p));
        return page->cursor;
      });
  if (!ok) return ok;
  std::set<std::string> seen;
  // Older ones have a list of their own.
  for (const char* list : {"/portfolio/fills", "/historical/fills"}) {
    ok = asker.pages(list, [&](const std::string& body) -> Result<std::string> {
      auto page = kalshi::decode_fills(body);
      if (!page) return tl::unexpected(page.error());
      for (auto& f : page->fills) {
        if (seen.insert(f.trade_id).second) h.fills.push_back(std::move(f));
      }
      return page->cursor;
    });
    if (!ok) return ok;
  }
  ok = asker.pages("/portfolio/settlements", [&](const std::string& body) -> Result<std::string> {
    auto page = kalshi::decode_settlements(body);
    if (!page) return tl::unexpected(page.error());
    for (auto& s : page->settlements) h.settlements.push_back(std::move(s));
    return page->cursor;
  });
  if (!ok) return ok;
  std::map<std::string, std::string> client_id;
  for (const char* list : {"/portfolio/orders", "/historical/orders"}) {
    ok = asker.pages(list, [&](const std::string& body) -> Result<std::string> {
      auto page = kalshi::decode_orders(body);
      if (!page) return tl::unexpected(page.error());
      for (auto& o : page->orders) {
        client_id[o.order_id] = o.client_order_id;
        if (o.state == kalshi::OrderState::resting) h.resting.push_back(std::move(o));
      }
      return page->cursor;
    });
    if (!ok) return ok;
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

Status read_markets(Asker& asker, VenueHistory& h) {
  std::set<std::string> tickers;
  for (const auto& f : h.fills) tickers.insert(f.ticker);
  for (const auto& s : h.settlements) tickers.insert(s.ticker);
  for (const auto& ticker : tickers) {
    const auto body = asker.get("/markets/" + venue::net::percent_encoded(ticker));
    if (!body) return tl::unexpected(body.error());
    auto found = kalshi::decode_markets(*body);
    if (!found) return fail(ticker + ": " + found.error().message);
    if (found->markets.size() != 1) return fail(ticker + ": no market");
    const std::string series{found->markets[0].series()};
    h.markets.emplace(ticker, std::move(found->markets[0]));
    if (h.fees.contains(series)) continue;
    const auto about = asker.get("/series/" + venue::net::percent_encoded(series));
    if (!about) return tl::unexpected(about.error());
    const auto fees = kalshi::decode_fee_terms(*about);
    if (!fees) return fail(series + ": " + fees.error().message);
    h.fees[series] = *fees;
  }
  return {};
}

}  // namespace

Result<VenueHistory> read_history(const venue::Endpoints& endpoints) {
  auto asker = Asker::make(endpoints);
  if (!asker) return tl::unexpected(asker.error());
  VenueHistory h;
  if (auto ok = read_lists(**asker, h); !ok) return tl::unexpected(ok.error());
  if (auto ok = read_markets(**asker, h); !ok) return tl::unexpected(ok.error());
  const auto body = (*asker)->get("/portfolio/balance");
  if (!body) return tl::unexpected(body.error());
  auto balance = kalshi::decode_balance(*body);
  if (!balance) return tl::unexpected(balance.error());
  h.balance = std::move(*balance);
  return h;
}

}  // namespace voltage::app::books
