#pragma once
// What the venue says of the account, and single orders by hand: a blocking client on sockets of its own, for the
// start, the reconciliation and the probes. Not for trading: one request at a time, and the caller waits.
// An answer that can't be read whole is an error that names the call and the field. Not thread-safe.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "venue/endpoints.hpp"
#include "venue/kalshi/portfolio.hpp"
#include "venue/net/http.hpp"

namespace voltage::venue::kalshi {

struct AccountLimits {
  std::string tier;
  std::int64_t read_rate{}, read_capacity{}, write_rate{}, write_capacity{};
};

// The account at one moment, as near as several reads come to it.
struct Statement {
  Time asked{}, answered{};            // by the venue's clock
  std::map<std::int64_t, Money> cash;  // free, by shard
  Money reserved;                      // held back for resting orders, all shards
  // The same by shard; absent: the venue did not say.
  std::optional<std::map<std::int64_t, Money>> reserved_on{};
  std::map<std::string, Qty> positions;  // by ticker, signed, none zero
  // Where they were asked for, before the cash.
  std::optional<std::vector<event::CashMoved>> moves{};
  Money total_cash() const;
};

class Account {
 public:
  // Fails on a bad URL or key; says nothing to the venue yet.
  static Result<std::unique_ptr<Account>> make(const Endpoints& endpoints);
  ~Account();

  Result<AccountLimits> limits();
  Result<Statement> statement();
  Result<std::vector<Order>> resting_orders();
  Result<std::vector<Order>> orders_of(const std::string& ticker, Time since);
  // Since then, newest first; of one market, or of all where the ticker is empty.
  Result<std::vector<Fill>> fills(Time since, const std::string& ticker = {});
  // Deposits, withdrawals and transfers that the balance has had since then.
  Result<std::vector<event::CashMoved>> cash_moves(Time since);
  Result<market::FeeTerms> fees_of(const std::string& series);
  Result<std::vector<Market>> open_markets(const std::string& series);
  Status cancel(const Order& order);

  // The body of a GET that must succeed; asked again while the venue is busy or in trouble.
  Result<std::string> get(const std::string& target);
  // All entries of a list, page by page, `decode` giving them as the member `entries` of a page.
  template <class Page, class Entry>
  Result<std::vector<Entry>> all(const std::string& target, Result<Page> (*decode)(std::string_view),
                                 std::vector<Entry> Page::* entries) {
    std::vector<Entry> out;
    const auto read = pages(target, [&](const std::string& body) -> Result<std::string> {
      auto page = decode(body);
      if (!page) return tl::unexpected(page.error());
      for (auto& entry : (*page).*entries) out.push_back(std::move(entry));
      return page->cursor;
    });
    if (!read) return tl::unexpected(read.error());
    return out;
  }
  // Any call, signed. An error is one of transport; what the venue answered is the caller's to read.
  Result<net::Response> call(const std::string& method, const std::string& target, const std::string& body = {});
  const VenueClock& clock() const;
  // The Date of the last answer; empty: it had none.
  const std::string& date() const;

  struct Impl;

 private:
  // All pages of a list, a thousand entries each; `take` gives the cursor of the next one, empty at the end.
  Status pages(const std::string& target, const std::function<Result<std::string>(const std::string& body)>& take);
  explicit Account(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace voltage::venue::kalshi
