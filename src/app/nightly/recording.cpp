#include "app/nightly/recording.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "app/journal/bars_before.hpp"
#include "ledger/fees.hpp"

namespace voltage::app::nightly {
namespace {

constexpr Price kUnquoted{Price::kOne / 2};

// The first word of the venue about an order.
std::optional<event::OrderId> answers(const event::Payload& what) {
  if (const auto* m = std::get_if<event::OrderAccepted>(&what)) return m->order;
  if (const auto* m = std::get_if<event::OrderRefused>(&what)) return m->order;
  if (const auto* m = std::get_if<event::FillSeen>(&what)) return m->order;
  return std::nullopt;
}

class Reader {
 public:
  Reader(Recording& out, const engine::Engine& engine) : out_{out}, engine_{engine} {}

  void before(const event::Event& e) {
    out_.end = e.at;
    if (const auto order = answers(e.what)) {
      const auto sent = sent_.find(*order);
      if (sent != sent_.end()) out_.answer_time.try_emplace(*order, e.at - sent->second);
    }
    if (const auto* ready = std::get_if<event::ForecastReady>(&e.what)) {
      out_.forecasts.emplace(ready->request, *ready);
      ++out_.models[ready->model_hash];
    } else if (const auto* failed = std::get_if<event::ForecastFailed>(&e.what)) {
      out_.forecasts.emplace(failed->request, *failed);
    } else if (const auto* fill = std::get_if<event::FillSeen>(&e.what)) {
      on_fill(*fill);
    } else if (const auto* settled = std::get_if<event::Settled>(&e.what)) {
      scheduled_.on(*settled, ignored_);
    }
  }

  void after(const event::Event& e, std::span<const event::Effect> effects) {
    for (const auto& fx : effects) {
      if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) {
        sent_.emplace(order->terms().order, e.at);
        ++out_.orders;
      } else if (const auto* quote = std::get_if<event::Quote>(&fx); quote != nullptr && quote->bid && quote->ask) {
        out_.marks[quote->contract] = Price{(quote->bid->pips + quote->ask->pips) / 2};
      }
    }
  }

  void finish() {
    std::vector<Duration> all;
    for (const auto& [order, time] : out_.answer_time) all.push_back(time);
    std::sort(all.begin(), all.end());
    if (!all.empty()) out_.answer_median = all[all.size() / 2];
    out_.start = engine_.ledger().start();
    out_.live = worth(engine_.ledger(), out_.marks);
    out_.scheduled = worth(scheduled_, out_.marks);
  }

 private:
  // As the schedule would have charged it. What was held before the run cost what it cost.
  void on_fill(event::FillSeen fill) {
    if (fill.order.v != 0) {
      ++out_.fills;
      const bool known = engine_.books().has(fill.contract);
      const auto liquidity = fill.maker ? ledger::Liquidity::maker : ledger::Liquidity::taker;
      if (known && seen_.insert(fill.trade_id).second)
        fill.fee =
            fees_[fill.order]
                .charge(engine_.books().at(fill.contract).contract.fees, fill.side, fill.price, fill.qty, liquidity)
                .net();
    }
    scheduled_.on(fill, ignored_);
  }

  Recording& out_;
  const engine::Engine& engine_;
  ledger::Ledger scheduled_{engine_.ledger().start(), engine_.ledger().netting()};
  ledger::Ledger::Changes ignored_;
  std::map<event::OrderId, Time> sent_;
  std::map<event::OrderId, ledger::OrderFees> fees_;
  std::set<std::string> seen_;
};

}  // namespace

Money worth(const ledger::Ledger& ledger, const std::map<event::ContractId, Price>& marks) {
  Money sum = ledger.cash() - ledger.deposits();
  std::uint32_t id = 0;
  for (const auto& position : ledger.positions()) {
    const auto mark = marks.find(event::ContractId{id++});
    const Price yes = mark == marks.end() ? kUnquoted : mark->second;
    if (position.held()) sum += yes * position.yes + yes.complement() * position.no;
  }
  return sum;
}

Result<Recording> read(const std::string& folder) {
  auto replayer = journal::Replayer::open(folder);
  if (!replayer) return tl::unexpected(replayer.error());
  auto& r = **replayer;
  Recording out;
  out.folder = folder;
  out.manifest = r.manifest();
  const auto config = core_config(out.manifest.config);
  if (!config) return fail(folder + ": " + config.error().message);
  out.config = *config;
  auto bars = journal::read_bars_before(folder);
  if (!bars) return tl::unexpected(bars.error());
  out.bars_before = std::move(*bars);
  Reader reader{out, r.core().engine()};
  for (;;) {
    const auto next = r.peek();
    if (!next) return tl::unexpected(next.error());
    if (!*next) break;
    const event::Event e = **next;
    reader.before(e);
    auto difference = r.act();
    if (!difference) return tl::unexpected(difference.error());
    reader.after(e, r.effects());
    if (*difference) {
      out.difference = std::move(*difference);
      break;
    }
  }
  out.events = r.events();
  out.effects = r.effects_compared();
  reader.finish();
  return out;
}

}  // namespace voltage::app::nightly
