#pragma once
// The venue's side of the order API, as requests and answers, and of the private stream: who has which order, what
// rests, what was filled. Matching is the simulated exchange's, with its latencies; so lists and streams lag the
// engine as Kalshi's do. An amend keeps the order's id, takes the place at the end of its new queue, and is refused
// whole where it would take; a decrease keeps name, end and place; a group that was triggered cancels what stands in it
// and takes no more; an order rests no longer than its end or its market's. A person's own order lies among ours:
// whoever touches it is found out. Not simulated: the account's rate limit, the group's own limit of contracts.
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.hpp"
#include "venue/fields.hpp"
#include "venue/kalshi/frame.hpp"
#include "venue/net/http.hpp"
#include "venue/sim/sim_exchange.hpp"

namespace voltage::app::sim {

class OrderVenue {
 public:
  OrderVenue();

  // True market data.
  void observe(const event::Event& truth);
  struct Answer {
    std::uint64_t request{};
    int status{};
    std::string body;
  };
  // A request that arrived. What can be said at once is said at once; the rest comes by step().
  std::optional<Answer> receive(std::uint64_t request, const venue::net::Request& asked, Time now);
  // A person cancels nothing of ours and trades this much, at once.
  void trade_by_hand(market::ContractId contract, Side side, Price price, Qty qty, Time now);

  struct Said {
    std::optional<Answer> answer;
    std::optional<venue::kalshi::Order> order;  // to the private stream
    std::optional<venue::kalshi::Fill> fill;    // the same
    market::ContractId contract{};              // of the fill
  };
  std::optional<Time> next_due() const;
  Said step();

  std::vector<venue::kalshi::Order> resting() const;  // as a list shows it, a person's too
  bool foreign_touched() const { return foreign_touched_; }

 private:
  struct Record {
    venue::kalshi::Order shown;
    market::ContractId contract{};
    bool immediate{false};
    std::deque<std::pair<std::uint64_t, std::size_t>> cancels;  // who asked, first first; 0: the venue itself
  };
  // A request whose orders are answered one by one.
  struct Waiting {
    bool batch{false};
    std::vector<std::string> entries;  // an order's part of the answer
    std::size_t left{0};
    int status{0};  // of the one order
  };
  struct Amended {
    std::uint64_t request{};
    std::string client_id;
    event::AmendTerms terms;
  };
  using Entry = std::pair<std::uint64_t, std::size_t>;  // request, its place in the batch

  std::optional<Answer> create(std::uint64_t request, venue::JsonValue body, Time now);
  std::optional<Answer> create_one(Entry entry, venue::JsonValue body, Time now);
  std::optional<Answer> cancel_batch(std::uint64_t request, venue::JsonValue body, Time now);
  std::optional<Answer> cancel(Entry entry, std::string_view order_id, Time now);
  std::optional<Answer> amend(std::uint64_t request, std::string_view order_id, venue::JsonValue body, Time now);
  std::optional<Answer> decrease(std::uint64_t request, std::string_view order_id, venue::JsonValue body, Time now);
  Answer make_group(std::uint64_t request);
  Answer trigger(std::uint64_t request, std::string_view id, Time now);
  Answer drop_group(std::uint64_t request, std::string_view id, Time now);
  Answer list(std::uint64_t request, const venue::net::Request& asked) const;
  std::optional<Answer> done(Entry entry, int status, std::string body);
  Said on(const event::Payload& said);
  Answer on(const event::AmendDone& m);
  std::string part(const Record& record, std::optional<Qty> reduced) const;
  Record* find(std::string_view order_id);
  void shut(Time now);
  void told_again(Record& record, Qty filled, Qty remaining, venue::kalshi::OrderState state);

  venue::sim::SimExchange exchange_;
  std::map<market::ContractId, market::Contract> contracts_;
  std::map<std::string, market::ContractId, std::less<>> by_ticker_;
  std::map<Time, std::vector<market::ContractId>> closes_;
  std::map<std::uint64_t, Record> orders_;
  std::set<std::uint64_t> resting_;
  std::map<std::string, std::uint64_t, std::less<>> names_;  // client order ids, each used once
  std::map<std::string, bool, std::less<>> groups_;          // triggered
  std::uint64_t last_group_{0};
  std::map<std::uint64_t, Waiting> waiting_;
  std::map<std::uint64_t, Entry> creates_;    // by order
  std::map<std::uint32_t, Amended> amended_;  // by the exchange's revision
  std::deque<std::pair<Time, Said>> by_hand_;
  std::uint32_t revisions_{0};
  std::uint64_t last_order_{0}, trades_by_hand_{0};
  bool foreign_touched_{false};
  venue::JsonDocument document_;
};

}  // namespace voltage::app::sim
