#include "app/live/session.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "app/journal/run_folder.hpp"
#include "app/live/forecasts.hpp"
#include "app/live/session_loop.hpp"
#include "app/live/shadow_orders.hpp"
#include "app/live/venue_orders.hpp"
#include "app/terminal.hpp"
#include "base/time.hpp"

namespace voltage::app::live {
namespace {

using namespace literals;
namespace kalshi = venue::kalshi;

constexpr Duration kModelTime = 3_s;       // for one forecast; a model that takes longer is replaced
constexpr Duration kSocketsSilence = 5_s;  // of a thread whose timer goes twice a second

// Which of the three a run is; orders leave on one of them.
const char* kind_of(const SessionOptions& options) {
  return options.account ? "live" : options.shadow ? "shadow" : "paper";
}

std::string note_of(const SessionOptions& options) {
  if (options.account) return "";
  return options.shadow ? "Shadow: orders are composed for the account and not sent; fills are simulated."
                        : "Paper: fills are simulated on the live books; nothing is sent to a venue.";
}

std::string stamp_of(Time t) {
  constexpr std::int64_t millisecond = 1'000'000;  // a process killed and started again is another run
  std::string stamp = format_iso(Time{t.ns - t.ns % millisecond});
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return stamp;
}

}  // namespace

// Whole ids stay below 2^63: 31 bits of tenths of a second, which come again after seven years.
std::uint32_t run_number_at(Time wall) {
  return static_cast<std::uint32_t>(wall.ns / (100_ms).ns % (std::int64_t{1} << 31));
}

Status Session::make_core() {
  start_ = last_ = clock_.now();
  core_config_ = options_.config.core;
  core_config_.engine.needed[static_cast<std::size_t>(event::Stream::journal)] = !options_.config.data.empty();
  core_config_.engine.run_number = run_number_at(venue::wall_now());
  if (const auto& opening = live() ? options_.account : options_.shadow) {
    core_config_.engine.cash = opening->cash;
    core_config_.engine.carried = options_.losses;
    for (const auto& fill : opening->fills) opening_fills_.emplace(fill.ticker, fill);
  }
  core_ = std::make_unique<Core>(core_config_);
  teller_ = std::make_unique<Teller>(core_->engine());
  if (options_.config.data.empty()) return {};
  const char* kind = kind_of(options_);
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
    gateway.groups_file = groups_file(config);
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
    account.position = [this](const kalshi::Position& position) { inbox_.push(position); };
    account.order = [this](const kalshi::Order& order) { gateway_->on_order(order); };
    rules.tickers = options_.account->tickers;
  } else if (options_.shadow) {
    rules.tickers = options_.shadow->tickers;
    orders_ = std::make_unique<ShadowOrders>(exchange_, config.prefix, folder_ + "/unsent.ndjson",
                                             [](const std::string& line) { app::tell(line); });
  } else {
    orders_ = std::make_unique<SimOrders>(exchange_);
  }
  if (auto read = read_fees(config.endpoints, rules); !read) return read;
  auto feeds = venue::LiveFeeds::make(loop_, config.endpoints, rules, tell, std::move(account));
  if (!feeds) return fail(feeds.error().message);
  feeds_ = std::move(*feeds);
  feeds_->on_filling([this](const venue::kraken::Filling& filling) { inbox_.push(filling); });
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
    if (!made->why().empty()) tell("Forecasts come from the baseline: " + made->why());
    return made;
  };
  auto worker = watch::ForecastWorker::start(make, kModelTime, parts.part("model"), [this](const std::string& line) {
    tell(line);
    if (lookout_) lookout_->board().say({last_, "model", line});
  });
  if (!worker) return fail(worker.error().message);
  forecasts_ = std::move(*worker);
  return {};
}

Status Session::prepare() {
  auto credential = kalshi::Credential::of(options_.config.endpoints);
  if (!credential) return tl::unexpected(credential.error());
  options_.config.endpoints.credential = std::move(*credential);
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
        watch::Facts{kind_of(options_), std::filesystem::path{folder_}.filename().string(), note_of(options_),
                     core_config_.engine.needed});
    recorders.push_back(watched_.get());
  }
  world_ = std::make_unique<World>(core_->engine(), *orders_, *forecasts_, recorders, 20_ms, journal_.get());
  return {};
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
  out.history_filled = filled_.filled;
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

Result<SessionReport> run_session(SessionOptions options) {
  Session session{std::move(options)};
  if (const auto ready = session.prepare(); !ready) return fail(ready.error().message);
  return session.run();
}

}  // namespace voltage::app::live
