#include "app/nightly/attribution.hpp"

#include <algorithm>

#include "app/run/world.hpp"
#include "event/codec.hpp"

namespace voltage::app::nightly {
namespace {

using namespace literals;

constexpr Duration kForecastDelay = 20_ms;  // as every run on live streams has it

struct Ingredients {
  bool outages{false}, forecasts{false}, latency{false};
};

// What was answered then.
class RecordedForecasts final : public ForecastEdge {
 public:
  explicit RecordedForecasts(const std::map<std::uint64_t, Answered>& all) : all_{all} {}
  void learn(const event::CandleClosed&) override {}
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override {
    const auto found = all_.find(request.request);
    if (found == all_.end()) return fail("not asked for in the run");
    if (const auto* failed = std::get_if<event::ForecastFailed>(&found->second)) return fail(failed->reason);
    return std::get<event::ForecastReady>(found->second);
  }

 private:
  const std::map<std::uint64_t, Answered>& all_;
};

class CountedForecasts final : public ForecastEdge {
 public:
  CountedForecasts(ForecastEdge& edge, std::map<std::string, std::int64_t>& counts) : edge_{edge}, counts_{counts} {}
  void learn(const event::CandleClosed& bar) override { edge_.learn(bar); }
  Result<event::ForecastReady> forecast(const event::RequestForecast& request) override {
    auto answer = edge_.forecast(request);
    if (answer) ++counts_[answer->model_hash];
    return answer;
  }

 private:
  ForecastEdge& edge_;
  std::map<std::string, std::int64_t>& counts_;
};

// The simulated exchange, reached as late as the venue was.
class LateOrders final : public OrderEdge {
 public:
  LateOrders(venue::sim::SimExchange& exchange, const venue::sim::FillModel& model, const Recording* run)
      : exchange_{exchange},
        assumed_{model.order_latency},
        round_{model.order_latency + model.answer_latency},
        run_{run} {}
  void submit(const event::OrderTerms& terms, Time now) override {
    ++orders;
    exchange_.submit(terms, now + excess(terms.order));
  }
  void cancel(event::OrderId order, Time now) override { exchange_.cancel(order, now); }
  void amend(const event::AmendTerms& terms, Time now) override { exchange_.amend(terms, now + excess(terms.order)); }
  void observe(const event::Event& e) override { exchange_.observe(e); }
  std::optional<Time> next_due() const override { return exchange_.next_due(); }
  std::optional<event::Payload> step() override { return exchange_.step(); }

  std::int64_t orders{0};

 private:
  Duration excess(event::OrderId order) const {
    if (run_ == nullptr || run_->answer_time.empty()) return {};
    const auto found = run_->answer_time.find(order);
    const Duration took = found == run_->answer_time.end() ? run_->answer_median : found->second;
    return std::max(took - round_, Duration{-assumed_.ns});  // nothing arrives before it was decided
  }

  venue::sim::SimExchange& exchange_;
  Duration assumed_, round_;
  const Recording* run_;
};

// What came from outside, whoever answers our orders and however late.
bool outside(const event::Payload& what, bool outages) {
  if (std::holds_alternative<event::StreamHealth>(what)) return outages;
  if (const auto* fill = std::get_if<event::FillSeen>(&what)) return fill->order.v == 0;  // held before the run
  return std::holds_alternative<event::ContractSeen>(what) || std::holds_alternative<event::BookSnapshot>(what) ||
         std::holds_alternative<event::BookDelta>(what) || std::holds_alternative<event::BookLost>(what) ||
         std::holds_alternative<event::TradeSeen>(what) || std::holds_alternative<event::TickerSeen>(what) ||
         std::holds_alternative<event::IndexSeen>(what) || std::holds_alternative<event::SpotSeen>(what) ||
         std::holds_alternative<event::CandleClosed>(what) || std::holds_alternative<event::Settled>(what) ||
         std::holds_alternative<event::OperatorSaid>(what) || std::holds_alternative<event::CashMoved>(what) ||
         std::holds_alternative<event::CashPlaced>(what);
}

// What the run would be worth at its end.
Result<Money> play(const Recording& run, const Ingredients& with, ForecastEdge& forecasts, std::int64_t& orders_sent) {
  CoreConfig config = run.config;
  if (!with.outages) config.engine.needed.fill(false);
  Core core{config};
  const auto model = venue::sim::neutral();
  venue::sim::SimExchange exchange{model};
  LateOrders orders{exchange, model, with.latency ? &run : nullptr};
  World world{core.engine(), orders, forecasts, {}, kForecastDelay};
  for (const auto& bar : run.bars_before) world.preload(bar);
  auto reader = io::JournalReader::open(run.folder);
  if (!reader) return tl::unexpected(reader.error());
  for (;;) {
    const auto record = reader->next();
    if (!record) return tl::unexpected(record.error());
    if (!*record) break;
    if ((*record)->type != io::RecordType::event) continue;
    auto what = event::decode_payload((*record)->what);
    if (!what) return fail(reader->place() + ": " + what.error().message);
    if (outside(*what, with.outages)) world.happen((*record)->at, std::move(*what));
  }
  world.pass(run.end);
  orders_sent = orders.orders;
  return worth(core.engine().ledger(), run.marks);
}

}  // namespace

Result<Attribution> attribute(const Recording& run, const MakeForecasts& fresh) {
  Attribution out;
  std::int64_t ignored = 0;
  const auto anew = [&](const Ingredients& with, std::int64_t& orders) -> Result<Money> {
    auto edge = fresh();
    if (!edge) return tl::unexpected(edge.error());
    out.models.clear();
    CountedForecasts counted{**edge, out.models};
    return play(run, with, counted, orders);
  };
  RecordedForecasts recorded{run.forecasts};
  const auto clean = anew({}, out.backtest_orders);
  if (!clean) return tl::unexpected(clean.error());
  const auto data = anew({true, false, false}, ignored);
  if (!data) return tl::unexpected(data.error());
  const auto model = play(run, {true, true, false}, recorded, ignored);
  if (!model) return tl::unexpected(model.error());
  const auto latency = play(run, {true, true, true}, recorded, ignored);
  if (!latency) return tl::unexpected(latency.error());
  out.backtest = *clean - run.start;
  out.data = *data - *clean;
  out.model = *model - *data;
  out.latency = *latency - *model;
  out.queue = run.scheduled - *latency;
  out.fee = run.live - run.scheduled;
  out.live = run.live - run.start;
  return out;
}

}  // namespace voltage::app::nightly
