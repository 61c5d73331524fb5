#pragma once
// Orders to Kalshi and what became of them: turns the core's wishes into V2 requests and the answers into
// events. Pure: the caller signs, carries and reports each request. Three classes of outcome, and nothing
// is guessed:
//   definite   the venue said yes (OrderAccepted, CancelDone)
//   refused    the venue said no, or the request never left (OrderRefused, CancelRefused)
//   unknown    no answer, 408 or 5xx: OrderUnknown, then the desk asks until the venue proves where the order
//              is. A create is never sent twice; its client_order_id is made of run and order before it leaves.
// An amend gives the order a new client_order_id, of run, order and revision: by the one that the venue shows it is
// known which of them it had. It is never sent twice either, and nothing else changes an order while one is on its way.
// One that only lowers the size goes out as a decrease, which keeps name, end and place: there it is the number of
// contracts in all, filled and resting, that shows what the venue had.
// What is asked for between two take_requests() leaves together: several creates or cancels as one batch, of
// which each order has its own outcome. A cancel that the venue had no time for is sent again until the order has
// ended.
// Orders stand in an order group of this run, one for each shard. It can be triggered: the venue then cancels what
// stands in it and takes no more into it, also what was still on its way. One that was triggered is deleted when the
// last order that was sent into it has ended; a venue that won't is asked three times.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/effect.hpp"
#include "event/event.hpp"
#include "market/contract.hpp"
#include "venue/kalshi/order_wire.hpp"
#include "venue/net/http.hpp"

namespace voltage::venue::kalshi {

struct DeskRules {
  // The account's own limits (GET /account/limits), and what of them only cancels may use.
  std::int64_t write_rate{100}, write_capacity{100}, cancel_reserve{40};
  Duration forget_after{3'600'000'000'000};  // the close of an ended order's contract
  Duration look_again{1'000'000'000};        // between two questions about the same order
  Duration absent_after{10'000'000'000};     // an order not listed for this long, by two answers, is not there
  // A resting order lives at the venue for at most this long, and is renewed before it ends for as long as its
  // own term lasts and the core gives signs of life: whatever dies on our side, the venue empties itself.
  Duration expiry_max{30'000'000'000};
  Duration renew_before{12'000'000'000};
  Duration alive_max{5'000'000'000};
  Duration late_max{60'000'000'000};  // after the first list nothing of a run before rests any more: twice its expiry
  // What a group may trade in 15 seconds before the venue itself stops it; zero: no groups.
  Qty group_limit{};
};

// Begins the reason of the private stream's StreamHealth when orders with our prefix come that no dead run can have
// sent.
inline constexpr std::string_view kAnotherTrader = "another trader";

struct DeskRequest {
  std::uint64_t number{};
  net::Request request;  // target below the base path; not signed yet
};

class OrderDesk {
 public:
  OrderDesk(DeskRules rules, std::string run);

  void know(const market::Contract& contract);
  void place(const event::OrderTerms& terms, Time now);
  void amend(const event::AmendTerms& terms, Time now);
  void cancel(event::OrderId order, Time now);
  // The groups are triggered. The next order waits for a new one.
  void kill();

  // What became of request `number`.
  void answered(std::uint64_t number, int status, std::string_view body, Time now);
  void not_sent(std::uint64_t number, const std::string& why, Time now);
  void lost(std::uint64_t number, const std::string& why, Time now);
  void tick(Time now);
  void alive(Time now) { alive_ = now; }  // the core lives

  // From the private streams, and from REST again and again: each trade is told once. A fill of an order that
  // is not ours moves the account all the same and is told without an order; while an order of ours on the
  // contract is in doubt it waits, as it may be that one's.
  void on_fill(const Fill& fill);
  void count_as_told(std::set<std::string> trades) { told_ = std::move(trades); }
  // Orders that are not ours are ignored.
  void on_order(const Order& order);

  // All that the venue lists as resting on the account, asked for at that time. One of ours that should be among them
  // and is not has ended unheard: it is asked for. What has our prefix and is not known here arrived after the run that
  // sent it had died: it is cancelled. Where such an order still rests when all of that run must have expired, its
  // sender lives: the private stream is told to be down, once.
  void on_resting(const std::vector<Order>& resting, Time asked, Time now);

  std::vector<DeskRequest> take_requests();
  std::vector<event::Payload> take_events() { return std::exchange(events_, {}); }
  // Orders of which it is not known whether they exist.
  std::int64_t unknown() const;
  // Those of this run that the venue may still have.
  struct GroupKept {
    std::int64_t shard{};
    std::string id;
    bool operator==(const GroupKept&) const = default;
  };
  std::vector<GroupKept> groups() const;
  // No group of a kill is left to be triggered or deleted, and none is being made.
  bool tidy() const;
  // Orders that something may still be said of: those of a contract are forgotten an hour after its close.
  std::size_t remembered() const { return orders_.size(); }
  std::string client_id(event::OrderId order, std::uint32_t revision = 0) const;

 private:
  enum class State : std::uint8_t { sending, unknown, live, done };
  struct Revision {
    enum class State : std::uint8_t { waiting, sending, unknown };
    event::AmendTerms terms;
    State state{State::waiting};
    Time sent{}, expires{};
    int as_before{0};  // answers in a row that showed the order without it
  };
  struct Ours {
    event::OrderTerms terms;
    std::uint32_t revision{0};      // whose name it has at the venue
    std::optional<Revision> amend;  // on its way
    Time renewal_open_until{};      // a renewal without an answer may still arrive until then
    State state{State::sending};
    std::string venue_id, group;
    Time sent{}, look_at{};
    Time expires{}, renewed_to{};  // at the venue; good_till_time only
    bool renewing{false};
    std::optional<Order> early;  // told by the stream before the create was answered
    int absent{0};               // answers in a row that did not list it
    bool cancelling{false};
    bool cancel_out{false};         // a cancel waits to leave, or for its answer
    std::optional<Time> cancel_at;  // when to send it again
    bool asking{false};
    bool amend_unknown() const { return amend && amend->state == Revision::State::unknown; }
  };
  enum class Kind : std::uint8_t {
    create,
    cancel,
    list,
    read,
    renew,
    amend,
    make_group,
    trigger,
    drop_group,
    straggler
  };
  struct Flight {
    Kind kind{};
    std::vector<event::OrderId> orders;
    std::int64_t shard{};  // of a group
    bool batch{false};
    std::string group{};
  };
  struct Group {
    std::string id;  // empty: there is none yet
    bool wanted{true};
    bool asking{false};
    Time ask_at{};
    std::string why{"is not made yet"};
  };
  struct Trigger {
    std::int64_t shard{};
    std::string id;
    bool due{true};
    std::optional<Time> send_at{};  // again
    bool triggered{false};          // so it is to be deleted
    int drops{0};
  };

  Time expiry(const event::OrderTerms& t, Time now) const;
  bool take_tokens(std::int64_t cost, std::int64_t keep, Time now);
  void send(Flight flight, net::Request request);
  // The request that ended; empty: one that we do not know, or on whose answer nothing hangs.
  std::optional<Flight> land(std::uint64_t number);
  // What is to leave together, in batches that the venue takes; `ids` is empty after it.
  static std::vector<Flight> batches(Kind kind, std::vector<event::OrderId>& ids);
  void flush_creates();
  void flush_cancels();
  void send_cancel(Flight flight, const std::string& venue_id, std::optional<std::int64_t> shard,
                   std::string_view ticker);
  void flush_triggers();
  void look_after_groups(Time now);
  void make_groups(Time now);
  bool in_use(const std::string& group) const;
  std::string group_of(const market::Contract& contract) const;
  void ask(event::OrderId id, Ours& ours, Time now);
  void ask_later(Ours& ours, Time now);
  void forget(Time now);
  void cancel_straggler(const Order& order, Time now);
  void notice_twin(const Order& order, Time asked);
  void on_batch(const Flight& flight, int status, std::string_view body, Time now);
  void on_group(const Flight& flight, int status, std::string_view body, Time now);
  void group_unanswered(const Flight& flight, const std::string& why, Time now);
  void on_create(Ours& ours, event::OrderId id, int status, std::string_view body, Time now);
  void on_cancel(Ours& ours, event::OrderId id, int status, std::string_view body, Time now);
  void on_list(Ours& ours, event::OrderId id, int status, std::string_view body, Time now);
  void created(Ours& ours, event::OrderId id, const OrderAnswer& answer, Time now);
  void cancelled(Ours& ours, event::OrderId id, const OrderAnswer& answer, Time now);
  void cancel_again(Ours& ours, Time now);
  void cancel_refused(Ours& ours, event::OrderId id, std::string code, Time now);
  void renew(event::OrderId id, Ours& ours, Time now);
  void send_amend(event::OrderId id, Ours& ours, Time now);
  void send_decrease(event::OrderId id, Ours& ours);
  void on_amend(Ours& ours, event::OrderId id, int status, std::string_view body, Time now);
  void amended(Ours& ours, event::OrderId id);
  void not_amended(Ours& ours, event::OrderId id, std::string code);
  void doubt_amend(Ours& ours, event::OrderId id, const std::string& why, Time now);
  void see_amend(Ours& ours, event::OrderId id, const Order& order);
  void after_renewal(Ours& ours, event::OrderId id, Time now);
  void found(Ours& ours, event::OrderId id, const Order& order);
  void doubt(Ours& ours, event::OrderId id, const std::string& why, Time now);
  bool in_doubt(market::ContractId contract) const;
  std::optional<event::OrderId> ours_of(std::string_view client_id, std::string_view venue_id) const;

  DeskRules rules_;
  std::string run_;
  double tokens_;
  Time tokens_at_{};
  std::map<market::ContractId, market::Contract> contracts_;
  std::map<std::string, market::ContractId, std::less<>> by_ticker_;
  std::map<event::OrderId, Ours> orders_;
  std::map<std::string, event::OrderId, std::less<>> by_client_id_, by_venue_id_;
  std::map<std::uint64_t, Flight> flights_;
  std::vector<event::OrderId> creates_, cancels_;  // waiting for take_requests()
  std::map<std::int64_t, Group> groups_;           // by shard
  std::vector<Trigger> triggers_;
  std::uint64_t last_number_{0};
  Time alive_{}, forget_at_{};
  std::optional<Time> first_list_;
  bool twin_told_{false};
  JsonDocument document_;
  Counts counts_;
  std::vector<DeskRequest> requests_;
  std::vector<event::Payload> events_;
  std::set<std::string> told_;  // trade ids
  std::vector<Fill> waiting_;
};

}  // namespace voltage::venue::kalshi
