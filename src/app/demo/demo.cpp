#include "app/demo/demo.hpp"

#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "app/journal/bars_before.hpp"
#include "app/journal/run_folder.hpp"
#include "app/run/recorder.hpp"
#include "app/run/world.hpp"
#include "app/watch/run_watch.hpp"
#include "base/decimal.hpp"
#include "base/time.hpp"
#include "forecast/answer.hpp"

namespace voltage::app::demo {
namespace {

using namespace literals;

// Tells a person what happens, line by line, and counts for the report.
class Narrator final : public Recorder {
 public:
  Narrator(const Options& options, const engine::Engine& engine) : options_{options}, engine_{engine} {}

  void record(const event::Event& e) override {
    if (const auto* ready = std::get_if<event::ForecastReady>(&e.what)) forecast(e.at, *ready);
    if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) trade(e.at, *fill);
    if (const auto* settled = std::get_if<event::Settled>(&e.what)) settlement(e.at, *settled);
  }

  void record(const event::Event& cause, const event::Effect& fx) override {
    if (const auto* q = std::get_if<event::Quote>(&fx)) quote(cause.at, *q);
    if (std::holds_alternative<event::PlaceOrder>(fx)) ++outcome_.orders;
    if (const auto* change = std::get_if<event::CashChange>(&fx)) outcome_.sum_of_changes += change->change;
  }

  Outcome outcome_;

 private:
  static std::string clock(Time t) { return format_iso(t).substr(11, 8); }
  const std::string& ticker(event::ContractId id) const { return engine_.books().at(id).contract.ticker; }

  static double beyond(const event::ForecastReady& m, Duration horizon, double move) {
    for (const auto& node : m.nodes) {
      if (node.horizon == horizon) return forecast::from_event(node).density.beyond(move);
    }
    return std::nan("");
  }

  void forecast(Time at, const event::ForecastReady& m) {
    ++outcome_.forecasts;
    outcome_.model_hash = m.model_hash;
    options_.say(fmt::format("{}  bitcoin {:>9.2f}  P(move > 0.15 % in 15m) {:.3f}  P(> 0.30 % in 60m) {:.3f}",
                             clock(at), m.close, beyond(m, 15_min, 0.0015), beyond(m, 60_min, 0.003)));
  }

  void quote(Time at, const event::Quote& q) {
    if (std::isnan(q.fair)) return;
    const auto price = [](const std::optional<Price>& p) { return p ? format_price(*p) : std::string{"  –   "}; };
    options_.say(fmt::format("{}  {}  {:>3.0f} s left  market {} / {}  fair {:.3f}", clock(at), ticker(q.contract),
                             q.seconds_left, price(q.bid), price(q.ask), q.fair));
  }

  void trade(Time at, const event::FillSeen& f) {
    ++outcome_.fills;
    const bool yes = f.side == Side::bid;
    const Price paid = yes ? f.price : f.price.complement();
    options_.say(fmt::format("{}  {}  BOUGHT {} {} at ${}  fee ${}", clock(at), ticker(f.contract), format_qty(f.qty),
                             yes ? "YES" : "NO", format_price(paid), format_money(f.fee)));
  }

  void settlement(Time at, const event::Settled& s) {
    ++outcome_.windows_settled;
    const auto& position = engine_.ledger().position(s.contract);
    options_.say(fmt::format("{}  {}  settled {}{}", clock(at), ticker(s.contract),
                             s.outcome == event::Outcome::yes ? "YES" : "NO", position.traded() ? ", we held it" : ""));
  }

  const Options& options_;
  const engine::Engine& engine_;
};

// Keeps simulated time at `speed` times the wall clock; false when the time is up or someone asked to stop.
class Pace {
 public:
  // `waiting` is called at least ten times a second.
  Pace(const Options& o, std::function<void()> waiting)
      : options_{o}, waiting_{std::move(waiting)}, start_{Clock::now()} {}

  bool wait_for(Duration simulated) {
    const auto limit = start_ + std::chrono::nanoseconds{options_.wall.ns};
    waiting_();
    if (stopped() || Clock::now() >= limit) return false;
    if (options_.speed <= 0) return true;
    const auto due =
        start_ + std::chrono::nanoseconds{static_cast<std::int64_t>(simulated.seconds() / options_.speed * 1e9)};
    if (due >= limit) return false;
    while (Clock::now() < due) {
      if (stopped()) return false;
      waiting_();
      std::this_thread::sleep_until(std::min(due, Clock::now() + std::chrono::milliseconds{100}));
    }
    return true;
  }

 private:
  using Clock = std::chrono::steady_clock;
  bool stopped() const { return options_.stop != nullptr && options_.stop->load(); }
  const Options& options_;
  std::function<void()> waiting_;
  Clock::time_point start_;
};

// Empty if none is wanted.
Result<std::unique_ptr<io::JournalWriter>> open_journal(const Options& options, const CoreConfig& config, Time start) {
  if (options.journal.empty()) return nullptr;
  io::JournalOptions how;
  how.stall_max = 2_s;
  return journal::start_run({options.journal, "demo", options.seed, start, {}}, config, how);
}

}  // namespace

Result<Outcome> run(const Options& options) {
  venue::sim::SimMarketOptions market_options;
  market_options.seed = options.seed;
  market_options.history = options.history;
  market_options.volatility_error = options.volatility_error;
  venue::sim::SimMarket market{market_options};
  auto forecasts = options.forecasts();
  if (!forecasts) return tl::unexpected(forecasts.error());

  CoreConfig config;
  config.engine.needed[static_cast<std::size_t>(event::Stream::kalshi_private)] = false;
  config.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = !options.journal.empty();
  // On a real venue the blend stays near the market until evidence moves it. Here there is no evidence to
  // wait for, and a person wants to see trades: the model is believed more than half.
  config.strategy.belief.mean = {0, 0.6, 0.4, 0};
  Core core{config};
  engine::Engine& engine = core.engine();
  auto journal = open_journal(options, config, market.now());
  if (!journal) return tl::unexpected(journal.error());
  venue::sim::SimExchange exchange{venue::sim::neutral()};
  Narrator narrator{options, engine};
  std::optional<watch::RunWatch> watched;
  std::vector<Recorder*> recorders{&narrator};
  if (options.lookout != nullptr) {
    recorders.push_back(
        &watched.emplace(*options.lookout, core,
                         watch::Facts{"demo", std::filesystem::path{options.journal}.filename().string(),
                                      "Simulated, not a market: prices, makers and fills are made on this machine.",
                                      config.engine.needed}));
  }
  World world{engine, exchange, **forecasts, recorders, 20_ms, journal->get()};
  // All but the last bar for the models alone; the last is told, so that the first forecast comes at once.
  const auto& history = market.history();
  std::vector<event::CandleClosed> before;
  for (std::size_t i = 0; i + 1 < history.bars.size(); ++i) {
    before.push_back({event::SpotVenue::simulated, history.interval, history.bars[i]});
    world.preload(before.back());
  }
  if (*journal) {
    if (auto ok = journal::write_bars_before(options.journal, before); !ok) return tl::unexpected(ok.error());
  }
  const Time start = market.now();
  world.happen(start, event::CandleClosed{event::SpotVenue::simulated, history.interval, history.bars.back()});
  Pace pace{options, [&] {
              if (watched) watched->beat();
            }};
  for (;;) {
    auto next = market.next();
    if (!pace.wait_for(next.at - start)) break;
    if (watched) {
      for (auto& said : watched->take_asked()) world.happen(engine.now(), std::move(said));
    }
    world.happen(next.at, std::move(next.what));
  }
  if (*journal) {
    if (auto ok = (*journal)->close(); !ok) return tl::unexpected(ok.error());
  }
  Outcome outcome = narrator.outcome_;
  outcome.simulated = engine.now() - start;
  outcome.cash_start = engine.ledger().start();
  outcome.cash_end = engine.ledger().cash();
  outcome.fees = engine.ledger().fees();
  for (const Time close : engine.ledger().instants()) outcome.open_at_cost += engine.ledger().at_cost(close);
  outcome.net = outcome.cash_end + outcome.open_at_cost - outcome.cash_start;
  return outcome;
}

}  // namespace voltage::app::demo
