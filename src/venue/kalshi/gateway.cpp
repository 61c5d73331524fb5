#include "venue/kalshi/gateway.hpp"

#include <atomic>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "io/atomic_file.hpp"
#include "venue/kalshi/rest_shape.hpp"
#include "venue/kalshi/signer.hpp"
#include "venue/net/client.hpp"

namespace voltage::venue::kalshi {
namespace {

constexpr Duration kTick{100'000'000};

}  // namespace

struct Gateway::Impl : std::enable_shared_from_this<Gateway::Impl> {
  Impl(net::Loop& l, const Endpoints& e, GatewayRules r, Sink s, std::shared_ptr<Credential> c, const net::Url& url)
      : loop{l},
        clock{e.clock},
        rules{std::move(r)},
        sink{std::move(s)},
        desk{rules.desk, rules.prefix},
        creates{l, url, e.ca_file},
        cancels{l, url, e.ca_file},
        questions{l, url, e.ca_file},
        signer{std::move(c), url.path} {
    desk.count_as_told(std::exchange(rules.known_trades, {}));
  }

  void pump() {
    for (auto& request : desk.take_requests()) carry(std::move(request));
    for (auto& e : desk.take_events()) sink(clock.now(), std::move(e));
    if (desk.tidy()) kills_through = kills_taken;
    keep_groups();
  }

  // A run that dies leaves its groups: whoever starts next deletes them. What can't be written is left, empty.
  void keep_groups() {
    if (rules.groups_file.empty() || desk.groups() == groups_kept) return;
    groups_kept = desk.groups();
    std::string text;
    for (const auto& [shard, id] : groups_kept) text += fmt::format("{} {}\n", shard, id);
    static_cast<void>(io::write_file(rules.groups_file, text));
  }

  // Behind what was asked for in the same breath.
  void pump_soon() {
    if (std::exchange(pumping, true)) return;
    loop.post([weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->pumping = false;
      self->pump();
    });
  }

  std::optional<std::string> too_late(Time decided, Time now) const {
    const Duration age = clock.wall(now - decided);
    if (age <= rules.decided_max) return std::nullopt;
    return fmt::format("not sent: decided {} ms ago", age.ns / 1'000'000);
  }

  net::HttpClient& client_for(const net::Request& request) {
    if (request.method == "DELETE" || request.method == "PUT") return cancels;
    return request.method == "GET" ? questions : creates;
  }

  void carry(DeskRequest r) {
    // The signer's thread never owns us: the last owner would join the thread that it runs on.
    signer.sign(std::move(r.request),
                [&to = loop, self = weak_from_this(), number = r.number](Result<net::Request> ready) {
                  to.post([self, number, ready = std::move(ready)]() mutable {
                    if (const auto here = self.lock()) here->send(number, std::move(ready));
                  });
                });
  }

  void send(std::uint64_t number, Result<net::Request> ready) {
    if (!ready) {
      desk.not_sent(number, ready.error().message, clock.now());
      return pump();
    }
    auto& client = client_for(*ready);
    const auto asked = std::pair{ready->method, ready->target};
    client.send(std::move(*ready), rules.answer_timeout, [this, number, asked](const net::Outcome& o) {
      const Time now = clock.now();
      if (o.delivery == net::Delivery::answered) watch_shape(asked.first, asked.second, o.response, now);
      if (o.delivery == net::Delivery::answered) desk.answered(number, o.response.status, o.response.body, now);
      if (o.delivery == net::Delivery::not_sent) desk.not_sent(number, o.why, now);
      if (o.delivery == net::Delivery::unknown) desk.lost(number, o.why, now);
      pump();
    });
  }

  // A field that has gone is told before what is made of the answer.
  void watch_shape(const std::string& method, const std::string& target, const net::Response& response, Time now) {
    if (shape_told) return;
    const auto changed = shape_change(method, target, response.status, response.body);
    shape_told = !changed.empty();
    if (shape_told)
      sink(now, event::StreamHealth{event::Stream::kalshi_private, event::Health::down, kSchemaChanged + changed});
  }

  net::Loop& loop;
  VenueClock clock;
  GatewayRules rules;
  Sink sink;
  OrderDesk desk;
  net::HttpClient creates, cancels, questions;
  bool pumping{false}, shape_told{false};
  std::vector<OrderDesk::GroupKept> groups_kept;
  std::atomic<int> kills_asked{0}, kills_through{0};
  int kills_taken{0};
  Signer signer;  // the last member: its thread ends first
};

Gateway::Gateway(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::make(net::Loop& loop, const Endpoints& e, GatewayRules rules, Sink sink) {
  auto credential = Credential::of(e);
  if (!credential) return tl::unexpected(credential.error());
  const auto url = net::Url::parse(e.kalshi_rest);
  if (!url) return fail("kalshi_rest: " + url.error().message);
  // An order waits for its answer on our side of the network: these are times of the wall.
  rules.desk.look_again = e.clock.ours(rules.desk.look_again);
  rules.desk.absent_after = e.clock.ours(rules.desk.absent_after);
  rules.desk.alive_max = e.clock.ours(rules.desk.alive_max);
  auto impl = std::make_shared<Impl>(loop, e, std::move(rules), std::move(sink), std::move(*credential), *url);
  loop.every(kTick, [weak = std::weak_ptr{impl}] {
    if (const auto self = weak.lock()) {
      self->desk.tick(self->clock.now());
      self->pump();
    }
  });
  return std::unique_ptr<Gateway>{new Gateway{std::move(impl)}};
}

void Gateway::submit(const event::OrderTerms& terms, Time decided) {
  impl_->loop.post([weak = std::weak_ptr{impl_}, terms, decided] {
    const auto self = weak.lock();
    if (!self) return;
    const Time now = self->clock.now();
    if (const auto late = self->too_late(decided, now)) return self->sink(now, event::OrderRefused{terms.order, *late});
    self->desk.place(terms, now);
    self->pump_soon();
  });
}

void Gateway::amend(const event::AmendTerms& terms, Time decided) {
  impl_->loop.post([weak = std::weak_ptr{impl_}, terms, decided] {
    const auto self = weak.lock();
    if (!self) return;
    const Time now = self->clock.now();
    if (const auto late = self->too_late(decided, now))
      return self->sink(now, event::AmendRefused{terms.order, terms.revision, *late});
    self->desk.amend(terms, now);
    self->pump_soon();
  });
}

void Gateway::cancel(event::OrderId order) {
  impl_->loop.post([weak = std::weak_ptr{impl_}, order] {
    const auto self = weak.lock();
    if (!self) return;
    self->desk.cancel(order, self->clock.now());
    self->pump_soon();
  });
}

bool Gateway::tidy() const {
  return impl_->kills_through == impl_->kills_asked;
}

void Gateway::kill() {
  ++impl_->kills_asked;
  impl_->loop.post([weak = std::weak_ptr{impl_}] {
    const auto self = weak.lock();
    if (!self) return;
    self->desk.kill();
    ++self->kills_taken;
    self->pump_soon();
  });
}

void Gateway::alive() {
  impl_->loop.post([weak = std::weak_ptr{impl_}] {
    if (const auto self = weak.lock()) self->desk.alive(self->clock.now());
  });
}

void Gateway::know(const market::Contract& contract) {
  impl_->desk.know(contract);
}

void Gateway::on_fill(const Fill& fill) {
  impl_->desk.on_fill(fill);
  impl_->pump();
}

void Gateway::on_resting(const std::vector<Order>& resting, Time asked) {
  impl_->desk.on_resting(resting, asked, impl_->clock.now());
  impl_->pump();
}

void Gateway::on_order(const Order& order) {
  impl_->desk.on_order(order);
  impl_->pump();
}

}  // namespace voltage::venue::kalshi
