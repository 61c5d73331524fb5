#pragma once
// What the V2 order API is told and what its answers say of each order. Pure. Everything is in YES terms; counts
// and prices leave as decimal text, the end of an order in whole seconds.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "event/effect.hpp"
#include "io/json_writer.hpp"
#include "market/contract.hpp"
#include "venue/kalshi/rest.hpp"

namespace voltage::venue::kalshi {

inline constexpr std::string_view kOrders = "/portfolio/events/orders";
inline constexpr std::string_view kBatched = "/portfolio/events/orders/batched";
inline constexpr std::string_view kGroups = "/portfolio/order_groups";

// Write tokens: a create or an amend, and a cancel. A batch costs what its orders cost and must fit the bucket
// whole, or none of it is done; so batches are small.
inline constexpr std::int64_t kCreateCost = 10, kCancelCost = 2;
inline constexpr std::size_t kBatchMax = 20;

// When an order ends at the venue: whole seconds, never later than wanted, nor than `at_most` from now.
Time venue_expiry(Time wanted, Time now, Duration at_most);
// The name that an order has at the venue; each amend gives it another revision.
std::string client_order_id(std::string_view run, event::OrderId order, std::uint32_t revision = 0);
// One object: the body of a create, or an entry of a batch. expiry: good_till_time only. group: may be empty.
void write_create(io::JsonWriter& w, const event::OrderTerms& terms, const std::string& client_id,
                  const market::Contract& contract, Time expiry, const std::string& group);
// The fields of an amend, into an open object. count: in all, what was filled already is counted.
void write_amended(io::JsonWriter& w, const market::Contract& contract, Side side, Price limit, Qty count, Time expiry);
// Entry of a batch of cancels. shard: absent, the market routes it.
void write_cancel(io::JsonWriter& w, const std::string& order_id, std::optional<std::int64_t> shard,
                  std::string_view ticker);
// Where the market said it.
std::optional<std::int64_t> shard_of(const market::Contract& contract);
// The query that brings a request to its shard. shard: absent, the market routes it.
std::string way_to(std::optional<std::int64_t> shard, std::string_view ticker);
void name_shard(io::JsonWriter& w, const market::Contract& contract);

// What a create, an amend or a cancel did to one order. Of a batch: its entry.
struct OrderAnswer {
  std::string order_id, client_order_id;
  std::optional<Qty> filled, remaining, reduced;
  std::optional<RestError> error;
};
Result<OrderAnswer> decode_order_answer(std::string_view body);
Result<std::vector<OrderAnswer>> decode_batch_answer(std::string_view body);
Result<std::string> decode_group_id(std::string_view body);

// The status says that nothing of the request was done. 409 is not among them: an order of that name may exist.
bool refuses(int status);
// An entry's error has no status: one of these codes is a no; what smells of the venue's own trouble is none.
bool refuses(const RestError& error);
event::OrderStatus status_of(OrderState state);
std::string code_of(int status, std::string_view body);

}  // namespace voltage::venue::kalshi
