#include "app/watch/courier.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include <fmt/format.h>

#include "venue/net/client.hpp"

namespace voltage::app::watch {

using venue::net::Delivery;
using venue::net::HttpClient;
using venue::net::Outcome;
using venue::net::Url;

namespace {

constexpr std::size_t kWaitingMax = 200;  // messages of one hook; the oldest go first

struct Waiting {
  AlertMessage message;
  Duration due{}, pause{};
};

bool taken(const Outcome& o) {
  return o.delivery == Delivery::answered && o.response.status >= 200 && o.response.status < 300;
}

std::string fate(const Outcome& o) {
  return o.delivery == Delivery::answered ? fmt::format("HTTP {}", o.response.status) : o.why;
}

}  // namespace

struct Courier::Impl : std::enable_shared_from_this<Courier::Impl> {
  struct Line {
    Hook hook;
    std::unique_ptr<HttpClient> client;
    std::deque<Waiting> waiting;
    bool busy{false};
  };

  void pump(std::size_t i) {
    Line& line = lines[i];
    if (line.busy || line.waiting.empty() || line.waiting.front().due > now) return;
    line.busy = true;
    line.client->send(request_of(line.hook, line.waiting.front().message), rules.timeout,
                      [self = shared_from_this(), i](const Outcome& o) { self->done(i, o); });
  }

  void done(std::size_t i, const Outcome& o) {
    Line& line = lines[i];
    line.busy = false;
    if (line.waiting.empty()) return;
    Waiting& first = line.waiting.front();
    if (taken(o)) {
      ++sent;
      if (first.message.change == AlertChange::test) tested = now;
      line.waiting.pop_front();
      return pump(i);
    }
    ++failures;
    first.pause = first.pause.ns == 0 ? rules.retry_first : std::min(first.pause * 2, rules.retry_max);
    first.due = now + first.pause;
    say(fmt::format("{} did not take \"{}\" ({}); again in {:.0f} s", name(line.hook.kind), title(first.message),
                    fate(o), first.pause.seconds()));
  }

  void ping(bool fine) {
    ping_due = now + rules.ping_every;
    pinging = true;
    ping_client->send({fine ? "GET" : "POST", fine ? "" : "/fail", "", {}}, rules.timeout,
                      [self = shared_from_this()](const Outcome& o) {
                        self->pinging = false;
                        if (taken(o)) {
                          ++self->pings;
                          self->pinged = self->now;
                        } else {
                          ++self->ping_failures;
                          self->say("the outside watcher did not take the ping: " + fate(o));
                        }
                      });
  }

  CourierRules rules;
  std::function<void(const std::string&)> say;
  std::vector<Line> lines;
  std::unique_ptr<HttpClient> ping_client;
  Duration now{}, pinged{}, tested{}, ping_due{}, test_due{};
  bool started{false}, pinging{false}, well{true};
  std::int64_t sent{0}, failures{0}, pings{0}, ping_failures{0};
};

Courier::Courier(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}

Courier::~Courier() {
  // The clients hold callbacks that hold us.
  for (auto& line : impl_->lines) line.client.reset();
  impl_->ping_client.reset();
}

Result<std::unique_ptr<Courier>> Courier::make(venue::net::Loop& loop, const HookConfig& config, CourierRules rules,
                                               std::function<void(const std::string&)> say) {
  auto impl = std::make_shared<Impl>();
  impl->rules = rules;
  impl->say = std::move(say);
  for (const auto& hook : config.hooks) {
    auto url = Url::parse(hook.url);
    if (!url) return fail(fmt::format("the {} webhook: {}", name(hook.kind), url.error().message));
    impl->lines.push_back({hook, std::make_unique<HttpClient>(loop, std::move(*url)), {}, false});
  }
  if (!config.ping.empty()) {
    auto url = Url::parse(config.ping);
    if (!url) return fail("the ping's URL: " + url.error().message);
    impl->ping_client = std::make_unique<HttpClient>(loop, std::move(*url));
  }
  return std::unique_ptr<Courier>{new Courier{std::move(impl)}};
}

void Courier::send(const AlertMessage& message) {
  for (std::size_t i = 0; i < impl_->lines.size(); ++i) {
    auto& waiting = impl_->lines[i].waiting;
    waiting.push_back({message, impl_->now, {}});
    // Not the first: it may be on the wire.
    if (waiting.size() > kWaitingMax) waiting.erase(waiting.begin() + 1);
    impl_->pump(i);
  }
}

void Courier::tick(Duration now, bool well) {
  Impl& m = *impl_;
  m.now = now;
  if (!std::exchange(m.started, true)) m.pinged = m.tested = m.ping_due = m.test_due = now;
  for (std::size_t i = 0; i < m.lines.size(); ++i) m.pump(i);
  // A change for the worse is told at once.
  const bool worse = std::exchange(m.well, well) && !well;
  if (m.ping_client && !m.pinging && (now >= m.ping_due || worse)) m.ping(well);
  if (!m.lines.empty() && now >= m.test_due) {
    m.test_due = now + m.rules.test_every;
    send({AlertChange::test, "test", "", "", ""});
  }
}

std::int64_t Courier::sent() const {
  return impl_->sent;
}
std::int64_t Courier::failures() const {
  return impl_->failures;
}
std::int64_t Courier::pings() const {
  return impl_->pings;
}
std::int64_t Courier::ping_failures() const {
  return impl_->ping_failures;
}
double Courier::since_ping(Duration now) const {
  return impl_->ping_client && impl_->started ? (now - impl_->pinged).seconds() : -1;
}
double Courier::since_self_test(Duration now) const {
  return impl_->lines.empty() || !impl_->started ? -1 : (now - impl_->tested).seconds();
}

}  // namespace voltage::app::watch
