#include "app/guard/guard.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "app/keys/key_change.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "io/atomic_file.hpp"
#include "io/json_writer.hpp"
#include "venue/kalshi/portfolio.hpp"
#include "venue/kalshi/sweeper.hpp"
#include "venue/live_feeds.hpp"

namespace voltage::app::guard {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

constexpr Duration kLook = 100_ms;        // at the pulse and the kill switch
constexpr Duration kAccountEvery = 2_s;   // while calm
constexpr Duration kSweepEvery = 400_ms;  // while something of ours may rest
constexpr Duration kSweptEvery = 2_s;     // after two empty lists in a row
constexpr Duration kStateEvery = 1_s;
constexpr Duration kTimeout{1'500'000'000};
constexpr Duration kDiskPatience = 700_ms;  // the kill switch is written first, but no disk holds a cancel back
constexpr Duration kLastResort = 6_s;       // of sweeping in vain

std::int64_t day_of(Time t) {
  return t.ns / (24_h).ns;
}

// Pulls the switch on a thread of its own and waits for it, but not for ever.
void pull_within(const io::Latch& latch, Time at, const std::string& why, Duration patience) {
  struct Shared {
    std::mutex mutex;
    std::condition_variable changed;
    bool done{false};
  };
  auto shared = std::make_shared<Shared>();
  std::thread{[shared, latch, at, why] {
    static_cast<void>(latch.pull(at, "guard", why));
    const std::lock_guard lock{shared->mutex};
    shared->done = true;
    shared->changed.notify_one();
  }}.detach();
  std::unique_lock lock{shared->mutex};
  shared->changed.wait_for(lock, std::chrono::nanoseconds{patience.ns}, [&] { return shared->done; });
}

}  // namespace

struct Guard::Impl : std::enable_shared_from_this<Guard::Impl> {
  Impl(GuardConfig c, io::Pulse p, std::unique_ptr<kalshi::SignedRest> look, std::unique_ptr<kalshi::SignedRest> act,
       std::function<void(const std::string&)> s)
      : config{std::move(c)},
        watch{config.rules},
        latch{config.control},
        pulse{std::move(p)},
        looks{std::move(look)},
        acts{std::move(act)},
        lister{*looks, config.ownership},
        sweeper{*acts, config.ownership},
        say{std::move(s)},
        key{config.control, "guard", config.endpoints, [this](const Result<std::string>& r) { heard(r); }} {}

  void line(const std::string& text) { say(format_iso(venue::wall_now()) + "  " + text); }

  void look() {
    auto seen = io::read_pulse(io::pulse_path(config.control, "trader"));
    // A heartbeat that can't be read is none.
    watch.on_pulse(io::machine_time(), seen ? *seen : std::nullopt);
    watch.on_latch(latch.pulled());
  }

  // On the thread of the change: what it says waits for the next look.
  void heard(const Result<std::string>& key_id) {
    const std::lock_guard lock{key_mutex};
    key_news =
        key_id ? "signs with the key " + *key_id : "another key was offered and not taken: " + key_id.error().message;
  }
  void say_key() {
    const std::lock_guard lock{key_mutex};
    if (!key_news.empty()) line(std::exchange(key_news, {}));
  }

  void tick() {
    pulse.beat(++looked);
    look();
    key.look();
    say_key();
    const Duration now = io::machine_time();
    if (!watch.pull().empty() && !latch.pulled()) {
      line("KILL: " + watch.pull());
      pull_within(latch, venue::wall_now(), watch.pull(), kDiskPatience);
    }
    if (watch.sweep() != told) {
      // The seconds of a silence change with each look; the kind of it is what is told.
      const auto kind = [](const std::string& s) { return s.substr(0, s.find(" for ")); };
      if (kind(watch.sweep()) != kind(told)) line(watch.sweep().empty() ? "calm: the trader beats" : watch.sweep());
      if (told.empty()) sweep_since = now, empty_lists = 0;
      told = watch.sweep();
    }
    if (!watch.sweep().empty()) sweep(now);
    if (now >= account_due && !lister.busy() && !asking) ask_account(now);
    if (now >= state_due) write_state(now);
  }

  void sweep(Duration now) {
    if (sweeper.busy() || now < sweep_due) return;
    sweep_due = now + (empty_lists >= 2 ? kSweptEvery : kSweepEvery);
    // A trader that has come back while the list was on its way keeps the quotes that it has placed since.
    sweeper.sweep([self = shared_from_this()](const kalshi::SweepResult& r) { self->swept(r); },
                  [self = shared_from_this()] {
                    self->look();
                    return !self->watch.sweep().empty();
                  });
  }

  void swept(const kalshi::SweepResult& r) {
    if (!r.listed) {
      if (r.why != last_trouble) line("the venue can't be asked: " + r.why);
      last_trouble = r.why;
      return;
    }
    last_trouble.clear();
    if (r.ours.empty()) {
      if (++empty_lists == 1)
        line(fmt::format("nothing of ours rests; {} foreign orders left alone", r.foreign.size()));
      return;
    }
    empty_lists = 0;
    if (r.cancelled == 0 && r.groups == 0 && r.failed == 0) return;
    line(fmt::format(
        "{} orders of ours: {} cancelled by id, {} groups triggered, {} requests failed{}{}; {} foreign left",
        r.ours.size(), r.cancelled, r.groups, r.failed, r.why.empty() ? "" : ": ", r.why, r.foreign.size()));
    cancelled += r.cancelled;
    const Duration now = io::machine_time();
    // Cancel-all hits everybody's orders: only where the account is the program's alone, and by id did not do.
    if (config.ownership.exclusive_account && now - sweep_since > kLastResort && now >= last_resort_due) {
      last_resort_due = now + 5_s;
      line(
          fmt::format("last resort: the venue's cancel-all, which hits all {} resting orders of this account and "
                      "those placed within the next minute",
                      r.ours.size() + r.foreign.size()));
      sweeper.cancel_all([self = shared_from_this()](bool ok, const std::string& why) {
        self->line(ok ? "cancel-all was accepted" : "cancel-all failed: " + why);
      });
    }
    sweep_due = Duration{};
  }

  // Orders, then positions, then cash: one answer asks the next question.
  void ask_account(Duration now) {
    account_due = now + kAccountEvery;
    asking = true;
    lister.list([self = shared_from_this()](const kalshi::SweepResult& r) {
      if (!r.listed) return self->blind(r.why);
      self->orders = r.ours;
      self->foreign = r.foreign;
      self->positions.clear();
      self->ask_positions("");
    });
  }
  void ask_positions(const std::string& cursor) {
    std::string target = "/portfolio/positions?count_filter=position&limit=1000";
    if (!cursor.empty()) target += "&cursor=" + venue::net::percent_encoded(cursor);
    looks->send("GET", target, "", kTimeout, [self = shared_from_this()](const venue::net::Outcome& o) {
      if (o.delivery != venue::net::Delivery::answered) return self->blind(o.why);
      auto page = kalshi::decode_positions(o.response.body);
      if (o.response.status != 200 || !page) return self->blind("positions: " + std::to_string(o.response.status));
      for (auto& p : page->positions) self->positions.push_back(std::move(p));
      if (!page->cursor.empty()) return self->ask_positions(page->cursor);
      self->ask_balance();
    });
  }
  void ask_balance() {
    looks->send("GET", "/portfolio/balance", "", kTimeout, [self = shared_from_this()](const venue::net::Outcome& o) {
      if (o.delivery != venue::net::Delivery::answered) return self->blind(o.why);
      const auto balance = kalshi::decode_balance(o.response.body);
      if (o.response.status != 200 || !balance) return self->blind("balance: " + std::to_string(o.response.status));
      self->see(balance->total);
    });
  }
  void blind(const std::string& why) {
    asking = false;
    if (blind_why != why) line("the account can't be seen: " + why);
    blind_why = why;
  }
  void see(Money cash) {
    asking = false;
    if (!blind_why.empty()) line("the account can be seen again");
    blind_why.clear();
    AccountSeen a{
        .cash = cash, .positions = {}, .collateral = {}, .orders_ours = 0, .orders_foreign = 0, .largest_order = {}};
    for (const auto& p : positions) a.positions += p.exposure;
    std::vector<kalshi::Order> all = orders;
    all.insert(all.end(), foreign.begin(), foreign.end());
    a.collateral = kalshi::resting_collateral(all, positions);
    a.orders_ours = static_cast<std::int64_t>(orders.size());
    a.orders_foreign = static_cast<std::int64_t>(foreign.size());
    for (const auto& o : orders) a.largest_order = max(a.largest_order, o.remaining);
    account = a;
    seen_at = io::machine_time();
    const std::int64_t day = watch.day();
    watch.on_account(day_of(venue::wall_now()), a);
    if (watch.day() != day) keep_day();
  }

  std::string day_file() const { return config.control + "/guard-day"; }
  void keep_day() {
    const auto ok = io::write_file(day_file(), fmt::format("{} {}\n", watch.day(), watch.day_start().micros));
    if (!ok) line(ok.error().message);
  }
  void recall_day() {
    const auto text = io::read_file(day_file());
    if (!text) return;
    const auto space = text->find(' '), end = text->find('\n');
    if (space == std::string::npos || end == std::string::npos || end < space) return;
    const auto day = parse_int(std::string_view{*text}.substr(0, space));
    const auto equity = parse_int(std::string_view{*text}.substr(space + 1, end - space - 1));
    if (day && equity) watch.remember_day(*day, Money{*equity});
  }

  void write_state(Duration now) {
    state_due = now + kStateEvery;
    io::JsonWriter w;
    w.begin_object().string("trader", watch.trader()).boolean("trader_beats", watch.trader_beats());
    w.string("sweeping", watch.sweep()).boolean("kill_switch", latch.pulled().has_value());
    w.boolean("sees_account", blind_why.empty() && account.has_value()).string("blind", blind_why);
    if (account) {
      w.integer("account_age_ms", (now - seen_at).ns / 1'000'000);
      w.integer("orders_ours", account->orders_ours).integer("orders_foreign", account->orders_foreign);
      w.money("cash", account->cash).money("exposure", account->exposure()).money("loss_today", watch.loss());
    }
    w.money("loss_max", config.rules.loss_max).money("exposure_max", config.rules.exposure_max);
    w.integer("cancelled", cancelled).end_object();
    // A disk that can't take it is no reason to stop guarding.
    static_cast<void>(io::write_file(config.control + "/guard.json", w.take() + "\n"));
  }

  GuardConfig config;
  Watch watch;
  io::Latch latch;
  io::Pulse pulse;
  std::unique_ptr<kalshi::SignedRest> looks, acts;
  kalshi::Sweeper lister, sweeper;
  std::function<void(const std::string&)> say;
  std::string told, last_trouble, blind_why;
  std::vector<kalshi::Order> orders, foreign;
  std::vector<kalshi::HeldPosition> positions;
  std::optional<AccountSeen> account;
  Duration seen_at{}, sweep_due{}, sweep_since{}, account_due{}, state_due{}, last_resort_due{};
  std::uint64_t looked{0};
  std::int64_t cancelled{0};
  int empty_lists{0};
  bool asking{false};
  std::mutex key_mutex;
  std::string key_news;
  keys::KeyChange key;  // the last member: its thread ends first
};

Result<std::unique_ptr<Guard>> Guard::start(venue::net::Loop& loop, const GuardConfig& config,
                                            std::function<void(const std::string&)> say) {
  std::error_code ec;
  std::filesystem::create_directories(config.control, ec);
  if (ec) return fail(config.control + ": cannot be made: " + ec.message());
  auto pulse = io::Pulse::create(io::pulse_path(config.control, "guard"));
  if (!pulse) return tl::unexpected(pulse.error());
  auto credential = kalshi::Credential::of(config.endpoints);
  if (!credential) return tl::unexpected(credential.error());
  GuardConfig shared = config;
  shared.endpoints.credential = std::move(*credential);
  auto look = kalshi::SignedRest::make(loop, shared.endpoints);
  if (!look) return tl::unexpected(look.error());
  auto act = kalshi::SignedRest::make(loop, shared.endpoints);
  if (!act) return tl::unexpected(act.error());
  auto impl = std::make_shared<Impl>(shared, std::move(*pulse), std::move(*look), std::move(*act), std::move(say));
  impl->recall_day();
  loop.every(kLook, [weak = std::weak_ptr{impl}] {
    if (const auto alive = weak.lock()) alive->tick();
  });
  return std::unique_ptr<Guard>{new Guard{std::move(impl)}};
}

Guard::Guard(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
Guard::~Guard() {
  impl_->pulse.farewell();
}

}  // namespace voltage::app::guard
