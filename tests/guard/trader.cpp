// guard_trader VENUE_FILE CONTROL: rests four quotes on the venue (two of them in an order group), each to expire
// by itself within 25 s, puts the expiry off every 8 s and beats ten times a second. SIGUSR1: its loop hangs while
// a second thread lives on. Prints "resting" when the quotes rest. Exit 3 if the kill switch is pulled.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "base/decimal.hpp"
#include "io/json_writer.hpp"
#include "io/latch.hpp"
#include "io/pulse.hpp"
#include "venue/kalshi/ownership.hpp"
#include "venue/kalshi/portfolio.hpp"
#include "venue/kalshi/signed_rest.hpp"

namespace voltage {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

constexpr std::int64_t kRest = 25;  // seconds that a quote may outlive its trader

std::atomic<bool> hang{false};

Time wall() {
  return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

class Trader {
 public:
  Trader(venue::net::Loop& loop, kalshi::SignedRest& rest, io::Pulse& pulse)
      : loop_{loop}, rest_{rest}, pulse_{pulse} {}

  void start() {
    loop_.every(100_ms, [this] {
      pulse_.beat(++beats_);
      // volatile: a loop without effect may be taken to end.
      if (hang) {
        for (volatile bool forever = true; forever;) {
        }
      }
    });
    loop_.every(8_s, [this] {
      for (const auto& [id, body] : quotes_) amend(id, body.first, body.second);
    });
    rest_.send("GET", "/markets?series_ticker=KXBTCD&status=open&limit=1000", "", 5_s,
               [this](const venue::net::Outcome& o) { choose(o); });
  }

 private:
  void choose(const venue::net::Outcome& o) {
    venue::JsonDocument document;
    kalshi::Counts counts;
    const auto root = document.parse(o.response.body);
    const auto object = root ? kalshi::decode_rest(*root, counts) : Result<kalshi::RestObject>{fail("no answer")};
    const auto* markets = object ? std::get_if<kalshi::Markets>(&*object) : nullptr;
    if (markets == nullptr) die("no markets: " + o.why);
    for (const auto& m : markets->markets) {
      // One that will not close, and so cancel by itself, while it is looked at.
      if (m.close - wall() > 3_min && m.bid && m.bid->pips > 2'000 && m.bid->pips < 8'000) {
        market_ = m;
        return make_group();
      }
    }
    loop_.after(1_s, [this] { start_again(); });
  }
  void start_again() {
    rest_.send("GET", "/markets?series_ticker=KXBTCD&status=open&limit=1000", "", 5_s,
               [this](const venue::net::Outcome& o) { choose(o); });
  }
  void make_group() {
    io::JsonWriter w;
    w.begin_object()
        .qty("contracts_limit_fp", Qty{100'000})
        .integer("exchange_index", market_.exchange_index.value_or(0))
        .end_object();
    rest_.send("POST", "/portfolio/order_groups/create", w.take(), 5_s, [this](const venue::net::Outcome& o) {
      venue::JsonDocument document;
      const auto root = document.parse(o.response.body);
      if (root && o.response.status == 201) {
        for (const auto field : *root) {
          if (field.key() == "order_group_id") group_ = field.text();
        }
      }
      if (group_.empty()) die("no group: " + o.response.body);
      for (int i = 0; i < 4; ++i) place(i);
    });
  }
  void place(int i) {
    const Price price{100 * (i + 1)};
    io::JsonWriter w;
    w.begin_object().string("ticker", market_.ticker);
    w.string("client_order_id", fmt::format("{}{}-{}", kalshi::kOurPrefix, ::getpid(), i)).string("side", "bid");
    w.qty("count", Qty{500}).price("price", price).string("time_in_force", "good_till_canceled");
    w.integer("expiration_time", wall().ns / 1'000'000'000 + kRest);
    w.string("self_trade_prevention_type", "taker_at_cross").boolean("post_only", true);
    if (i % 2 == 1) w.string("order_group_id", group_);
    w.integer("exchange_index", market_.exchange_index.value_or(0)).end_object();
    rest_.send("POST", "/portfolio/events/orders", w.take(), 5_s, [this, price](const venue::net::Outcome& o) {
      venue::JsonDocument document;
      const auto root = document.parse(o.response.body);
      if (!root || o.response.status != 201) die("refused: " + o.response.body + o.why);
      for (const auto field : *root) {
        if (field.key() == "order_id") quotes_[std::string{field.text()}] = {price, Qty{500}};
      }
      if (quotes_.size() < 4) return;
      std::puts("resting");
      std::fflush(stdout);
    });
  }
  void amend(const std::string& id, Price price, Qty count) {
    io::JsonWriter w;
    w.begin_object().string("ticker", market_.ticker).string("side", "bid").qty("count", count).price("price", price);
    w.integer("expiration_time", wall().ns / 1'000'000'000 + kRest);
    w.integer("exchange_index", market_.exchange_index.value_or(0)).end_object();
    rest_.send("POST", "/portfolio/events/orders/" + id + "/amend", w.take(), 2_s, [](const venue::net::Outcome&) {});
  }
  [[noreturn]] static void die(const std::string& why) {
    std::fprintf(stderr, "guard_trader: %s\n", why.c_str());
    std::_Exit(1);
  }

  venue::net::Loop& loop_;
  kalshi::SignedRest& rest_;
  io::Pulse& pulse_;
  kalshi::Market market_;
  std::string group_;
  std::map<std::string, std::pair<Price, Qty>> quotes_;
  std::uint64_t beats_{0};
};

int trade(const std::string& venue_file, const std::string& control) {
  if (io::Latch{control}.pulled()) return 3;
  venue::Endpoints endpoints;
  if (!venue::read_endpoints(venue_file, endpoints)) return 2;
  auto pulse = io::Pulse::create(io::pulse_path(control, "trader"));
  venue::net::Loop loop;
  auto rest = kalshi::SignedRest::make(loop, endpoints);
  if (!pulse || !rest) return 2;
  std::signal(SIGUSR1, [](int) { hang = true; });
  std::thread{[] {
    for (;;) std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }}.detach();
  Trader trader{loop, **rest, *pulse};
  loop.post([&] { trader.start(); });
  loop.on_signal([&] { loop.stop(); });
  loop.run();
  pulse->farewell();
  return 0;
}

}  // namespace
}  // namespace voltage

int main(int argc, char** argv) {
  return argc == 3 ? voltage::trade(argv[1], argv[2]) : 2;
}
