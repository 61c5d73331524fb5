#pragma once
// One recorded session as the core would have lived it: the tape, the spot trades and the minute bars built
// from them, merged in order of receipt. Nothing is told before it could be known: a bar when its minute
// has passed, a settlement only after its contract closed.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/run/world.hpp"
#include "io/outcome_file.hpp"
#include "io/spot_file.hpp"
#include "market/candle.hpp"

namespace voltage::app::backtest {

// The numbers that the core gives to tickers, the same for all sessions of a run.
class Tickers {
 public:
  event::ContractId id(const std::string& ticker);
  const std::string& name(event::ContractId id) const { return names_.at(id.v); }
  std::size_t size() const { return names_.size(); }

 private:
  std::map<std::string, event::ContractId> ids_;
  std::vector<std::string> names_;
};

// Contracts that wait for their settlement, minutes after their close as on the venue. Those without an
// outcome are never settled.
class Settlements {
 public:
  explicit Settlements(const std::map<std::string, io::OutcomeRow>& outcomes) : outcomes_{outcomes} {}
  void watch(const std::string& ticker, event::ContractId id, Time close);
  std::optional<Time> next() const;
  void settle_next(World& world);
  // All before `until`, and what is under way between them: nothing else happens until then.
  void settle_before(World& world, Time until);

 private:
  struct Waiting {
    Time at{};
    event::ContractId id{};
    event::Settled what;
  };
  const std::map<std::string, io::OutcomeRow>& outcomes_;
  std::map<std::string, bool> watched_;
  std::vector<Waiting> waiting_;  // by time
};

struct Inputs {
  std::span<const io::SpotTick> spot;
  const market::CandleSeries& history;  // 5-minute bars; told to the core as they close where spot has no bar
};

struct SessionCounts {
  std::int64_t records{0};
  std::int64_t deltas{0};
  std::int64_t sequence_holes{0};
  std::int64_t spot_ticks{0};
};

// Plays the file into the world. What still waits for its settlement then is settled later, by the next
// session or by the caller; so is what else is under way. A recording that begins before the one before it ended is
// refused.
Result<SessionCounts> play_session(const std::string& file, const Inputs& inputs, Tickers& tickers,
                                   Settlements& settlements, World& world);

}  // namespace voltage::app::backtest
