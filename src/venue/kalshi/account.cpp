#include "venue/kalshi/account.hpp"

#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "venue/fields.hpp"
#include "venue/kalshi/credential.hpp"
#include "venue/kalshi/portfolio.hpp"
#include "venue/kalshi/rest_shape.hpp"
#include "venue/net/client.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr Duration kTimeout{10'000'000'000};
constexpr int kBusyTries = 8;  // a 429 carries no date: wait a moment and ask again
constexpr int kPagesMax = 1'000;
constexpr std::int64_t kShardMax = 1'000;

std::string said(const net::Response& r) {
  const RestError e = decode_error(r.body);
  return fmt::format("{} {} {}", r.status, e.code, e.code.empty() || !e.details.empty() ? e.message + e.details : "");
}

std::string seconds(Time t) {
  return std::to_string(t.ns / 1'000'000'000);
}

}  // namespace

Money Statement::total_cash() const {
  Money sum = reserved;
  for (const auto& [shard, money] : cash) sum += money;
  return sum;
}

struct Account::Impl {
  Impl(const Endpoints& e, std::shared_ptr<Credential> c, const net::Url& url)
      : endpoints{e}, credential{std::move(c)}, base{url}, client{loop, url, e.ca_file} {}

  Result<net::Response> once(const net::Request& request) {
    net::Request ready = request;
    const auto headers = credential->headers(request.method, base.path + std::string{request.path()});
    if (!headers) return fail(headers.error().message);
    for (const auto& [name, value] : *headers) ready.headers[name] = value;
    net::Outcome outcome;
    client.send(std::move(ready), kTimeout, [&](net::Outcome o) {
      outcome = std::move(o);
      loop.stop();
    });
    loop.run();
    if (outcome.delivery != net::Delivery::answered)
      return fail(fmt::format("{} {}: {}", request.method, request.path(), outcome.why));
    date = std::move(outcome.date);
    return std::move(outcome.response);
  }

  // A question may be asked twice, an order never is: only a 429 of those is said again.
  Result<net::Response> ask(const net::Request& request) {
    for (int i = 0;; ++i) {
      auto response = once(request);
      const bool question = request.method == "GET";
      const bool busy = response && (response->status == 429 || (question && response->status >= 500));
      if (!busy || i == kBusyTries) return response;
      std::this_thread::sleep_for(std::chrono::milliseconds{150 * (i + 1)});
    }
  }

  Result<std::string> body(const std::string& target) {
    auto response = ask({"GET", target, "", {}});
    if (!response) return fail(response.error().message);
    if (response->status != 200) return fail(fmt::format("GET {}: {}", target, said(*response)));
    if (const auto changed = shape_change("GET", target, response->status, response->body); !changed.empty())
      return fail(kSchemaChanged + changed);
    return std::move(response->body);
  }

  // The object of a GET that must succeed, handed to `read`, which names what is wrong through the flaws.
  Status get(const std::string& target, const std::function<void(Fields&)>& read) {
    const auto text = body(target);
    if (!text) return tl::unexpected(text.error());
    const auto root = document.parse(*text);
    if (!root) return fail(fmt::format("GET {}: {}", target, root.error().message));
    Flaws flaws;
    {
      Fields f{*root, "body", flaws};
      read(f);
    }
    if (!flaws.error.empty()) return fail(fmt::format("GET {}: {}", target, flaws.error));
    return {};
  }

  Status pages(const std::string& target, const std::function<Result<std::string>(const std::string&)>& take) {
    const char joint = target.find('?') == std::string::npos ? '?' : '&';
    const std::string first = target.find("limit=") == std::string::npos ? target + joint + "limit=1000" : target;
    std::string cursor;
    for (int i = 0; i < kPagesMax; ++i) {
      const auto text = body(cursor.empty() ? first : first + "&cursor=" + net::percent_encoded(cursor));
      if (!text) return tl::unexpected(text.error());
      auto next = take(*text);
      if (!next) return fail(fmt::format("GET {}: {}", target, next.error().message));
      if (next->empty()) return {};
      cursor = std::move(*next);
    }
    return fail(fmt::format("GET {}: the list does not end", target));
  }

  Endpoints endpoints;
  std::shared_ptr<const Credential> credential;
  net::Url base;
  net::Loop loop;
  net::HttpClient client;
  JsonDocument document;
  std::string date;
};

Account::Account(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Account::~Account() = default;

Result<std::unique_ptr<Account>> Account::make(const Endpoints& e) {
  auto credential = Credential::of(e);
  if (!credential) return tl::unexpected(credential.error());
  const auto url = net::Url::parse(e.kalshi_rest);
  if (!url) return fail("kalshi_rest: " + url.error().message);
  return std::unique_ptr<Account>{new Account{std::make_unique<Impl>(e, std::move(*credential), *url)}};
}

const VenueClock& Account::clock() const {
  return impl_->endpoints.clock;
}

const std::string& Account::date() const {
  return impl_->date;
}

Result<net::Response> Account::call(const std::string& method, const std::string& target, const std::string& body) {
  return impl_->ask({method, target, body, {}});
}

Result<AccountLimits> Account::limits() {
  AccountLimits out;
  const auto bucket = [](Fields& f, const char* name, std::int64_t& rate, std::int64_t& capacity) {
    Fields b{f.child(name, JsonType::object), name, f.flaws()};
    rate = b.integer("refill_rate", 1, 1'000'000);
    capacity = b.integer("bucket_capacity", 1, 10'000'000);
  };
  const auto read = impl_->get("/account/limits", [&](Fields& f) {
    out.tier = f.text("usage_tier");
    bucket(f, "read", out.read_rate, out.read_capacity);
    bucket(f, "write", out.write_rate, out.write_capacity);
    f.ignore({"grants"});
  });
  if (!read) return fail(read.error().message);
  return out;
}

Result<Statement> Account::statement() {
  Statement out;
  out.asked = clock().now();
  const auto held = all("/portfolio/positions?count_filter=position", decode_positions, &HeldPositions::positions);
  if (!held) return tl::unexpected(held.error());
  for (const auto& p : *held) {
    if (p.qty.centis != 0) out.positions[p.ticker] = p.qty;
  }
  // Before the balance: what an order releases in between is then counted once too little, never twice.
  const auto resting = impl_->get("/portfolio/summary/total_resting_order_value", [&](Fields& f) {
    const auto parts = f.maybe_child("resting_order_value_breakdown", JsonType::array);
    if (!parts) {
      out.reserved = Money{f.integer("total_resting_order_value", 0, 1'000'000'000'000) * 10'000};
      return;
    }
    f.ignore({"total_resting_order_value"});
    std::map<std::int64_t, Money> on;
    bool all_told = true;
    for (const JsonValue value : *parts) {
      Fields p{value, "resting_order_value_breakdown", f.flaws()};
      const auto shard = p.maybe_integer("exchange_index", 0, kShardMax);
      const Money kept = p.money("balance");
      out.reserved += kept;
      if (shard) on[*shard] += kept;
      all_told &= shard.has_value();
    }
    if (all_told) out.reserved_on = std::move(on);
  });
  if (!resting) return fail(resting.error().message);
  const auto balance = impl_->get("/portfolio/balance", [&](Fields& f) {
    f.ignore({"balance", "balance_dollars", "portfolio_value", "updated_ts"});
    for (const JsonValue value : f.child("balance_breakdown", JsonType::array)) {
      Fields p{value, "balance_breakdown", f.flaws()};
      const std::int64_t shard = p.integer("exchange_index", 0, kShardMax);
      out.cash[shard] = p.money("balance");
    }
  });
  if (!balance) return fail(balance.error().message);
  out.answered = clock().now();
  return out;
}

Result<std::string> Account::get(const std::string& target) {
  return impl_->body(target);
}

Status Account::pages(const std::string& target,
                      const std::function<Result<std::string>(const std::string& body)>& take) {
  return impl_->pages(target, take);
}

Result<std::vector<Order>> Account::resting_orders() {
  return all("/portfolio/orders?status=resting", decode_orders, &RestOrders::orders);
}

Result<std::vector<Order>> Account::orders_of(const std::string& ticker, Time since) {
  return all(fmt::format("/portfolio/orders?ticker={}&min_ts={}", net::percent_encoded(ticker), seconds(since)),
             decode_orders, &RestOrders::orders);
}

Result<std::vector<Fill>> Account::fills(Time since, const std::string& ticker) {
  return all(fmt::format("/portfolio/fills?min_ts={}{}", seconds(since),
                         ticker.empty() ? "" : "&ticker=" + net::percent_encoded(ticker)),
             decode_fills, &RestFills::fills);
}

Result<std::vector<event::CashMoved>> Account::cash_moves(Time since) {
  using Decode = Result<CashMoves> (*)(std::string_view);
  const std::pair<const char*, Decode> lists[] = {{"/portfolio/deposits?limit=500", decode_deposits},
                                                  {"/portfolio/withdrawals?limit=500", decode_withdrawals},
                                                  {"/portfolio/subaccounts/transfers", decode_subaccount_transfers}};
  std::vector<event::CashMoved> out;
  for (const auto& [target, decode] : lists) {
    const auto moves = all(target, decode, &CashMoves::moves);
    if (!moves) return tl::unexpected(moves.error());
    for (const auto& move : *moves) {
      if (move.at >= since) out.push_back(move.moved);
    }
  }
  return out;
}

Result<market::FeeTerms> Account::fees_of(const std::string& series) {
  market::FeeTerms out;
  const auto read = impl_->get("/series/" + net::percent_encoded(series), [&](Fields& f) { out = read_fee_terms(f); });
  if (!read) return fail(read.error().message);
  return out;
}

Result<std::vector<Market>> Account::open_markets(const std::string& series) {
  return all("/markets?status=open&series_ticker=" + net::percent_encoded(series), decode_markets, &Markets::markets);
}

Status Account::cancel(const Order& order) {
  const std::string target = fmt::format("/portfolio/events/orders/{}?market_ticker={}",
                                         net::percent_encoded(order.order_id), net::percent_encoded(order.ticker));
  const auto response = impl_->ask({"DELETE", target, "", {}});
  if (!response) return fail(response.error().message);
  if (response->status != 200) return fail("cancel " + order.order_id + ": " + said(*response));
  return {};
}

}  // namespace voltage::venue::kalshi
