#pragma once
// The session while it runs: session.cpp makes its parts and says at the end what came of them, session_loop.cpp is
// the loop between, with what each thing that happens means.
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "app/keys/key_change.hpp"
#include "app/live/account_trust.hpp"
#include "app/live/account_watch.hpp"
#include "app/live/inbox.hpp"
#include "app/live/past_bars.hpp"
#include "app/live/post.hpp"
#include "app/live/reconciler.hpp"
#include "app/live/session.hpp"
#include "app/live/teller.hpp"
#include "app/run/world.hpp"
#include "app/watch/forecast_worker.hpp"
#include "app/watch/lookout.hpp"
#include "app/watch/run_watch.hpp"
#include "venue/kalshi/gateway.hpp"
#include "venue/live_feeds.hpp"

namespace voltage::app::live {

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
struct KeySaid {
  Result<std::string> key_id;
};
using Item = std::variant<Happened, venue::kalshi::Statement, venue::kalshi::Position, venue::kraken::Filling, Failed,
                          KeySaid, Stop>;

class Session {
 public:
  explicit Session(SessionOptions options) : options_{std::move(options)}, clock_{options_.config.endpoints.clock} {}

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
  void hear_key(const Result<std::string>& key_id);
  void compare(const venue::kalshi::Statement& statement);
  void place_cash(const std::map<std::int32_t, Money>& theirs);
  void tell_move(const event::CashMoved& moved);
  bool moves_money(const event::Payload& what) const;
  void happen(Time at, event::Payload what);
  void tell_filling(const venue::kraken::Filling& filling);
  void show_past();
  void may_compare();
  void say_private();
  void stop(const std::string& why);
  bool at_rest() const;
  SessionReport report() const;

  SessionOptions options_;
  venue::VenueClock clock_;
  Time start_{}, last_{};
  CoreConfig core_config_;
  std::string folder_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<io::JournalWriter> journal_;
  venue::net::Loop loop_;
  Inbox<Item> inbox_{1'000'000, [] { watch::end_for_a_restart("core"); }};  // a quarter of a gigabyte
  std::unique_ptr<venue::kalshi::Gateway> gateway_;
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
  UnlistedMoney unlisted_{options_.config.unlisted_credit};
  std::set<std::string> moves_told_;
  std::multimap<std::string, venue::kalshi::Fill> opening_fills_;  // not told yet: their contract is not known
  std::optional<AccountWatch> account_;                            // live only
  PastBars past_;
  watch::PastRow filled_{0, -1, {}};
  Duration behind_max_{};
  std::optional<Post> post_;            // live only
  std::optional<keys::KeyChange> key_;  // live only
  std::optional<std::chrono::steady_clock::time_point> stopping_;
  Time stopped_at_{};
};

}  // namespace voltage::app::live
