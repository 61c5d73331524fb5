#include "app/keys/key_change.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "venue/kalshi/account.hpp"

namespace voltage::app::keys {
namespace {

namespace kalshi = venue::kalshi;

constexpr int kTries = 5;  // an account that trades changes between two statements
constexpr std::chrono::milliseconds kPause{300};
constexpr const char* kLastOrders = "/portfolio/orders?limit=100";

Result<std::set<std::string>> order_ids(const venue::net::Response& list) {
  if (list.status != 200) return fail(fmt::format("GET {}: {} {}", kLastOrders, list.status, list.body));
  const auto page = kalshi::decode_orders(list.body);
  if (!page) return tl::unexpected(page.error());
  std::set<std::string> ids;
  for (const auto& order : page->orders) ids.insert(order.order_id);
  return ids;
}

bool equal(const kalshi::Statement& a, const kalshi::Statement& b) {
  return a.total_cash() == b.total_cash() && a.positions == b.positions;
}

// Accounts without any order: told apart by what they hold.
Status same_holdings(kalshi::Account& mine, kalshi::Account& theirs) {
  for (int i = 0; i < kTries; ++i) {
    const auto before = mine.statement();
    if (!before) return tl::unexpected(before.error());
    const auto after = theirs.statement();
    if (!after) return tl::unexpected(after.error());
    if (equal(*before, *after)) return {};
    std::this_thread::sleep_for(kPause);
  }
  return fail("the offered key opens another account: its cash and positions are not ours");
}

}  // namespace

// The first order may come between the two lists.
Status same_account(const venue::Endpoints& in_use, const venue::Endpoints& offered) {
  auto mine = kalshi::Account::make(in_use), theirs = kalshi::Account::make(offered);
  if (!mine) return tl::unexpected(mine.error());
  if (!theirs) return tl::unexpected(theirs.error());
  for (int i = 0; i < kTries; ++i) {
    const auto offers = (*theirs)->call("GET", kLastOrders);
    const auto there = offers ? order_ids(*offers) : tl::unexpected(offers.error());
    if (!there) return fail("the venue does not take the offered key: " + there.error().message);
    const auto holds = (*mine)->call("GET", kLastOrders);
    if (holds && holds->status == 401) return {};
    const auto here = holds ? order_ids(*holds) : tl::unexpected(holds.error());
    if (!here) return tl::unexpected(here.error());
    if (here->empty() && there->empty()) return same_holdings(**mine, **theirs);
    if (std::any_of(here->begin(), here->end(), [&](const auto& id) { return there->contains(id); })) return {};
    std::this_thread::sleep_for(kPause);
  }
  return fail("the offered key opens another account: its last orders are not ours");
}

KeyChange::KeyChange(std::string control, std::string who, const venue::Endpoints& in_use, Say say)
    : control_{std::move(control)}, in_use_{in_use}, say_{std::move(say)} {
  signs_.who = std::move(who);
  signs_.pid = ::getpid();
  signs_.key_id = in_use_.credential->key_id();
  if (const auto said = say_signs(control_, signs_); !said) say_(fail(said.error().message));
}

KeyChange::~KeyChange() {
  if (thread_.joinable()) thread_.join();
  forget_signs(control_, signs_.who);
}

void KeyChange::look() {
  const std::string offer = offer_there(control_);
  if (offer.empty() || offer == seen_) return;
  if (thread_.joinable()) thread_.join();
  seen_ = offer;
  thread_ = std::thread{[this, offer] { examine(offer); }};
}

void KeyChange::examine(const std::string& offer) {
  const auto taken = [&]() -> Status {
    auto next = read_offer(control_);
    if (!next) return tl::unexpected(next.error());
    venue::Endpoints offered = in_use_;
    offered.credential = *next;
    if (const auto proved = same_account(in_use_, offered); !proved) return proved;
    in_use_.credential->become(**next);
    return {};
  }();
  signs_.key_id = in_use_.credential->key_id();
  signs_.offer = offer;
  signs_.refused = taken ? "" : taken.error().message;
  const auto said = say_signs(control_, signs_);
  if (!taken) return say_(fail(taken.error().message));
  if (!said) return say_(fail(said.error().message));
  say_(signs_.key_id);
}

}  // namespace voltage::app::keys
