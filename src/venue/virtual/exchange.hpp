#pragma once
// The virtual Kalshi's matching engine, accounts and settlement: pure, deterministic, in virtual time. It
// follows the venue's published rules, not our client's habits: price-time priority, shards that hold
// their own cash, self-trade prevention, order groups over a rolling 15 seconds, pauses, the fee rule with
// its accumulator, position limits, settlement by the 60-second average. Time comes in with each call and
// never goes back. Notices pile up until take_notices().
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "venue/virtual/exchange_types.hpp"

namespace voltage::venue::virtual_kalshi {

struct Placed {
  std::uint64_t id{};
  Qty filled{}, remaining{};
  std::optional<Money> average_price, average_fee;  // per contract, dollars to 6 decimals
};

struct ExchangeRules {
  Qty position_limit{Qty{2'500'000}};  // per market and account
  Qty order_limit{Qty{100'000'000}};   // of one order
  Money fee_precision{ledger::kDirectPrecision};
};

class Exchange {
 public:
  explicit Exchange(ExchangeRules rules = {}) : rules_{rules} { accounts_.resize(1); }

  // --- Set-up -----------------------------------------------------------------------------------------
  AccountIndex open_account(std::map<std::int64_t, Money> cash);
  MarketIndex list(Market market, Time now);
  void activate(MarketIndex m, Time now);    // trading starts; resting orders of a pause are cancelled
  void deactivate(MarketIndex m, Time now);  // a market pause
  void publish_strike(MarketIndex m, market::Strike strike, Time now);
  void close(MarketIndex m, Time now);  // cancels what rests
  void determine(MarketIndex m, market::IndexValue value, Time now);
  void settle(MarketIndex m, Time now);  // pays
  // A settled outcome turns out wrong: pays the difference.
  void amend_settlement(MarketIndex m, market::IndexValue value, Time now);
  // The exchange pause of one shard: no place, no amend; cancels only while `cancels_allowed`.
  void pause(std::int64_t shard, bool cancels_allowed, Time now);
  void resume(std::int64_t shard);
  // What trading in a series costs from now on, and in one event of it (nothing: as its series).
  void set_series_fees(const std::string& series, market::FeeTerms terms);
  void set_event_fees(const std::string& event, std::optional<market::FeeTerms> own, Time now);
  bool paused(std::int64_t shard) const { return paused_.contains(shard); }

  // --- The order API ----------------------------------------------------------------------------------
  Answer<Placed> create(AccountIndex account, const OrderRequest& request, Time now);
  // The contracts really cancelled. `shard`: the exchange_index the caller meant; absent means 0, which is
  // not where crypto lives, unless a ticker routes it.
  Answer<Qty> cancel(AccountIndex account, std::uint64_t id, std::optional<std::int64_t> shard, std::string_view ticker,
                     Time now);
  Answer<Placed> amend(AccountIndex account, std::uint64_t id, const OrderRequest& terms,
                       std::string_view new_client_id, Time now);
  // Exactly one of reduce_by, reduce_to.
  Answer<Placed> decrease(AccountIndex account, std::uint64_t id, std::optional<Qty> reduce_by,
                          std::optional<Qty> reduce_to, std::optional<std::int64_t> shard, std::string_view ticker,
                          Time now);
  // Every resting order on every shard; what is placed in the minute after is cancelled too.
  void cancel_all(AccountIndex account, Time now);

  Answer<std::string> create_group(AccountIndex account, Qty limit, std::int64_t shard, Time now);
  Answer<int> reset_group(AccountIndex account, const std::string& id, Time now);
  Answer<int> trigger_group(AccountIndex account, const std::string& id, Time now);
  Answer<int> limit_group(AccountIndex account, const std::string& id, Qty limit, Time now);
  Answer<int> delete_group(AccountIndex account, const std::string& id, Time now);

  // Cash from shard to shard, and from account to account on one shard.
  Answer<int> transfer(AccountIndex account, std::int64_t from, std::int64_t to, Money amount);
  Answer<int> move_cash(AccountIndex from, AccountIndex to, std::int64_t shard, Money amount);
  // The percentages total 100, or there are none; carried out every ten seconds.
  Answer<int> allocate(AccountIndex account, Allocation wish);
  // A deposit, or a withdrawal where the amount is negative; not listed: interest or an incentive.
  void bank_transfer(AccountIndex account, std::int64_t shard, Money amount, Time now, bool listed);
  void set_netting(AccountIndex account, bool enabled) { accounts_[account].netting = enabled; }

  // House orders: no checks of cash, the order is forgotten when it is done.
  std::optional<std::uint64_t> house_quote(MarketIndex m, Side side, Price price, Qty qty, Time now);
  void house_cancel(std::uint64_t id, Time now);
  Qty house_take(MarketIndex m, Side side, Price limit, Qty qty, Time now);

  // Expires what is due and rolls the minute bars; call it as time goes.
  void tick(Time now);
  std::optional<Time> next_expiry() const;

  // --- Views ------------------------------------------------------------------------------------------
  const std::vector<Market>& markets() const { return markets_; }
  const Market& market(MarketIndex m) const { return markets_[m]; }
  std::optional<MarketIndex> find(std::string_view ticker) const;
  market::FeeTerms series_fees(std::string_view series) const;
  std::optional<market::FeeTerms> event_fees(std::string_view event) const;
  const Account& account(AccountIndex a) const { return accounts_[a]; }
  AccountIndex accounts() const { return static_cast<AccountIndex>(accounts_.size()); }
  const Order* order(std::uint64_t id) const;
  Qty position(AccountIndex a, MarketIndex m) const;
  // What resting orders of the account hold back on the shard.
  Money reserved(AccountIndex a, std::int64_t shard) const;
  Money available(AccountIndex a, std::int64_t shard) const;
  // Contracts ahead of the order at its price and better.
  Qty queue_ahead(const Order& order) const;

  std::vector<Stamped> take_notices() { return std::exchange(notices_, {}); }

 private:
  struct Match {
    Qty filled{};
    Money cost;  // Σ price × qty
    Money fees;
    bool stopped{false};  // by self-trade prevention
  };
  std::optional<ApiError> check_shape(const OrderRequest& r, Time now) const;
  std::optional<ApiError> check_account(AccountIndex account, const OrderRequest& r, MarketIndex m, Time now) const;
  Match match(Order& taker, Time now);
  bool would_cross(const Market& m, Side side, Price price) const;
  Qty fillable(const Order& taker) const;
  void trade(Order& taker, Order& maker, Qty qty, Time now);
  void apply_fill(Order& order, Price price, Qty qty, bool taker, std::uint64_t trade_id, Time now);
  Money move_position(Account& account, MarketIndex m, Side side, Price price, Qty qty);
  void rest(Order& order, Time now);
  void unrest(Order& order, Time now);
  void finish(Order& order, OrderStatus status, const char* reason, Time now);
  void change_level(Order& order, Qty change, Time now);
  void count_group_fill(Order& order, Qty qty, Time now);
  void trip_group(AccountIndex account, OrderGroup& group, Time now);
  void cancel_matching(MarketIndex m, const char* reason, Time now, bool only_on_pause);
  Answer<Order*> find_own(AccountIndex account, std::uint64_t id, std::optional<std::int64_t> shard,
                          std::string_view ticker, Time now, bool is_cancel);
  std::map<std::pair<MarketIndex, Side>, Money> commitments(AccountIndex a, std::int64_t shard) const;
  Money kept_back(AccountIndex a, std::int64_t shard) const;
  void rebalance(Time now);
  Money open_cost(AccountIndex a, MarketIndex m, Side side, Price price, Qty qty) const;
  void pay(MarketIndex m, bool yes, Time now);
  void tell(Time at, Notice what) { notices_.push_back({at, std::move(what)}); }
  void tell_order(const Order& order, Time now);
  void update_bar(Market& m, Time now);
  void apply_fees(Market& m) const;

  ExchangeRules rules_;
  std::vector<Market> markets_;
  std::map<std::string, MarketIndex, std::less<>> by_ticker_;
  std::vector<Account> accounts_;
  std::map<std::uint64_t, Order> orders_;
  std::set<std::pair<Time, std::uint64_t>> expiries_;
  std::map<std::int64_t, bool> paused_;  // shard → cancels allowed
  std::map<std::string, market::FeeTerms, std::less<>> series_fees_, event_fees_;
  std::uint64_t last_order_{0}, last_trade_{0}, last_group_{0};
  Time rebalance_at_{};
  std::vector<Stamped> notices_;
};

}  // namespace voltage::venue::virtual_kalshi
