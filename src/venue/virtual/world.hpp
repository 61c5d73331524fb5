#pragma once
// Everything behind the virtual venues' sockets: a seeded bitcoin, its index, the contracts listed on it,
// the other traders, Kraken's tape. Pure and deterministic in virtual time: the same seed, start and calls
// give the same notices. Steps of 100 ms.
#include <array>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "venue/sim/sim_path.hpp"
#include "venue/virtual/exchange.hpp"
#include "venue/virtual/kraken_tape.hpp"
#include "venue/virtual/listing.hpp"

namespace voltage::venue::virtual_kalshi {

// Of a series, or of an event (its ticker has a dash), where nothing ends what the event had of its own.
struct FeeChange {
  Duration after{};  // the start
  std::string of;
  std::optional<market::FeeTerms> terms;
  bool of_event() const { return of.find('-') != std::string::npos; }
};

// An exchange pause that nobody announced: nothing is placed, amended or cancelled on the shard.
struct Pause {
  Duration after{}, length{};  // the start
  std::int64_t shard{};
};

// Money to (positive) or from the account, on the shard of the bitcoin markets.
struct BankMove {
  Duration after{};  // the start
  Money amount{};
  bool listed{true};  // among the deposits or withdrawals; interest and incentives are in no list
};

struct WorldOptions {
  std::uint64_t seed{1};
  Time start{};                  // any time; history is made before it
  Duration history{};            // of Kraken's tape
  double spot{90'000};           // USD where the history begins
  double volatility_error{1.0};  // the makers' belief over the truth: 0.8 makes them too sure
  double taker_rate{2.0};        // other traders' trades a second in a KXBTC15M market
  double flicker_rate{40};       // their changes of size a second
  double kraken_trades_per_minute{15};
  Ladder ladder{};
  std::vector<BankMove> bank{};   // in the order of time
  std::vector<FeeChange> fees{};  // in the order of time
  std::vector<Pause> pauses{};
  Money cash_a_shard{Money{10'000'000'000}};  // of the one account: $10,000
};

// One second of the settlement index.
struct IndexSecond {
  Time at{};
  market::IndexValue value{};
  std::int64_t average_60s_e8{};  // of the 60 values before it
  int average_count{};
  // Of the settlement minute: in the last minute before a quarter hour only.
  std::optional<std::int64_t> settlement_e8;
  int settlement_count{};
};

class World {
 public:
  explicit World(const WorldOptions& options);

  // Everything up to and including t. Returns how far it went (whole steps).
  void advance(Time t);
  Time now() const { return now_; }

  Exchange& exchange() { return exchange_; }
  const Exchange& exchange() const { return exchange_; }
  const virtual_kraken::Tape& kraken() const { return kraken_; }
  AccountIndex account() const { return account_; }
  const WorldOptions& options() const { return options_; }
  double index_usd() const { return path_.price(); }

  // What happened since the last call, in order.
  std::vector<IndexSecond> take_index() { return std::exchange(index_, {}); }
  const std::deque<IndexSecond>& index_history() const { return index_history_; }

 private:
  struct Quoting {
    MarketIndex market{};
    double fair{-1};
    std::array<std::map<Price, std::uint64_t>, 2> orders;  // bids, asks
  };

  void step();
  void second();
  void record_index();
  void change_fees();
  void pause_shards();
  void roll_listings();
  void list_quarter(Time open);
  void list_hour(Time close);
  void add(Market market);
  double fair(const market::Contract& c) const;
  double above(double strike, double seconds_left) const;
  void quote(Quoting& q, bool fresh);
  void trade_and_flicker(Quoting& q);
  double settlement_mean(Time close) const;

  WorldOptions options_;
  Time now_;
  sim::SimPath path_;
  Rng rng_;
  Exchange exchange_;
  virtual_kraken::Tape kraken_;
  AccountIndex account_{};
  std::vector<IndexSecond> index_;
  std::deque<IndexSecond> index_history_;
  std::deque<std::int64_t> values_;  // the last 120 index values, 1e-8 USD; the newest last
  std::vector<Quoting> quoting_;
  std::vector<MarketIndex> live_;  // not yet finalized
  Time next_quarter_{}, next_hour_{};
  std::size_t bank_done_{0}, fees_done_{0};
};

}  // namespace voltage::venue::virtual_kalshi
