#include "app/live/session.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "app/journal/bars_before.hpp"
#include "app/journal/carry.hpp"
#include "app/journal/run_folder.hpp"
#include "app/live/account_trust.hpp"
#include "app/live/account_watch.hpp"
#include "app/live/forecasts.hpp"
#include "app/live/inbox.hpp"
#include "app/live/post.hpp"
#include "app/live/reconciler.hpp"
#include "app/live/teller.hpp"
#include "app/live/venue_orders.hpp"
#include "app/run/world.hpp"
#include "app/watch/forecast_worker.hpp"
#include "app/watch/run_watch.hpp"
#include "base/time.hpp"
#include "venue/kalshi/gateway.hpp"
#include "venue/kalshi/rest_shape.hpp"
#include "venue/live_feeds.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

constexpr Duration kBeat = 20_ms;          // the core looks at the clock at least this often
constexpr Duration kModelTime = 3_s;       // for one forecast; a model that takes longer is replaced
constexpr Duration kSocketsSilence = 5_s;  // of a thread whose timer goes twice a second
constexpr Duration kEndTime = 20_s;        // for open orders to end and the books to agree

struct Stop {
  std::string why;
};
struct Failed {
  std::string why;
};
struct Happened {
  Time at{};
  event::Payload what;
};
using Item = std::variant<Happened, kalshi::Statement, Failed, Stop>;

std::string stamp_of(Time t) {
  constexpr std::int64_t millisecond = 1'000'000;  // a process killed and started again is another run
  std::string stamp = format_iso(Time{t.ns - t.ns % millisecond});
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return stamp;
}

class Session {
 public:
  explicit Session(const SessionOptions& options) : options_{options}, clock_{options.config.endpoints.clock} {}

  Status prepare();
  Result<SessionReport> run();

 private:
  bool live() const { return options_.account.has_value(); }
  Status make_core();
  Status make_edges();
  void keep_post();
  Status make_watch();
  void hear_operator();
  void watch_account();
  void take(Item& item);
  void tell_move(const event::CashMoved& moved);
  void happen(Time at, event::Payload what);
  void keep_bars_before();
  void may_compare();
  void say_private();
  void stop(const std::string& why);
  bool at_rest() const;
  SessionReport report() const;

  const SessionOptions& options_;
  venue::VenueClock clock_;
  Time start_{}, last_{};
  CoreConfig core_config_;
  std::string folder_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<io::JournalWriter> journal_;
  venue::net::Loop loop_;
  Inbox<Item> inbox_;
  std::unique_ptr<kalshi::Gateway> gateway_;
  std::unique_ptr<venue::LiveFeeds> feeds_;
  venue::sim::SimExchange exchange_{venue::sim::neutral()};
  std::unique_ptr<OrderEdge> orders_;
  std::unique_ptr<watch::Lookout> lookout_;  // may be none
  watch::Heartbeats own_parts_;              // then nobody looks
  std::unique_ptr<watch::RunWatch> watched_;
  std::unique_ptr<watch::ForecastWorker> forecasts_;
  std::unique_ptr<Teller> teller_;
  std::unique_ptr<World> world_;
  Reconciler reconciler_;
  AccountTrust trust_{reconciler_, clock_};
  std::set<std::string> moves_told_;
  std::multimap<std::string, kalshi::Fill> opening_fills_;  // not told yet: their contract is not known
  std::optional<AccountWatch> account_;                     // live only
  std::vector<event::CandleClosed> bars_before_;            // told to the models before the run
  std::size_t bars_kept_{0};
  Duration behind_max_{};
  std::optional<Post> post_;  // live only
  std::optional<std::chrono::steady_clock::time_point> stopping_;
  Time stopped_at_{};
};

Status Session::make_core() {
  start_ = last_ = clock_.now();
  core_config_ = options_.config.core;
  core_config_.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = !options_.config.data.empty();
  // Of the wall, so that no two runs of a machine share an order id, at whatever speed the venue's clock goes.
  core_config_.engine.run_number = static_cast<std::uint32_t>(venue::wall_now().ns / (1_s).ns);
  if (live()) {
    core_config_.engine.cash = options_.account->cash;
    core_config_.engine.carried = options_.losses;
  }
  core_ = std::make_unique<Core>(core_config_);
  teller_ = std::make_unique<Teller>(core_->engine());
  if (options_.config.data.empty()) return {};
  const char* kind = live() ? "live" : "paper";
  folder_ = fmt::format("{}/{}-{}", journal::runs_folder(options_.config.data), kind, stamp_of(venue::wall_now()));
  auto opened = journal::start_run({folder_, kind, 0, start_, {}}, core_config_, {});
  if (!opened) return fail(opened.error().message);
  journal_ = std::move(*opened);
  return {};
}

Status Session::make_edges() {
  const auto& config = options_.config;
  const auto tell = [this](Time at, event::Payload what) {
    if (gateway_) {
      if (const auto* seen = std::get_if<event::ContractSeen>(&what)) gateway_->know(seen->contract);
    }
    inbox_.push(Happened{at, std::move(what)});
  };
  venue::LiveFeeds::PrivateSink account;
  auto rules = config.feeds;
  if (live()) {
    kalshi::GatewayRules gateway;
    gateway.prefix = config.prefix;
    gateway.known_trades = options_.account->trades;
    gateway.desk.write_rate = options_.account->limits.write_rate;
    gateway.desk.write_capacity = options_.account->limits.write_capacity;
    gateway.desk.cancel_reserve = gateway.desk.write_capacity * 2 / 5;
    // More than our own limits let through in a minute is a fault of ours: then the venue stops it.
    const auto& limits = core_config_.engine.limits;
    gateway.desk.group_limit = Qty{limits.order_qty_max.centis * limits.orders_per_minute_max};
    auto made = kalshi::Gateway::make(loop_, config.endpoints, gateway, tell);
    if (!made) return fail(made.error().message);
    gateway_ = std::move(*made);
    orders_ = std::make_unique<VenueOrders>(*gateway_);
    account.fill = [this](const kalshi::Fill& fill) { gateway_->on_fill(fill); };
    account.order = [this](const kalshi::Order& order) { gateway_->on_order(order); };
    rules.tickers = options_.account->tickers;
    for (const auto& fill : options_.account->fills) opening_fills_.emplace(fill.ticker, fill);
  } else {
    orders_ = std::make_unique<SimOrders>(exchange_);
  }
  if (auto read = read_fees(config.endpoints, rules); !read) return read;
  auto feeds = venue::LiveFeeds::make(loop_, config.endpoints, rules, tell, std::move(account));
  if (!feeds) return fail(feeds.error().message);
  feeds_ = std::move(*feeds);
  return {};
}

// Whoever looks after us, and the models on a thread that may be replaced.
Status Session::make_watch() {
  auto lookout = watch::start_lookout(options_.watch, options_.config.data, folder_);
  if (!lookout) return fail(lookout.error().message);
  lookout_ = std::move(*lookout);
  auto& parts = lookout_ ? lookout_->parts() : own_parts_;
  auto& sockets = parts.part("sockets");
  loop_.every(500_ms, [&sockets, expected = false]() mutable {
    if (!std::exchange(expected, true)) sockets.expect(kSocketsSilence);
    sockets.beat();
  });
  const MakeForecasts make = [this]() -> Result<std::unique_ptr<ForecastEdge>> {
    auto made = std::make_unique<GuardedForecasts>(GuardedForecasts::from(options_.config.model, start_));
    if (!made->why().empty()) fmt::print("Forecasts come from the baseline: {}\n", made->why());
    return made;
  };
  auto worker = watch::ForecastWorker::start(make, kModelTime, parts.part("model"), [this](const std::string& line) {
    fmt::print("{}\n", line);
    if (lookout_) lookout_->board().say({last_, "model", line});
  });
  if (!worker) return fail(worker.error().message);
  forecasts_ = std::move(*worker);
  return {};
}

Status Session::prepare() {
  if (live()) {
    auto post = Post::take(control_folder(options_.config), options_.config.guarded);
    if (!post) return fail(post.error().message);
    post_.emplace(std::move(*post));
  }
  if (auto made = make_core(); !made) return made;
  if (auto made = make_watch(); !made) return made;
  if (auto made = make_edges(); !made) return made;
  std::vector<Recorder*> recorders{teller_.get()};
  if (lookout_) {
    watched_ = std::make_unique<watch::RunWatch>(
        *lookout_, *core_,
        watch::Facts{live() ? "live" : "paper", std::filesystem::path{folder_}.filename().string(),
                     live() ? "" : "Paper: fills are simulated on the live books; nothing is sent to a venue.",
                     core_config_.engine.needed});
    recorders.push_back(watched_.get());
  }
  world_ = std::make_unique<World>(core_->engine(), *orders_, *forecasts_, recorders, 20_ms, journal_.get());
  return {};
}

void Session::keep_post() {
  if (!post_) return;
  if (const auto why = post_->keep(static_cast<std::uint64_t>(teller_->events)); !why.empty()) stop(why);
}

// What a person asked for on the page or the command line is an event like any other.
void Session::hear_operator() {
  if (!watched_) return;
  watched_->beat();
  for (auto& said : watched_->take_asked()) {
    last_ = std::max(last_, clock_.now());
    world_->happen(last_, std::move(said));
  }
}

void Session::watch_account() {
  auto& beat = (lookout_ ? lookout_->parts() : own_parts_).part("account");
  account_.emplace(options_.config.endpoints, loop_, *gateway_, beat, [this](Result<kalshi::Statement> said) {
    if (said)
      inbox_.push(std::move(*said));
    else
      inbox_.push(Failed{said.error().message});
  });
}

void Session::happen(Time at, event::Payload what) {
  // A clock that is set back does not turn back the core.
  behind_max_ = std::max(behind_max_, clock_.wall(clock_.now() - at));
  last_ = std::max(last_, at);
  const bool money = std::holds_alternative<event::FillSeen>(what) || std::holds_alternative<event::Settled>(what);
  if (money) reconciler_.moved(clock_.now());
  if (const auto* health = std::get_if<event::StreamHealth>(&what);
      live() && health != nullptr && health->stream == event::Stream::kalshi_private) {
    trust_.on_stream(*health);
    may_compare();
    return say_private();
  }
  const auto* bar = std::get_if<event::CandleClosed>(&what);
  // Bars that were over when we came are for the models alone.
  if (bar != nullptr && bar->candle.begin + bar->interval + 1_min < start_) {
    bars_before_.push_back(*bar);
    return world_->preload(*bar);
  }
  std::string seen;
  event::ContractId id;
  if (const auto* contract = std::get_if<event::ContractSeen>(&what)) {
    seen = contract->contract.ticker;
    id = contract->contract.id;
  }
  world_->happen(last_, std::move(what));
  const auto [first, end] = opening_fills_.equal_range(seen);
  for (auto f = first; f != end; ++f) {
    const auto& fill = f->second;
    world_->happen(last_,
                   event::FillSeen{{}, fill.trade_id, id, fill.side, fill.price, fill.qty, fill.fee, !fill.taker});
  }
  opening_fills_.erase(first, end);
  if (!seen.empty()) may_compare();
}

// For whoever asks the model again about this run.
void Session::keep_bars_before() {
  if (folder_.empty() || bars_before_.size() == bars_kept_) return;
  bars_kept_ = bars_before_.size();
  if (const auto kept = journal::write_bars_before(folder_, bars_before_); !kept)
    fmt::print("{}\n", kept.error().message);
}

void Session::may_compare() {
  if (account_ && opening_fills_.empty() && trust_.stream_lives()) account_->comparable();
}

void Session::say_private() {
  if (auto news = trust_.news()) world_->happen(last_, std::move(*news));
}

// Once: the list is read as long as the cash differs.
void Session::tell_move(const event::CashMoved& moved) {
  if (!moves_told_.insert(moved.id).second) return;
  last_ = std::max(last_, clock_.now());
  world_->happen(last_, moved);
}

void Session::take(Item& item) {
  if (auto* happened = std::get_if<Happened>(&item)) {
    happen(happened->at, std::move(happened->what));
  } else if (const auto* statement = std::get_if<kalshi::Statement>(&item)) {
    trust_.on_statement();
    for (const auto& moved : statement->moves) tell_move(moved);
    if (opening_fills_.empty()) reconciler_.compare(*statement, core_->engine());
    if (!reconciler_.why().empty()) account_->look_for_moves(start_);
    if (reconciler_.equal()) account_->equal();
    say_private();
  } else if (const auto* failed = std::get_if<Failed>(&item)) {
    trust_.on_failure(failed->why);
    say_private();
  } else {
    stop(std::get<Stop>(item).why);
  }
}

void Session::stop(const std::string& why) {
  if (stopping_) return;
  stopping_ = std::chrono::steady_clock::now();
  stopped_at_ = last_ = std::max(last_, clock_.now());
  world_->happen(last_, event::OperatorSaid{event::OperatorAction::kill, journal::kEndOfSession + why});
}

// Nothing under way, and the books compared since.
bool Session::at_rest() const {
  if (!core_->engine().executor().open().empty()) return false;
  return !live() || (reconciler_.why().empty() && reconciler_.equal_at() > stopped_at_);
}

Result<SessionReport> Session::run() {
  loop_.on_signal([this] { inbox_.push(Stop{"told to stop"}); });
  if (options_.run_for) loop_.after(*options_.run_for, [this] { inbox_.push(Stop{"the time is over"}); });
  feeds_->start();
  std::thread sockets{[this] { loop_.run(); }};
  if (live()) watch_account();
  std::vector<Item> items;
  for (;;) {
    inbox_.take(items, kBeat);
    keep_post();
    for (auto& item : items) take(item);
    keep_bars_before();
    if (items.empty()) world_->pass(last_ = std::max(last_, clock_.now()));
    hear_operator();
    if (!stopping_) continue;
    const bool too_long = std::chrono::steady_clock::now() - *stopping_ > std::chrono::nanoseconds{kEndTime.ns};
    if (at_rest() || too_long) break;
  }
  if (post_ && core_->engine().executor().open().empty()) post_->farewell();
  if (account_) account_->end();
  loop_.stop();
  sockets.join();
  watched_.reset();
  lookout_.reset();
  if (journal_) {
    if (const auto closed = journal_->close(); !closed) return tl::unexpected(closed.error());
  }
  return report();
}

SessionReport Session::report() const {
  SessionReport out;
  const auto& ledger = core_->engine().ledger();
  out.folder = folder_;
  out.events = teller_->events;
  out.snapshots = teller_->snapshots;
  out.forecasts = teller_->forecasts;
  out.baseline_forecasts = teller_->baseline_forecasts;
  out.orders = teller_->orders;
  out.fills = teller_->fills;
  out.settled = teller_->settled;
  out.refused = teller_->refused;
  out.unknown = teller_->unknown;
  out.reconciled = reconciler_.compared();
  out.behind_max = behind_max_;
  out.feeds = feeds_->counts();
  out.cash_start = ledger.start();
  out.cash_end = ledger.cash();
  out.fees = ledger.fees();
  out.deposits = ledger.deposits();
  out.standing = forecasts_->standing();
  for (const auto& listing : core_->engine().books().all()) {
    const auto& position = ledger.position(listing.contract.id);
    if (position.held()) out.positions[listing.contract.ticker] = position.net();
  }
  if (live()) {
    out.equal = reconciler_.equal() && reconciler_.why().empty();
    out.why = reconciler_.why();
  }
  return out;
}

}  // namespace

Result<SessionReport> run_session(const SessionOptions& options) {
  Session session{options};
  if (const auto ready = session.prepare(); !ready) return fail(ready.error().message);
  return session.run();
}

}  // namespace voltage::app::live
