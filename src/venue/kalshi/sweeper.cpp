#include "venue/kalshi/sweeper.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/check.hpp"
#include "io/json_writer.hpp"
#include "venue/kalshi/order_wire.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr Duration kTimeout{1'500'000'000};
constexpr int kPagesMax = 50;

std::string said(const net::Outcome& o) {
  if (o.delivery != net::Delivery::answered) return o.why;
  const RestError e = decode_error(o.response.body);
  return fmt::format("{} {} {}", o.response.status, e.code.empty() ? e.message : e.code, e.details);
}

bool good(const net::Outcome& o) {
  return o.delivery == net::Delivery::answered && o.response.status >= 200 && o.response.status < 300;
}

std::string batch_body(const std::vector<Order>& orders, std::size_t from, std::size_t until) {
  io::JsonWriter w;
  w.begin_object().begin_array("orders");
  for (std::size_t i = from; i < until; ++i) {
    write_cancel(w, orders[i].order_id, orders[i].exchange_index, orders[i].ticker);
  }
  return w.end_array().end_object().take();
}

// Orders that a batch's answer says are gone: cancelled now, or not there any more.
std::int64_t gone(std::string_view body) {
  const auto entries = decode_batch_answer(body);
  if (!entries) return 0;
  return std::count_if(entries->begin(), entries->end(), [](const OrderAnswer& e) { return !e.error; });
}

}  // namespace

struct Sweeper::Impl : std::enable_shared_from_this<Sweeper::Impl> {
  Impl(SignedRest& r, Ownership o) : rest{r}, ownership{std::move(o)} {}

  void start(bool cancel, std::function<void(const SweepResult&)> whom, std::function<bool()> wanted) {
    CHECK(!busy);
    busy = true;
    cancels = cancel;
    done = std::move(whom);
    still = std::move(wanted);
    result = {};
    waiting = 0;
    page("", 0);
  }

  void page(const std::string& cursor, int number) {
    std::string target = "/portfolio/orders?status=resting&limit=1000";
    if (!cursor.empty()) target += "&cursor=" + net::percent_encoded(cursor);
    rest.send("GET", target, "", kTimeout,
              [self = shared_from_this(), number](const net::Outcome& o) { self->paged(o, number); });
  }

  void paged(const net::Outcome& o, int number) {
    if (!good(o)) return end("the list of orders: " + said(o));
    auto orders = decode_orders(o.response.body);
    if (!orders) return end(orders.error().message);
    for (auto& order : orders->orders) {
      if (order.state != OrderState::resting) continue;
      (ownership.ours(order.client_order_id) ? result.ours : result.foreign).push_back(std::move(order));
    }
    if (!orders->cursor.empty() && number < kPagesMax) return page(orders->cursor, number + 1);
    result.listed = true;
    if (!cancels || result.ours.empty() || (still && !still())) return end("");
    cancel();
  }

  void cancel() {
    std::set<std::string> groups, shared;
    for (const auto& o : result.foreign) shared.insert(o.group_id);
    for (const auto& o : result.ours) {
      if (!o.group_id.empty() && !shared.contains(o.group_id)) groups.insert(o.group_id);
    }
    waiting = 1;
    for (const auto& group : groups) {
      ++waiting;
      rest.send("PUT", "/portfolio/order_groups/" + net::percent_encoded(group) + "/trigger", "", kTimeout,
                [self = shared_from_this()](const net::Outcome& o) {
                  self->result.groups += good(o);
                  self->answered(good(o), o);
                });
    }
    // By id as well: a group that could not be triggered must not keep its orders.
    for (std::size_t from = 0; from < result.ours.size(); from += kBatchMax) {
      const std::size_t until = std::min(from + kBatchMax, result.ours.size());
      ++waiting;
      rest.send("DELETE", std::string{kBatched}, batch_body(result.ours, from, until), kTimeout,
                [self = shared_from_this()](const net::Outcome& o) {
                  if (good(o)) self->result.cancelled += gone(o.response.body);
                  self->answered(good(o), o);
                });
    }
    answered(true, net::Outcome{});
  }

  void answered(bool ok, const net::Outcome& o) {
    if (!ok) {
      ++result.failed;
      if (result.why.empty()) result.why = said(o);
    }
    if (--waiting == 0) end(result.why);
  }

  void end(std::string why) {
    result.why = std::move(why);
    busy = false;
    if (done) std::exchange(done, nullptr)(result);
  }

  SignedRest& rest;
  Ownership ownership;
  std::function<void(const SweepResult&)> done;
  std::function<bool()> still;
  SweepResult result;
  bool busy{false}, cancels{false};
  int waiting{0};
};

Sweeper::Sweeper(SignedRest& rest, Ownership ownership) : impl_{std::make_shared<Impl>(rest, std::move(ownership))} {}
Sweeper::~Sweeper() {
  impl_->done = nullptr;
}

bool Sweeper::busy() const {
  return impl_->busy;
}
void Sweeper::sweep(std::function<void(const SweepResult&)> done, std::function<bool()> still) {
  impl_->start(true, std::move(done), std::move(still));
}
void Sweeper::list(std::function<void(const SweepResult&)> done) {
  impl_->start(false, std::move(done), {});
}
void Sweeper::cancel_all(std::function<void(bool, const std::string&)> done) {
  impl_->rest.send("DELETE", "/portfolio/events/orders", "", kTimeout,
                   [done = std::move(done)](const net::Outcome& o) { done(good(o), good(o) ? "" : said(o)); });
}

}  // namespace voltage::venue::kalshi
