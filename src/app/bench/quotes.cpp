#include "app/bench/quotes.hpp"

#include <chrono>
#include <cstring>
#include <memory>

#include "app/bench/benchmark.hpp"
#include "engine/engine.hpp"
#include "io/atomic_file.hpp"
#include "io/journal_writer.hpp"
#include "venue/sim/sim_exchange.hpp"

namespace voltage::app::bench {
namespace {

using namespace literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRowBytes = 24;
constexpr double kFast = 0.02, kSlow = 0.002, kBand = 0.005;  // the work as it is agreed

// One lot long above the slow average, flat below it.
class EmaCross final : public strategy::Strategy {
 public:
  void observe(const event::Event& e, const strategy::Context& context) override {
    const auto* quote = std::get_if<event::BookSnapshot>(&e.what);
    if (quote == nullptr) return;
    const auto mid = context.books.at(quote->contract).book.mid();
    if (!mid) return;
    wish_ = 0;
    if (fast_ == 0) {
      fast_ = slow_ = *mid;
      return;
    }
    fast_ += kFast * (*mid - fast_);
    slow_ += kSlow * (*mid - slow_);
    if (fast_ > slow_ + kBand && !long_) wish_ = 1;
    if (fast_ < slow_ - kBand && long_) wish_ = -1;
  }
  strategy::View view(event::ContractId, const strategy::Context&) override { return {fast_, slow_}; }
  bool wants_decision(event::ContractId, const strategy::Context&) override { return true; }
  std::optional<strategy::Intent> decide(event::ContractId contract, const strategy::Context& context,
                                         event::Decision& decision) override {
    decision.fair = fast_;
    decision.blend = slow_;
    if (wish_ == 0 || decision.vetoes != 0) return std::nullopt;
    long_ = wish_ > 0;
    const Side side = long_ ? Side::bid : Side::ask;
    const auto touch = context.books.at(contract).book.best(opposite(side));
    return strategy::Intent{contract, side, touch->price, kContract, event::TimeInForce::immediate_or_cancel,
                            false,    {}};
  }
  std::optional<pricing::Greeks> greeks(event::ContractId, const strategy::Context&) override {
    return pricing::Greeks{};
  }

 private:
  double fast_{0}, slow_{0};
  int wish_{0};
  bool long_{false};
};

class Memory final : public io::JournalDisk {
  class File final : public io::JournalFile {
    Status append(std::string_view bytes, std::size_t& written) override {
      kept_.assign(bytes);
      written = bytes.size();
      return {};
    }
    Status sync() override { return {}; }
    std::string kept_;
  };
  Result<std::unique_ptr<io::JournalFile>> create(const std::string&) override { return std::make_unique<File>(); }
};

engine::EngineConfig wide_limits() {
  engine::EngineConfig c;
  c.cash = Money{1'000'000 * kDollar.micros};
  // The agreed work knows no limits. All are checked; none binds.
  auto& l = c.limits;
  l.contract_loss_max = l.instant_loss_max = l.path_loss_max = l.day_loss_max = l.drawdown_max = c.cash;
  l.orders_per_minute_max = 1'000'000;
  return c;
}

class Run {
 public:
  Run(const std::vector<TapeRow>& tape, io::JournalWriter* journal)
      : engine_{wide_limits(), strategy_}, exchange_{{"tape", 1_ms, 1_ms, 100}}, journal_{journal} {
    const Time start{tape.front().ns - (1_s).ns};
    market::Contract c;
    c.ticker = c.series = c.event = "TAPE";
    c.open = start;
    c.close = Time{tape.back().ns} + 24_h;
    c.strike = {market::StrikeType::greater_or_equal, market::index_from_usd(80'000), {}};
    c.ticks = market::TickGrid::linear_cent();
    for (std::size_t i = 0; i < event::kStreams; ++i)
      tell(start, event::StreamHealth{static_cast<event::Stream>(i), event::Health::healthy, ""});
    tell(start, event::ContractSeen{c});
    quote_.what = event::BookSnapshot{{}, {{}}, {{}}};
    next_second_ = Time{(start.ns / (1_s).ns + 1) * (1_s).ns};
  }

  void quote(const TapeRow& row) {
    const Time at{row.ns};
    while (const auto due = exchange_.next_due()) {
      if (*due > at) break;
      if (auto answer = exchange_.step()) tell(*due, std::move(*answer));
    }
    for (; next_second_ <= at; next_second_ = next_second_ + 1_s) tell(next_second_, event::TimePassed{});
    auto& book = std::get<event::BookSnapshot>(quote_.what);
    book.bids[0] = {Price{row.bid * 100}, Qty{row.bid_qty * std::int64_t{100}}};
    book.asks[0] = {Price{row.ask * 100}, Qty{row.ask_qty * std::int64_t{100}}};
    quote_.at = at;
    tell(quote_);
  }

  QuotesRun end() {
    while (const auto due = exchange_.next_due()) {
      if (auto answer = exchange_.step()) tell(std::max(*due, engine_.now()), std::move(*answer));
    }
    const auto& c = engine_.counters();
    const auto& l = engine_.ledger();
    return {0, c.orders, c.fills, l.fees(), l.cash() - l.start(), 0};
  }

 private:
  void tell(Time at, event::Payload what) {
    event::Event e{0, at, std::move(what)};
    tell(e);
  }
  void tell(event::Event& e) {
    e.seq = ++seq_;
    if (journal_ != nullptr) journal_->append(e);
    exchange_.observe(e);
    std::uint32_t place = 0;
    for (const auto& fx : engine_.on(e)) {
      if (journal_ != nullptr && !journal_->append(e, place++, fx)) continue;
      if (const auto* order = std::get_if<event::PlaceOrder>(&fx)) exchange_.submit(order->terms(), e.at);
    }
  }

  EmaCross strategy_;
  engine::Engine engine_;
  venue::sim::SimExchange exchange_;
  io::JournalWriter* journal_;
  event::Event quote_;
  Time next_second_{};
  std::uint64_t seq_{0};
};

double median_rate(const std::vector<QuotesRun>& runs) {
  std::vector<double> rates;
  for (const auto& r : runs) rates.push_back(static_cast<double>(r.quotes) / r.seconds);
  std::sort(rates.begin(), rates.end());
  return rates[rates.size() / 2];
}

}  // namespace

Result<std::vector<TapeRow>> read_tape(const std::string& path) {
  const auto bytes = io::read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  if (bytes->empty() || bytes->size() % kRowBytes != 0)
    return fail(path + ": is no tape: " + std::to_string(bytes->size()) + " bytes are not rows of 24");
  std::vector<TapeRow> tape(bytes->size() / kRowBytes);
  for (std::size_t i = 0; i < tape.size(); ++i) {
    const char* row = bytes->data() + i * kRowBytes;
    std::memcpy(&tape[i].ns, row, 8);
    std::int32_t fields[4];
    std::memcpy(fields, row + 8, 16);
    tape[i].bid = fields[0];
    tape[i].ask = fields[1];
    tape[i].bid_qty = fields[2];
    tape[i].ask_qty = fields[3];
    const TapeRow& r = tape[i];
    const bool sane = r.bid > 0 && r.ask > r.bid && r.ask < 100 && r.bid_qty > 0 && r.ask_qty > 0 && r.ns > 0 &&
                      (i == 0 || r.ns >= tape[i - 1].ns);
    if (!sane) return fail(path + ": row " + std::to_string(i + 1) + " is no quote, or earlier than the one before");
  }
  return tape;
}

Result<QuotesRun> run_quotes(const std::vector<TapeRow>& tape, bool journal, std::vector<double>* each_ns) {
  std::unique_ptr<io::JournalWriter> writer;
  if (journal) {
    auto made = io::JournalWriter::create(std::make_unique<Memory>(), {}, {.durable = false, .patient = true});
    if (!made) return tl::unexpected(made.error());
    writer = std::move(*made);
  }
  Run run{tape, writer.get()};
  const auto begin = Clock::now();
  for (const auto& row : tape) {
    if (each_ns == nullptr) {
      run.quote(row);
      continue;
    }
    const auto from = Clock::now();
    run.quote(row);
    each_ns->push_back(std::chrono::duration<double, std::nano>(Clock::now() - from).count());
  }
  QuotesRun out = run.end();
  if (writer) {
    if (const auto ok = writer->close(); !ok) return tl::unexpected(ok.error());
  }
  out.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  out.quotes = static_cast<std::int64_t>(tape.size());
  return out;
}

Result<Figures> quotes(const Input& input) {
  if (input.tape.empty()) return fail("needs --tape FILE, packed rows of ns, bid, ask, bid size, ask size");
  const auto tape = read_tape(input.tape);
  if (!tape) return tl::unexpected(tape.error());
  std::vector<QuotesRun> runs, journaled;
  std::vector<double> each;
  each.reserve(tape->size());
  // The first run warms up and gives the latencies; the rates are medians of the others.
  auto first = run_quotes(*tape, false, &each);
  if (!first) return tl::unexpected(first.error());
  for (int i = 0; i < (input.quick ? 1 : 5); ++i) {
    for (const bool journal : {false, true}) {
      auto run = run_quotes(*tape, journal);
      if (!run) return tl::unexpected(run.error());
      if (run->orders != first->orders || run->fills != first->fills) return fail("two runs of one tape differ");
      (journal ? journaled : runs).push_back(*run);
    }
  }
  Samples samples{each.size()};
  for (const double ns : each) samples.add(std::chrono::nanoseconds{static_cast<std::int64_t>(ns)});
  auto f = samples.figures();
  f.per_second = median_rate(runs);
  f.extra = {{"orders", static_cast<double>(first->orders)},
             {"fills", static_cast<double>(first->fills)},
             {"quotes", static_cast<double>(first->quotes)},
             {"quotes_per_s", std::floor(f.per_second)},
             {"quotes_per_s_journaled", std::floor(median_rate(journaled))},
             {"fees_dollars", first->fees.dollars()},
             {"cash_change_dollars", first->cash_change.dollars()}};
  return f;
}

}  // namespace voltage::app::bench
