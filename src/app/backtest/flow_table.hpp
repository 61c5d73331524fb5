#pragma once
// Does order flow tell where a price goes next? Entries by the persistence of flow at the moment, signed so that
// positive is with us: what was taken with the flow, what without any, and what the filter left alone, the last
// as if bought at the touch (once a minute and contract). Markouts are mid later less price, cents a contract.
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "engine/engine.hpp"
#include "event/effect.hpp"
#include "event/event.hpp"
#include "strategy/flow.hpp"

namespace voltage::app::backtest {

struct FlowRow {
  const char* name{};
  std::int64_t entries{0}, markets{0};
  std::array<double, 3> markout{};  // at 1, 10 and 60 s; NaN: none
  double se_60s{};                  // of the last, clustered by market; NaN: fewer than two markets
};

class FlowTable {
 public:
  explicit FlowTable(const engine::Engine& engine) : engine_{engine} {}

  void on(const event::Event& e);                               // before the core has it
  void on(const event::Event& cause, const event::Effect& fx);  // after
  std::vector<FlowRow> rows() const;

 private:
  enum class Group : std::uint8_t { with, none, against, left };
  struct Entry {
    event::ContractId contract{};
    Time at{};
    double price{}, side{};
    Group group{};
    std::array<std::optional<double>, 3> later{};
  };
  void enter(Time at, event::ContractId contract, Side side, Price price, bool left);
  std::optional<double> mid(event::ContractId id) const;

  const engine::Engine& engine_;
  std::map<event::ContractId, strategy::OrderFlow> flows_;
  std::map<event::ContractId, Time> left_at_;
  std::vector<Entry> entries_;
  std::vector<std::size_t> open_;  // entries whose markouts are not all there
};

}  // namespace voltage::app::backtest
