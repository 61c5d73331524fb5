// Subaccounts of the member, and moving its cash between shards and between them.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include "base/decimal.hpp"
#include "io/json_writer.hpp"
#include "venue/virtual/kalshi_api.hpp"

namespace voltage::venue::virtual_kalshi {
namespace {

using io::JsonWriter;

constexpr std::int64_t kSubaccountsMax = 63;
constexpr std::int64_t kSecond = 1'000'000'000;

constexpr std::array kReservations{"none", "max", "sum"};

ApiError invalid(const Flaws& flaws) {
  return {400, "invalid_parameters", "invalid parameters", flaws.error};
}

}  // namespace

Answer<AccountIndex> KalshiApi::account_at(std::int64_t subaccount) const {
  const auto index = world_.account() + static_cast<AccountIndex>(std::max<std::int64_t>(0, subaccount));
  if (subaccount < 0 || subaccount > kSubaccountsMax || index >= world_.exchange().accounts())
    return refuse(400, "invalid_parameters", "invalid parameters", "no such subaccount");
  return index;
}

Answer<AccountIndex> KalshiApi::account_of(const Call& call) const {
  const auto number = integer_of(call.query, "subaccount");
  if (!number) return tl::unexpected<ApiError>(number.error());
  return account_at(number->value_or(0));
}

Answer<std::vector<AccountIndex>> KalshiApi::accounts_of(const Call& call) const {
  const auto number = integer_of(call.query, "subaccount");
  if (!number) return tl::unexpected<ApiError>(number.error());
  std::vector<AccountIndex> all;
  if (*number) {
    const auto one = account_at(**number);
    if (!one) return tl::unexpected<ApiError>(one.error());
    all.push_back(*one);
  } else {
    for (AccountIndex a = world_.account(); a < world_.exchange().accounts(); ++a) all.push_back(a);
  }
  return all;
}

Answer<std::string> KalshiApi::transfer(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "transfer", flaws};
  const std::string_view source = f.text("source"), destination = f.text("destination");
  if (source != "event_contract" || destination != "event_contract") {
    f.refuse("source", "source and destination are event_contract here");
  }
  ShardTransfer t;
  t.client_id = f.text_or("client_transfer_id");
  t.amount = Money{f.integer("amount", 1, 1'000'000'000'000) * 100};  // 1/10,000 dollar
  t.from = f.maybe_integer("source_exchange_shard", 0, 100).value_or(0);
  t.to = f.maybe_integer("destination_exchange_shard", 0, 100).value_or(0);
  t.at = call.now;
  const auto of = f.maybe_integer("source_subaccount", 0, kSubaccountsMax).value_or(0);
  const auto into = f.maybe_integer("destination_subaccount", 0, kSubaccountsMax).value_or(0);
  if (of != into) f.refuse("destination_subaccount", "is another one: move it on its shard first");
  if (of != 0 && !t.client_id.empty()) f.refuse("client_transfer_id", "is for the primary account alone");
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid(flaws));
  const bool twice = !t.client_id.empty() && std::any_of(shard_transfers_.begin(), shard_transfers_.end(),
                                                         [&](const auto& o) { return o.client_id == t.client_id; });
  if (twice) return refuse(409, "duplicate_transfer", "a transfer with this client_transfer_id was accepted");
  const auto account = account_at(of);
  if (!account) return tl::unexpected<ApiError>(account.error());
  const auto done = world_.exchange().transfer(*account, t.from, t.to, t.amount);
  if (!done) return tl::unexpected<ApiError>(done.error());
  shard_transfers_.push_back(std::move(t));
  JsonWriter w;
  return w.begin_object().string("transfer_id", uuid_of('x', shard_transfers_.size())).end_object().take();
}

namespace {

template <class Transfer>
void write_transfer(JsonWriter& w, const Transfer& t, std::size_t number) {
  w.begin_object().string("transfer_id", uuid_of('x', number));
  if (!t.client_id.empty()) w.string("client_transfer_id", t.client_id);
  w.string("source", "event_contract").string("destination", "event_contract");
  w.integer("source_exchange_shard", t.from).integer("destination_exchange_shard", t.to).money("amount", t.amount);
  w.string("status", "complete").integer("created_ts", t.at.ns / kSecond).end_object();
}

}  // namespace

Answer<std::string> KalshiApi::transfers(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  JsonWriter w;
  w.begin_object().begin_array("transfers");
  const std::size_t total = shard_transfers_.size();
  for (std::size_t i = page->from; i < total && i < page->from + page->limit; ++i)
    write_transfer(w, shard_transfers_[total - 1 - i], total - i);
  return w.end_array().string("cursor", page->next(total)).end_object().take();
}

Answer<std::string> KalshiApi::one_transfer(Call& call) {
  const auto number = number_of(call.path[0], 'x');
  if (!number || *number == 0 || *number > shard_transfers_.size())
    return refuse(404, "not_found", "not found", "transfer");
  JsonWriter w;
  w.begin_object().name("transfer");
  write_transfer(w, shard_transfers_[*number - 1], *number);
  return w.end_object().take();
}

Answer<std::string> KalshiApi::open_subaccount(Call&) {
  Exchange& x = world_.exchange();
  const std::int64_t number = subaccount_of(x.accounts());
  if (number > kSubaccountsMax) return refuse(400, "subaccount_limit", "there are as many as there may be");
  std::map<std::int64_t, Money> empty;
  for (const auto& [shard, cash] : x.account(world_.account()).cash) empty[shard] = Money{};
  x.open_account(std::move(empty));
  JsonWriter w;
  return w.begin_object().integer("subaccount_number", number).end_object().take();
}

Answer<std::string> KalshiApi::subaccount_transfer(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "transfer", flaws};
  SubaccountTransfer t;
  t.client_id = f.text("client_transfer_id");
  t.from = f.integer("from_subaccount", 0, kSubaccountsMax);
  t.to = f.integer("to_subaccount", 0, kSubaccountsMax);
  t.cents = f.integer("amount_cents", 1, 1'000'000'000'000);
  t.shard = f.maybe_integer("exchange_index", 0, 100).value_or(0);
  t.at = call.now;
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid(flaws));
  // The id makes a repetition harmless: nothing moves twice.
  const bool twice = std::any_of(subaccount_transfers_.begin(), subaccount_transfers_.end(),
                                 [&](const auto& o) { return o.client_id == t.client_id; });
  if (twice) return std::string{"{}"};
  const auto from = account_at(t.from), to = account_at(t.to);
  if (!from) return tl::unexpected<ApiError>(from.error());
  if (!to) return tl::unexpected<ApiError>(to.error());
  const auto done = world_.exchange().move_cash(*from, *to, t.shard, Money{t.cents * kCent.micros});
  if (!done) return tl::unexpected<ApiError>(done.error());
  subaccount_transfers_.push_back(std::move(t));
  return std::string{"{}"};
}

Answer<std::string> KalshiApi::subaccount_transfers(Call& call) {
  const auto page = page_of(call.query, 100, 1'000);
  if (!page) return tl::unexpected<ApiError>(page.error());
  JsonWriter w;
  w.begin_object().begin_array("transfers");
  const std::size_t total = subaccount_transfers_.size();
  for (std::size_t i = page->from; i < total && i < page->from + page->limit; ++i) {
    const auto& t = subaccount_transfers_[total - 1 - i];
    w.begin_object().string("transfer_id", uuid_of('y', total - i)).integer("from_subaccount", t.from);
    w.integer("to_subaccount", t.to).integer("amount_cents", t.cents).integer("created_ts", t.at.ns / kSecond);
    w.integer("exchange_index", t.shard).end_object();
  }
  return w.end_array().string("cursor", page->next(total)).end_object().take();
}

// Deposits or withdrawals, newest first.
Answer<std::string> KalshiApi::bank_transfers(Call& call) {
  const auto page = page_of(call.query, 100, 500);
  if (!page) return tl::unexpected<ApiError>(page.error());
  const bool deposits = call.action == "deposits";
  std::vector<std::pair<std::size_t, BankTransfer>> all;
  const auto& bank = world_.exchange().account(world_.account()).bank;
  for (std::size_t i = bank.size(); i > 0; --i) {
    if ((bank[i - 1].amount.micros >= 0) == deposits) all.emplace_back(i, bank[i - 1]);
  }
  JsonWriter w;
  w.begin_object().begin_array(call.action);
  for (std::size_t i = page->from; i < all.size() && i < page->from + page->limit; ++i) {
    const auto& [number, t] = all[i];
    w.begin_object().string("id", uuid_of('b', number)).string("status", "applied").string("type", "ach");
    w.integer("amount_cents", std::abs(t.amount.micros) / kCent.micros).integer("fee_cents", 0);
    w.integer("created_ts", t.at.ns / kSecond).integer("finalized_ts", t.at.ns / kSecond).end_object();
  }
  return w.end_array().string("cursor", page->next(all.size())).end_object().take();
}

Answer<std::string> KalshiApi::subaccount_balances(Call& call) {
  const Exchange& x = world_.exchange();
  JsonWriter w;
  w.begin_object().begin_array("subaccount_balances");
  for (AccountIndex a = world_.account(); a < x.accounts(); ++a) {
    for (const auto& [shard, cash] : x.account(a).cash) {
      w.begin_object().integer("subaccount_number", subaccount_of(a)).integer("exchange_index", shard);
      w.money("balance", x.available(a, shard)).integer("updated_ts", call.now.ns / kSecond).end_object();
    }
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::subaccount_netting(Call&) {
  const Exchange& x = world_.exchange();
  JsonWriter w;
  w.begin_object().begin_array("netting_configs");
  for (AccountIndex a = world_.account(); a < x.accounts(); ++a) {
    for (const auto& [shard, cash] : x.account(a).cash) {
      w.begin_object().integer("subaccount_number", subaccount_of(a)).boolean("enabled", x.account(a).netting);
      w.integer("exchange_index", shard).end_object();
    }
  }
  return w.end_array().end_object().take();
}

Answer<std::string> KalshiApi::set_subaccount_netting(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "netting", flaws};
  const auto number = f.integer("subaccount_number", 0, kSubaccountsMax);
  const auto enabled = f.maybe_boolean("enabled");
  if (!enabled) f.refuse("enabled", "is missing");
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid(flaws));
  const auto account = account_at(number);
  if (!account) return tl::unexpected<ApiError>(account.error());
  world_.exchange().set_netting(*account, *enabled);
  return std::string{"{}"};
}

Answer<std::string> KalshiApi::allocation(Call&) {
  const auto& plan = world_.exchange().account(world_.account()).allocation;
  JsonWriter w;
  w.begin_object().begin_array("allocations");
  for (const auto& [shard, percent] : plan.percent)
    w.begin_object().integer("exchange_index", shard).integer("percent", percent).end_object();
  w.end_array().string("resting_margin_reservation", kReservations[static_cast<std::size_t>(plan.keep)]);
  return w.end_object().take();
}

Answer<std::string> KalshiApi::set_allocation(Call& call) {
  const auto body = body_of(call);
  if (!body) return tl::unexpected<ApiError>(body.error());
  Flaws flaws;
  Fields f{*body, "allocation", flaws};
  Allocation plan;
  const std::string_view keep = f.text_or("resting_margin_reservation");
  const auto named = std::find(kReservations.begin(), kReservations.end(), keep.empty() ? "sum" : keep);
  if (named == kReservations.end()) f.refuse("resting_margin_reservation", "is none, max or sum");
  for (const JsonValue value : f.child("allocations", JsonType::array)) {
    Fields entry{value, "allocations", flaws};
    const auto shard = entry.integer("exchange_index", 0, 100);
    const auto percent = static_cast<int>(entry.integer("percent", 0, 100));
    if (!plan.percent.emplace(shard, percent).second) entry.refuse("exchange_index", "is named twice");
  }
  if (!flaws.error.empty()) return tl::unexpected<ApiError>(invalid(flaws));
  plan.keep = static_cast<Reservation>(named - kReservations.begin());
  const auto done = world_.exchange().allocate(world_.account(), std::move(plan));
  if (!done) return tl::unexpected<ApiError>(done.error());
  return std::string{"{}"};
}

}  // namespace voltage::venue::virtual_kalshi
