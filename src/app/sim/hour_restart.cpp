// The process dies and is started again, as `voltage live` does it: a new run, whose books are made from what the
// venue says of the account; what was lost before and what a person stopped is carried over; streams and books are
// believed only when they were heard again.
#include <algorithm>

#include "app/sim/hour.hpp"
#include "event/codec.hpp"

namespace voltage::app::sim {
namespace {

constexpr Duration kSweepEvery{400'000'000};

}  // namespace

// One more record is in the journal. True if the process dies right after it.
bool Hour::wrote() {
  ++writes_;
  return options_.crash_at_write && *options_.crash_at_write == writes_;
}

// unread: what the journal has and the core never saw.
void Hour::crash(Time at, Time until, const event::Payload* unread) {
  if (down_until_) {
    down_until_ = std::max(*down_until_, until);
    return;
  }
  down_until_ = until;
  down_since_ = at;
  ++result_.crashes;
  if (writes_ % 2 == 0) orders_.pump(at);  // what was asked for just now may have left, or not
  orders_.die();
  const auto& gate = core_->engine().gate();
  halted_why_ = gate.halted() ? gate.halted_why() : std::string{};
  if (const auto* said = unread == nullptr ? nullptr : std::get_if<event::OperatorSaid>(unread))
    halted_why_ = said->action == event::OperatorAction::resume ? std::string{} : said->reason;
  feed_.cut(at, until);
  // Settlements are told again by whoever asks; a person's word is still to come. The rest died.
  std::map<std::pair<Time, std::uint64_t>, event::Payload> kept;
  for (auto& [when, what] : queue_) {
    if (std::holds_alternative<event::Settled>(what) || std::holds_alternative<event::OperatorSaid>(what))
      kept.emplace(std::pair{std::max(when.first, until + 2_s), when.second}, std::move(what));
  }
  queue_ = std::move(kept);
}

void Hour::restart(Time at) {
  // What an earlier run left goes first, until the venue lists none of it.
  if (!orders_.sweep(at)) {
    down_until_ = at + kSweepEvery;
    return;
  }
  down_until_.reset();
  down_since_.reset();
  std::set<std::string> told;
  for (const auto& fill : at_venue_) told.insert(fill.trade_id);
  orders_.start(std::move(told), at);
  // The account as the venue states it, and the fills of what is held.
  const Account& account = auditor_.venue();
  std::vector<event::FillSeen> held;
  std::int64_t cash = account.cash();
  for (const auto& seen : seen_) {
    const auto id = seen.contract.id;
    if (settled_.contains(id.v) || account.position(id.v) == 0) continue;
    Account flow{0};
    for (const auto& fill : at_venue_) {
      if (fill.contract != id) continue;
      flow.fill(fill);
      held.push_back(fill);
    }
    cash -= flow.cash();
  }
  config_.engine.cash = Money{cash};
  config_.engine.carried = core_->engine().gate().carried();
  ++config_.engine.run_number;
  lives_.push_back({core_config_of(options_, config_), {}, {}});
  core_ = std::make_unique<Core>(lives_.back().config);
  auditor_.restarted(config_.engine);
  told_health_ = {};
  last_said_ = {};
  seq_ = 0;
  next_second_ = Time{(at.ns / (1_s).ns + 1) * (1_s).ns};
  if (!halted_why_.empty())
    tell(at, event::OperatorSaid{event::OperatorAction::kill, "before the restart: " + halted_why_});
  for (const auto& seen : seen_) tell(at, seen);
  for (const auto& fill : held) tell(at, fill);
  if (!forecasts_bar_) return;
  tell(at, *forecasts_bar_);
}

void Hour::keep_for_replay(const event::Event& e, std::span<const event::Effect> effects) {
  lives_.back().events.push_back(e);
  std::string bytes;
  for (const auto& fx : effects) event::EffectCodec::encode(fx, bytes);
  lives_.back().effects.push_back(std::move(bytes));
}

void Hour::check_replay() {
  for (const Life& life : lives_) {
    Core again{life.config};
    for (std::size_t i = 0; i < life.events.size(); ++i) {
      std::string bytes;
      for (const auto& fx : again.engine().on(life.events[i])) event::EffectCodec::encode(fx, bytes);
      if (bytes == life.effects[i]) continue;
      result_.violation = "run again, the effects are others";
      result_.violation_seq = life.events[i].seq;
      return;
    }
  }
}

}  // namespace voltage::app::sim
